"""Importing blogs. Folders of Markdown files: `markdown_folder` implements the command, `generators` knows the engines.

Other systems have a package each: `wordpress`, `ghost`, `typecho`, `blog2016`. What they share is in `systems`, and
`html` converts their texts. `report` is the result of every import, and `target` the blog that it writes to.
"""
