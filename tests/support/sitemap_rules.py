"""The rules of sitemaps.org: each returns what is wrong with a document."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
MOST_ADDRESSES, MOST_BYTES = 50_000, 52_428_800

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?")


def addresses_in(document: bytes) -> list[str]:
    """Return the addresses of a sitemap, or of the files of an index."""
    return [element.text or "" for element in ElementTree.fromstring(document).iter(f"{NAMESPACE}loc")]


def is_index(document: bytes) -> bool:
    """Return whether a document is an index of sitemaps."""
    return ElementTree.fromstring(document).tag == f"{NAMESPACE}sitemapindex"


def sitemap_problems(document: bytes, address: str) -> list[str]:
    """Return what is wrong with a sitemap of the site at an address, or with an index."""
    return list(_problems(document, address))


def _problems(document: bytes, address: str) -> Iterator[str]:
    document.decode("utf-8")
    root = ElementTree.fromstring(document)
    element = {f"{NAMESPACE}urlset": "url", f"{NAMESPACE}sitemapindex": "sitemap"}.get(root.tag, "")
    if not element or any(child.tag != f"{NAMESPACE}{element}" for child in root):
        yield f"root {root.tag} has {sorted({child.tag for child in root})}"
    if not 0 < len(root) <= MOST_ADDRESSES or len(document) > MOST_BYTES:
        yield f"{len(root)} addresses in {len(document)} bytes"
    found = addresses_in(document)
    if len(found) != len(root) or len(set(found)) < len(found):
        yield "an element without an address, or an address twice"
    for each in found:
        # Of one host, escaped as an address, shorter than 2,048 characters.
        if (
            not each.startswith(f"{address}/")
            or len(each) >= 2048
            or not each.isascii()
            or re.search(r"[\s<>\"]", each)
        ):
            yield f"address {each!r}"
    for date in root.iter(f"{NAMESPACE}lastmod"):
        if not _DATE.fullmatch(date.text or ""):
            yield f"date {date.text!r}"
