"""Parse SQL text: of scripts, of the engines' catalogs, of Rewind itself. Pure.

Nothing here queries a database.
"""
