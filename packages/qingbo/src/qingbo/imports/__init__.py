"""Importing posts. Each format has a reader; `markdown_folder` implements the command."""
