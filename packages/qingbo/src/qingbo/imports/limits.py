"""Fits what files contain into the limits of posts, instead of leaving the files out."""

from collections.abc import Sequence

from qingbo.accounts.names import clean, key_of
from qingbo.imports.doubts import Doubt
from qingbo.posts.models import TAG_LENGTH, TAGS_PER_POST
from qingbo.rendering.characters import on_one_line
from qingbo.rendering.languages import NAMES

MOST_NAMED = 5
_LANGUAGES = {"zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant"}


def fitting_tags(tags: Sequence[str]) -> tuple[list[str], list[Doubt]]:
    """Return the tags that a post can have, and doubts about the others."""
    unique = {key_of(tag): tag for tag in map(clean, map(on_one_line, tags)) if tag}
    short = [tag for key, tag in unique.items() if max(len(key), len(tag)) <= TAG_LENGTH]
    doubts = []
    if long := [tag for tag in unique.values() if tag not in short]:
        doubts.append(Doubt(f"tags longer than {TAG_LENGTH} characters were left out: {_named(long)}"))
    if more := short[TAGS_PER_POST:]:
        doubts.append(Doubt(f"only the first {TAGS_PER_POST} tags were kept, without {_named(more)}"))
    return short[:TAGS_PER_POST], doubts


def language_tag(written: str) -> str:
    """Return the language that a post can have for one in front matter, or an empty string to detect it."""
    plain = written.strip().replace("_", "-").lower()
    tags = {tag.lower(): tag for tag in NAMES} | _LANGUAGES
    return tags.get(plain) or tags.get("-".join(plain.split("-")[:2])) or tags.get(plain.partition("-")[0], "")


def _named(tags: Sequence[str]) -> str:
    shown = ", ".join(f"“{tag[:60]}”" for tag in tags[:MOST_NAMED])
    return f"{shown} and {len(tags) - MOST_NAMED} more" if len(tags) > MOST_NAMED else shown
