"""People: accounts, roles, passwords, signing in.

Reads are in `queries`, changes in `registration`; views commit. Imports no other feature.
"""
