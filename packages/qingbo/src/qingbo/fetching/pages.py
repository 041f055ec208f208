"""Metadata of a page: title, description, picture, site name. Limited in length, as plain text on one line each."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from qingbo.fetching.fetcher import Fetched

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 300
SITE_LENGTH = 80
ADDRESS_LENGTH = 2000

# html.parser, which BeautifulSoup uses, took 6 seconds and more for 100 kB of some hostile pages, and four times that
# for twice the size. Only two elements are needed, so this module reads them once, from left to right.
MOST_TAGS = 500
"""How many of these elements are read."""
TAG_LENGTH = 10_000
VALUE_LENGTH = 4000
"""Of an attribute's raw value; `unescape` fails on numbers of 4,300 digits."""

_MARK = re.compile(r"<(?:(!--)|(script|style|template|noscript|svg)(?=[\s/>])|(meta|title)(?=[\s/>]))", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""[\s/]*+([^\s"'>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++)))?+""",
)
_TITLES = ("og:title", "twitter:title", "<title>")
_DESCRIPTIONS = ("og:description", "twitter:description", "description")
_PICTURES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
_SITES = ("og:site_name", "application-name")

# The names that pages use (https://encoding.spec.whatwg.org), with Python's codecs. Other names are not passed to
# Python, because some of its codecs are not character sets.
_CODECS = {
    "utf-8": "utf-8", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "utf-16": "utf-16", "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be", "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "x-gbk": "gb18030",
    "gb_2312-80": "gb18030", "hz-gb-2312": "hz", "big5": "big5hkscs", "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp", "euc-kr": "cp949", "ks_c_5601-1987": "cp949",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "koi8-r": "koi8_r",
    "koi8-u": "koi8_u", "macintosh": "mac_roman", "tis-620": "cp874", "windows-874": "cp874",
    **{f"iso-8859-{number}": f"iso8859_{number}" for number in range(2, 17) if number != 12},
    **{f"windows-{number}": f"cp{number}" for number in range(1250, 1259)},
}  # fmt: skip
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})", re.IGNORECASE)

_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]+"
)
"""Control, bidirectional and invisible characters."""


@dataclass(frozen=True, slots=True)
class Page:
    """Metadata of a page; missing values are empty."""

    title: str = ""
    description: str = ""
    site_name: str = ""
    picture: str = ""
    """The address of a picture, by http or https."""


def read_page(fetched: Fetched) -> Page:
    """Return a page's metadata from Open Graph, Twitter cards, or plain HTML, in this order."""
    said = _said(decoded(fetched.body, fetched.charset))

    def first(names: tuple[str, ...], length: int) -> str:
        return next((found for name in names if (found := plain(said.get(name, ""), length))), "")

    return Page(
        first(_TITLES, TITLE_LENGTH),
        first(_DESCRIPTIONS, DESCRIPTION_LENGTH),
        first(_SITES, SITE_LENGTH),
        next((found for name in _PICTURES if (found := _address(fetched.address, said.get(name, "")))), ""),
    )


def _said(text: str) -> dict[str, str]:
    """Return the first value of each metadata name, and the title as ``<title>``."""
    said: dict[str, str] = {}
    for count, (tag, start) in enumerate(_tags(text)):
        if count == MOST_TAGS:
            break
        if tag == "title":
            name, value = "<title>", text[text.find(">", start) + 1 :][:VALUE_LENGTH].partition("</")[0]
        else:
            attributes = _attributes(text[start : start + TAG_LENGTH])
            name = (attributes.get("property") or attributes.get("name") or "").strip().lower()
            value = attributes.get("content", "")
        if value:
            said.setdefault(name, unescape(value[:VALUE_LENGTH]))
    return said


def _tags(text: str) -> Iterator[tuple[str, int]]:
    """Yield the relevant tags, and the position after each tag's name."""
    place = 0
    while found := _MARK.search(text, place):
        comment, element, tag = found.groups()
        place = found.end()
        if tag:
            yield tag.lower(), place
        else:
            end = re.compile("-->" if comment else f"</{element}", re.IGNORECASE).search(text, place)
            if end is None:
                return
            place = end.end()


def _attributes(text: str) -> dict[str, str]:
    attributes: dict[str, str] = {}
    place = 0
    while found := _ATTRIBUTE.match(text, place):
        place = found.end()
        attributes.setdefault(found[1].lower(), found[2] or found[3] or found[4] or "")
    return attributes


def read_oembed(fetched: Fetched) -> Page:
    """Return the metadata of a video from a video site's JSON (https://oembed.com)."""
    try:
        said = json.loads(fetched.body)
    except (ValueError, RecursionError):
        return Page()
    if not isinstance(said, dict):
        return Page()
    words = {name: value for name, value in said.items() if isinstance(value, str)}
    return Page(
        title=plain(words.get("title", ""), TITLE_LENGTH),
        description=plain(words.get("author_name", ""), DESCRIPTION_LENGTH),
        site_name=plain(words.get("provider_name", ""), SITE_LENGTH),
        picture=_address(fetched.address, words.get("thumbnail_url", "")),
    )


def decoded(body: bytes, charset: str) -> str:
    """Decode a page by its byte order mark, its header or its meta element; else try UTF-8, GB18030 and cp1252."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    found = _META_CHARSET.search(body[:4096])
    said = _CODECS.get(charset.lower()) or _CODECS.get(found[1].decode().lower() if found else "")
    if said:
        # A meta element that is readable as ASCII contradicts UTF-16, whatever it names.
        return body.decode("utf-8" if found and said.startswith("utf-16") else said, "replace")
    for codec in ("utf-8", "gb18030"):
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    return body.decode("cp1252", "replace")


def plain(text: str, length: int) -> str:
    """Return a text on one line, without invisible characters, shortened to `length`."""
    line = " ".join(_UNSEEN.sub(" ", text[: 8 * length]).split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def _address(page: str, found: str) -> str:
    try:
        address = urljoin(page, found.strip()) if found.strip() else ""
        parts = urlsplit(address)
    except ValueError:
        return ""
    is_web = parts.scheme in {"http", "https"} and bool(parts.netloc) and len(address) <= ADDRESS_LENGTH
    return address if is_web and not _UNSEEN.search(address) and " " not in address else ""
