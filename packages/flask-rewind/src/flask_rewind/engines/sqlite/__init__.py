"""SQLite: a table is its own CREATE TABLE text, changed in that text; rows move only where they must change."""
