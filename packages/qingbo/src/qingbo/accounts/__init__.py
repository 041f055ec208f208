"""People: accounts, roles, passwords, signing in.

Reads are in `queries`, changes in `registration`; views own the commit. Imports no other feature.
"""
