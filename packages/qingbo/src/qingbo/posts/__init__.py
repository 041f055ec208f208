"""Posts and their tags: writing them, finding them.

Reads are in `queries`, changes in `publishing`; views own the commit. Knows accounts, not comments.
"""
