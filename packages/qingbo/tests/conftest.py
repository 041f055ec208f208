"""The fixtures that the blog's tests share with `tests/promises`."""

from blogs import blog, migrated

__all__ = ["blog", "migrated"]
