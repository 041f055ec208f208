"""The fixtures that the blog's tests share with `tests/promises`."""

from blogs import _quick_passwords, blog, mailing_blog, migrated

__all__ = ["_quick_passwords", "blog", "mailing_blog", "migrated"]
