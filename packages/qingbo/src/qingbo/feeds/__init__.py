"""Feeds of the public posts."""
