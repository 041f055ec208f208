"""Fixtures shared with the blog's tests."""

from blogs import _quick_passwords, blog, count_queries, migrated, served_apps

__all__ = ["_quick_passwords", "blog", "count_queries", "migrated", "served_apps"]
