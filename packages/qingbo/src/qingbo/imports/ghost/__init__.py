"""Importing Ghost: its JSON export, read in a stream, with the folder of its images.

`export_file` reads the file, `lexical` and `mobiledoc` make HTML of texts, with `cards` for what is no text, `entries`
decides what becomes of a post, and `importing` runs it.
"""
