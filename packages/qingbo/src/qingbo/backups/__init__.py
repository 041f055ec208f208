"""Backups: the whole blog in one zip archive, and back, on any engine.

`making` writes an archive, `archive` and `manifest` read and verify one, `restoring` puts it into a blog. The database
is stored as one JSON-lines file per table; `values` says how each type is written. docs/reference/backups.md describes
the format.
"""
