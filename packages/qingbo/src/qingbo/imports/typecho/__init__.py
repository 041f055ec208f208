"""Importing Typecho from its database.

`tables` names what is read, `options` reads its settings, `entries` makes values of the rows, `importing` runs it.
"""
