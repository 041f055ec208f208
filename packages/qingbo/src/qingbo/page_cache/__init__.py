"""Public pages in memory, served before Flask runs: never older than the last change, never a private page."""
