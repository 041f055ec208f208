"""Addresses out of titles: Chinese becomes pinyin, read in context (重庆银行 → chong-qing-yin-hang)."""

MAX_LENGTH = 80


def load_dictionaries() -> None:
    """Load what Chinese titles are read with, as a server does before its first request; commands do not need it."""
    slug_of("青博")


def slug_of(title: str) -> str:
    """Return a readable address of ASCII letters, digits and hyphens; empty where the title has none of those."""
    from slugify import slugify

    return slugify(_romanised(title), max_length=MAX_LENGTH, word_boundary=True, save_order=True)


def numbered(slug: str, number: int) -> str:
    """Return the `number`-th of several addresses that would be the same."""
    return slug if number == 1 else f"{slug}-{number}"


def _romanised(title: str) -> str:
    if title.isascii():
        return title
    from pypinyin import lazy_pinyin  # 0.2 s and 20 MB: see `load_dictionaries`

    return " ".join(lazy_pinyin(title))
