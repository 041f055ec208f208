"""The names of files and folders in our own export, for the program that writes them and the one that reads them."""

FORMAT = 1
"""Of the export. It is raised when an older import would misread it."""
CONTENTS = "qingbo.json"
"""What no single post contains. Only our export has this file."""
COMMENTS = "comments.json"
POSTS, PAGES, MEDIA = "posts", "pages", "static/media"
