"""Full-text search: tokens of texts and queries, and SQL for each engine's full-text index."""
