"""Pictures and files: uploading, storing by content, showing.

Imported by `posts`: posts record which media they use, media know nothing of posts. `site.media` decides who sees one.
"""
