"""The fixtures that these tests share with the blog's own."""

from blogs import blog, count_queries, migrated

__all__ = ["blog", "count_queries", "migrated"]
