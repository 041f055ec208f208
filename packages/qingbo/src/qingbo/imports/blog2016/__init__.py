"""Importing the light blog of 2016 (blog-web-application) from its database, at any of its three revisions.

`tables` names what is read, `entries` makes values of the rows, and `importing` runs it.
"""
