"""Reasons to keep an imported file from the public. Pure functions.

If in doubt, a file is withheld: for example, if one of these keys has an unknown value.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import datetime, tzinfo
from pathlib import PurePath

from qingbo.imports.dates import parse_date
from qingbo.imports.metadata import Metadata, Value

HIDING = {"draft", "drafts", "isdraft", "hidden", "hide", "private", "isprivate", "unlisted", "headless", "secret",
          "encrypt", "encrypted", "expired", "unpublished",
          "草稿", "隐藏", "私密"}  # fmt: skip
"""Keys that withhold a file if they are true."""
SHOWING = {"published", "publish", "public", "ispublished", "ispublic", "visible"}
"""Keys that withhold a file if they are false."""
SECRETS = {"password", "passwd", "pwd", "passphrase", "密码"}
"""Keys that withhold a file if they have a value."""
STATES = {"status", "poststatus", "visibility"}
PUBLICATION = ("publishdate", "pubdate", "publishedat", "publishat", "publishon", "scheduled", "scheduledat")
EXPIRY = ("expirydate", "unpublishdate", "unpublished", "expires", "expiresat", "expire", "expiry", "expirationdate")
WITHHOLDING = HIDING | SHOWING | SECRETS | STATES | {*PUBLICATION, *EXPIRY, "build", "state"}
MAX_WORD = 1_000
"""Maximum length of a key or value in characters; the rest is ignored."""
NESTED = {"draft", "isdraft", "published", "publish", "private", "encrypted", *SECRETS}
"""Keys that also count inside another key. Others do not: `cover: {hidden: true}` is about a picture."""

TRUE = {"true", "yes", "on", "y", "t", "1", "是"}
FALSE = {"false", "no", "off", "n", "f", "0", "否"}
PUBLIC_STATES = {"publish", "published", "public", "live", "visible", "已发布", "公开"} | TRUE
DRAFT_WORDS = {
    "draft", "private", "hidden", "secret", "unlisted", "unpublished", "scheduled", "binned", "草稿", "私密",
}  # fmt: skip
DRAFT_FOLDERS = {"_drafts", "_draft", "drafts", "draft", "草稿", "草稿箱"}
PUBLIC_NAMES = {"_posts", "_post", "_index"}


def plain_key(key: str) -> str:
    """Return a key in lower case without separators: publishDate, publish_date and publish-date are the same."""
    return re.sub(r"[-_ ]", "", _visible(key))


def reasons_of_place(folder: PurePath, path: PurePath, public: Collection[str] = ()) -> list[str]:
    """Return why a file is withheld because of its folder or name.

    Args:
        folder: the imported folder, absolute.
        path: of the file in it.
        public: folders whose names begin with _, and that the site publishes.
    """
    above = [part for part in folder.parts[:-1] if part.casefold() == "_drafts"]
    for part in (*above, folder.name, *path.parts[:-1]):
        if part.casefold() in DRAFT_FOLDERS:
            return [f"it is in the folder {part}"]
    for part in (*path.parts[:-1], path.stem):
        if part.startswith("_") and part.casefold() not in PUBLIC_NAMES and part not in public:
            return [f"{part} begins with _, and Hexo and Jekyll publish no such file"]
    return []


def reasons_of(metadata: Metadata) -> list[str]:
    """Return why front matter withholds its text, apart from times."""
    reasons = []
    for key, value in metadata.values.items():
        reasons += _reasons(key, plain_key(key), value)
        if isinstance(value, dict):
            reasons += _nested(key, value)
        if plain_key(key) in SECRETS and key in metadata.commented:
            reasons.append(f"{key} has a value that begins with #, which YAML reads as a comment")
    for key, line in metadata.swallowed:
        if plain_key(key) in WITHHOLDING:
            reasons.append(f"{key} (line {line + 1} of the front matter) is indented, and so part of the value above")
    return reasons


def times_of(metadata: Metadata, keys: tuple[str, ...], zone: tzinfo) -> Iterator[datetime | str]:
    """Yield the time of each of these keys, or an error message."""
    for key, value in metadata.values.items():
        if (
            plain_key(key) not in keys
            or _words(value) <= FALSE | {""}
            or (key == "unpublished" and _words(value) <= TRUE)
        ):
            continue
        try:
            if moment := parse_date(value, zone):
                yield moment
        except ValueError:
            yield f"{key}: {_shown(value)} is no date"


def dates_of_publication(metadata: Metadata, zone: tzinfo) -> Iterator[datetime | str]:
    """Yield the times of publication in front matter, including `published: 2024-02-07`."""
    yield from times_of(metadata, PUBLICATION, zone)
    for key in ("published", "publish"):
        if _date_in(metadata.values.get(key), zone):
            yield from times_of(Metadata({key: metadata.values[key]}), (key,), zone)


def _reasons(key: str, plain: str, value: Value) -> list[str]:
    if value is None or value == "":
        return []
    if plain in SECRETS:
        return [f"it has a {key}"] if value not in ([], {}) else []
    if plain in STATES:
        return [] if _words(value) <= PUBLIC_STATES else [f"{key}: {_shown(value)}"]
    if plain in {"layout", "type", "state", "access", "permission"}:
        return [f"{key}: {_shown(value)}"] if _words(value) & DRAFT_WORDS else []
    if plain == "build":
        shown = [_words(value.get(each)) for each in ("render", "list")] if isinstance(value, dict) else []
        return [f"{key}: {_shown(value)}"] if any(words - TRUE - {"", "always"} for words in shown) else []
    return _switch(key, plain, value)


def _switch(key: str, plain: str, value: Value) -> list[str]:
    """Evaluate a boolean key."""
    if plain in HIDING:
        expected, other = FALSE, TRUE
    elif plain in SHOWING:
        expected, other = TRUE, FALSE
    else:
        return []
    words = _words(value)
    if words and words <= expected:
        return []
    if words & other:
        return [f"{key}: {_shown(value)}"]
    if plain in {"published", "publish", "unpublished"} and _date_in(value, None):
        return []
    return [f"{key}: {_shown(value)}, which is neither true nor false"]


def _nested(key: str, value: dict[str, Value]) -> list[str]:
    reasons = []
    for inner, each in value.items():
        if plain_key(inner) in NESTED and _reasons(inner, plain_key(inner), each):
            reasons.append(f"{key} has {inner}: {_shown(each)}")
    return reasons


def _words(value: Value) -> set[str]:
    """Return a value in lower case, as a set; for a list, all of its values."""
    if isinstance(value, list):
        return set().union(*map(_words, value)) if value else {"[]"}
    return {"" if value is None else _visible(str(value)).strip("\"'").strip()}


def _visible(text: str) -> str:
    """Return a word in lower case, with full-width letters converted and invisible characters removed."""
    text = unicodedata.normalize("NFKC", text[:MAX_WORD])
    return "".join(each for each in text if unicodedata.category(each) != "Cf").strip().casefold()


def _date_in(value: Value, zone: tzinfo | None) -> bool:
    try:
        return parse_date(value, zone) is not None
    except ValueError:
        return False


def _shown(value: Value) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
