"""Posts and their tags: writing and finding them.

Reads are in `queries`, changes in `publishing`; views commit. Imports accounts, but not comments.
"""
