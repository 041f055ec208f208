"""Views of posts: counting readers without identifying them, and reading the counts.

Start with `counting`. A view is one reader, one post, one day; docs/reference/statistics.md lists what is stored.
"""
