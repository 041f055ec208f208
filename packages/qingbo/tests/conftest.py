"""The fixtures that the blog's tests share with `tests/promises`."""

from blogs import _quick_passwords, blog, count_queries, mailing_blog, migrated, served_apps

__all__ = ["_quick_passwords", "blog", "count_queries", "mailing_blog", "migrated", "served_apps"]
