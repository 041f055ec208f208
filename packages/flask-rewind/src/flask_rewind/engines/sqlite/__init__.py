"""SQLite: tables are changed in the text of their CREATE TABLE statements; rows only move if they must change."""
