"""What the imports of other systems share: people, entries, comments, files, old addresses, and how they are written.

A system's reader makes the values in `items`; `importing` writes them with the modules beside it. An import can run
again: `origins` knows what an earlier one brought.
"""
