"""Bringing posts in from elsewhere. Each format is a reader; `markdown_folder` is the activity behind the command."""
