"""Pure text work: Markdown to clean HTML, slugs, excerpts. No Flask, no database, nothing of the other packages."""

VERSION = 5
"""Raise it when the same text gives other HTML than before: what is stored is then made again."""
