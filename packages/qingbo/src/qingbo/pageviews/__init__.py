"""Views of posts: counting readers without knowing them, and reading the counts.

Begin with `counting`. A view is one reader, one post, one day; docs/reference/statistics.md says what is kept.
"""
