"""Importing WordPress: its export file (WXR), read in a stream.

`export_file` reads the file, `shortcodes` and `editor_blocks` make plain HTML of a text, `entries`
decides what becomes of an item, and `importing` runs it.
"""
