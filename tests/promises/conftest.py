"""The fixtures that these tests share with the blog's own."""

from blogs import _quick_passwords, blog, count_queries, migrated, served_apps

__all__ = ["_quick_passwords", "blog", "count_queries", "migrated", "served_apps"]
