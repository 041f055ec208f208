"""Pictures and files: taken in, stored by content, shown.

Below `posts`: a post says which media it uses, media know nothing of posts. Who may see one is decided in `site.media`.
"""
