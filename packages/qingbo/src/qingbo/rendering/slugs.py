"""Slugs from titles: Chinese becomes pinyin, read in context (重庆银行 → chong-qing-yin-hang)."""

import re

MAX_LENGTH = 80

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)


def slug_of(title: str) -> str:
    """Return a readable slug of ASCII letters, digits and hyphens; empty if the title gives none."""
    from slugify import slugify

    return slugify(_romanised(title), max_length=MAX_LENGTH, word_boundary=True, save_order=True)


def is_slug(text: str) -> bool:
    """Return whether a text is a slug already; one with a number may be longer than `slug_of` makes them."""
    return len(text) <= MAX_LENGTH + 20 and _SLUG.fullmatch(text) is not None


def numbered(slug: str, number: int) -> str:
    """Return the `number`-th variant of a slug."""
    return slug if number == 1 else f"{slug}-{number}"


def _romanised(title: str) -> str:
    if title.isascii():
        return title
    from pypinyin import lazy_pinyin  # 0.2 s and 50 MB; loaded only for Chinese titles

    return " ".join(lazy_pinyin(title))
