"""Text functions: Markdown to sanitized HTML, slugs, excerpts. No Flask, no database, no other package of the app."""

VERSION = 5
"""Increase it when the same text gives different HTML; stored HTML is then made again."""
