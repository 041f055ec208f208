"""Everything that Rewind does differently on one database engine: a folder for each, with the same file names.

`registry` says which engine a connection has; the modules beside it hold what all engines share. Nothing here knows
of revisions or commands.
"""
