"""Everything that Rewind does differently on each database engine: one folder per engine, with the same file names.

`registry` finds the engine of a connection. The other modules in this folder are shared by all engines. Nothing here
depends on revisions or commands.
"""
