"""SQL text that is read: of scripts, of the catalogs of engines, of what Rewind writes itself. Pure.

Nothing here asks a database; what a text means to one is for its callers.
"""
