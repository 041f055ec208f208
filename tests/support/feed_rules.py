"""The specifications of feeds as rules: each returns what is wrong with a document.

RFC 4287 (Atom), RSS 2.0 with the advice of the RSS Advisory Board, JSON Feed 1.1.
"""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
DC = "{http://purl.org/dc/elements/1.1/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

Problems = Iterator[str]

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_RFC_822 = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r" \d\d:\d\d:\d\d (?:GMT|[+-]\d{4})"
)
_IRI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>\"]+")
_TAG = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{1,8})*")
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")


class Links(HTMLParser):
    """Collects the addresses in HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"href", "src", "poster", "cite"} and value:
                self.found.append(value)
            elif name == "srcset" and value:
                self.found.extend(each.split()[0] for each in value.split(","))


def atom_problems(document: bytes) -> list[str]:
    """Return what is wrong with an Atom feed, each rule by its section of RFC 4287."""
    feed = ElementTree.fromstring(document)
    return [f"Atom {problem}" for rule in ATOM_RULES for problem in rule(feed)]


def rss_problems(document: bytes) -> list[str]:
    """Return what is wrong with an RSS feed."""
    root = ElementTree.fromstring(document)
    return [f"RSS {problem}" for rule in RSS_RULES for problem in rule(root)]


def json_problems(document: bytes) -> list[str]:
    """Return what is wrong with a JSON feed."""
    feed = json.loads(document.decode())
    return [f"JSON {problem}" for rule in JSON_RULES for problem in rule(feed)]


def htmls_in(document: bytes) -> list[str]:
    """Return the HTML that a feed of any format has of its entries."""
    if document.startswith(b"{"):
        return [item.get("content_html", "") for item in json.loads(document)["items"]]
    root = ElementTree.fromstring(document)
    return [each.text or "" for tag in (f"{ATOM}content", CONTENT, "description") for each in root.iter(tag)]


def addresses_in(document: bytes) -> set[str]:
    """Return all addresses in a feed: of itself, of its entries, and in their HTML."""
    found = {each for html in htmls_in(document) for each in Links(html).found}
    if document.startswith(b"{"):
        return found | set(_addresses_in_json(json.loads(document)))
    for element in ElementTree.fromstring(document).iter():
        found.update(value for name in ("href", "url") if (value := element.get(name)))
        if element.tag in {"link", f"{ATOM}uri"} and element.text:
            found.add(element.text)
    return found


def _addresses_in_json(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name in {"url", "home_page_url", "feed_url", "image", "avatar", "icon"}:
                yield each
            else:
                yield from _addresses_in_json(each)
    elif isinstance(value, list):
        for each in value:
            yield from _addresses_in_json(each)


def _once(element: ElementTree.Element, *tags: str) -> Problems:
    for tag in tags:
        if len(element.findall(tag)) != 1:
            yield f"{element.tag} has {len(element.findall(tag))} {tag}"
        elif not (element.findtext(tag) or "").strip():
            yield f"{element.tag}: {tag} is empty"


def _atom_feed(feed: ElementTree.Element) -> Problems:
    """4.1.1: a feed has one id, one title and one updated, and a link to itself; authors may be in its entries."""
    if feed.tag != f"{ATOM}feed":
        yield f"root is {feed.tag}"
    yield from _once(feed, f"{ATOM}id", f"{ATOM}title", f"{ATOM}updated")
    if len([link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]) != 1:
        yield "has no link to itself"


def _atom_entries(feed: ElementTree.Element) -> Problems:
    """4.1.2: an entry has one id, title and updated, an author, and content or a link to what has it."""
    for entry in feed.findall(f"{ATOM}entry"):
        yield from _once(entry, f"{ATOM}id", f"{ATOM}title", f"{ATOM}updated", f"{ATOM}published")
        if not entry.findall(f"{ATOM}author/{ATOM}name"):
            yield "entry has no author"
        alternates = [link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
        if len(alternates) != 1:
            yield f"entry has {len(alternates)} alternate links"
        if len(entry.findall(f"{ATOM}content")) + len(entry.findall(f"{ATOM}summary")) != 1:
            yield "entry has neither content nor summary, or both"


def _atom_ids(feed: ElementTree.Element) -> Problems:
    """4.2.6: an id is an IRI with a scheme, and no two things of a feed have the same."""
    ids = [element.text or "" for element in feed.iter(f"{ATOM}id")]
    yield from (f"id {each!r} is no IRI" for each in ids if not _IRI.fullmatch(each))
    if len(set(ids)) < len(ids):
        yield "has an id twice"


def _atom_dates(feed: ElementTree.Element) -> Problems:
    """3.3 and 4.2.15: dates as RFC 3339 writes them; nothing was updated before it was published."""
    for tag in ("updated", "published"):
        for element in feed.iter(f"{ATOM}{tag}"):
            if not _RFC_3339.fullmatch(element.text or ""):
                yield f"{tag} {element.text!r}"
    for entry in feed.findall(f"{ATOM}entry"):
        published, updated = (entry.findtext(f"{ATOM}{tag}") or "" for tag in ("published", "updated"))
        if datetime.fromisoformat(updated) < datetime.fromisoformat(published):
            yield "updated before it was published"


def _atom_links(feed: ElementTree.Element) -> Problems:
    """4.2.7: a link has an address, ours a whole one; a length is a number, a type a media type."""
    for link in feed.iter(f"{ATOM}link"):
        if not _IRI.fullmatch(link.get("href", "")):
            yield f"link {link.get('href')!r}"
        if not (link.get("length", "0").isdecimal() and _TYPE.fullmatch(link.get("type", "text/html"))):
            yield f"link with {link.attrib}"


def _atom_words(feed: ElementTree.Element) -> Problems:
    """2, 4.1.3, 4.2.2: languages are tags, categories have a term, HTML is escaped and has whole addresses."""
    for element in feed.iter():
        if LANG in element.attrib and not _TAG.fullmatch(element.get(LANG, "")):
            yield f"language {element.get(LANG)!r}"
    for category in feed.iter(f"{ATOM}category"):
        if not category.get("term"):
            yield "category without a term"
    for content in feed.iter(f"{ATOM}content"):
        if content.get("type") != "html" or len(content):
            yield "content is not escaped HTML"
        yield from _relative_addresses(content.text or "")


def _rss_channel(root: ElementTree.Element) -> Problems:
    """RSS 2.0: one channel with title, link and description; the advice: a link to itself, unique guids."""
    if (root.tag, root.get("version"), len(root.findall("channel"))) != ("rss", "2.0", 1):
        yield f"root is {root.tag} {root.attrib}"
    (channel,) = root.findall("channel")
    yield from _once(channel, "title", "link", "description", "language")
    if [link.get("rel") for link in channel.findall(f"{ATOM}link")] != ["self"]:
        yield "has no link to itself"
    guids = [each.text for each in root.iter("guid")]
    if len(set(guids)) < len(guids):
        yield "has a guid twice"


def _rss_items(root: ElementTree.Element) -> Problems:
    """RSS 2.0: an item has a title or a description; ours have a guid, a link, a date and a writer besides."""
    for item in root.iter("item"):
        yield from _once(item, "link", "guid", "pubDate", "description", f"{DC}creator")
        if len(item.findall("title")) > 1 or any(not (each.text or "").strip() for each in item.findall("title")):
            yield "item has an empty title, or two"
        if item.find("author") is not None:  # the specification wants an e-mail address in it
            yield "item has an author"
        yield from (f"guid {each.text!r}" for each in item.findall("guid") if each.get("isPermaLink") != "false")
        yield from ("empty category" for each in item.findall("category") if not (each.text or "").strip())


def _rss_dates(root: ElementTree.Element) -> Problems:
    """RSS 2.0: dates as RFC 822 writes them, with a year of four digits."""
    for tag in ("pubDate", "lastBuildDate"):
        for element in root.iter(tag):
            if not _RFC_822.fullmatch(element.text or ""):
                yield f"{tag} {element.text!r}"
            parsedate_to_datetime(element.text or "")


def _rss_enclosures(root: ElementTree.Element) -> Problems:
    """RSS 2.0: an enclosure has url, length and type; the advice: at most one for each item."""
    for item in root.iter("item"):
        enclosures = item.findall("enclosure")
        if len(enclosures) > 1:
            yield "item has several enclosures"
        for each in enclosures:
            if not (_IRI.fullmatch(each.get("url", "")) and each.get("length", "").isdecimal()):
                yield f"enclosure {each.attrib}"
            if not _TYPE.fullmatch(each.get("type", "")):
                yield f"enclosure {each.attrib}"


def _rss_addresses(root: ElementTree.Element) -> Problems:
    """The advice: links begin with a scheme, also those in HTML."""
    yield from (f"link {each.text!r}" for each in root.iter("link") if not _IRI.fullmatch(each.text or ""))
    for tag in ("description", CONTENT):
        for element in root.iter(tag):
            yield from _relative_addresses(element.text or "")


def _json_feed(feed: Any) -> Problems:
    """JSON Feed 1.1: version, title and items are required; addresses are whole; no two items have the same id."""
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield f"version {feed.get('version')!r}"
    if not feed.get("title") or not isinstance(feed.get("items"), list):
        yield "has no title or no items"
    for name in ("home_page_url", "feed_url"):
        if not _IRI.fullmatch(feed.get(name, "")):
            yield f"{name} {feed.get(name)!r}"
    if not _TAG.fullmatch(feed.get("language", "")):
        yield f"language {feed.get('language')!r}"
    ids = [item.get("id") for item in feed["items"]]
    if len(set(ids)) < len(ids) or not all(isinstance(each, str) and each for each in ids):
        yield "has an id twice, or one that is no text"


def _json_items(feed: Any) -> Problems:
    """JSON Feed 1.1: an item has content as HTML or as text, dates of RFC 3339, authors as a list; nothing is empty."""
    for item in feed["items"]:
        if not (item.get("content_html") or item.get("content_text")):
            yield "item without content"
        for name in ("date_published", "date_modified"):
            if not _RFC_3339.fullmatch(item.get(name, "")):
                yield f"{name} {item.get(name)!r}"
        if not (isinstance(item["authors"], list) and all(each.get("name") for each in item["authors"])):
            yield "item without authors"
        yield from (f"{name} is empty" for name, value in item.items() if value in ("", None, []))
        yield from _relative_addresses(item.get("content_html", ""))
        for name in {"url", "image"} & item.keys():
            if not _IRI.fullmatch(item[name]):
                yield f"{name} {item[name]!r}"


def _json_attachments(feed: Any) -> Problems:
    """JSON Feed 1.1: an attachment has url and mime_type; a size is a number."""
    for item in feed["items"]:
        for each in item.get("attachments", []):
            if not (_IRI.fullmatch(each["url"]) and _TYPE.fullmatch(each["mime_type"])):
                yield f"attachment {each}"
            if not isinstance(each["size_in_bytes"], int):
                yield f"attachment {each}"


def _relative_addresses(html: str) -> Problems:
    yield from (f"relative address {each!r}" for each in Links(html).found if not _IRI.match(each))


ATOM_RULES: list[Callable[[ElementTree.Element], Problems]] = [
    _atom_feed, _atom_entries, _atom_ids, _atom_dates, _atom_links, _atom_words,
]  # fmt: skip
RSS_RULES: list[Callable[[ElementTree.Element], Problems]] = [
    _rss_channel, _rss_items, _rss_dates, _rss_enclosures, _rss_addresses,
]  # fmt: skip
JSON_RULES: list[Callable[[Any], Problems]] = [_json_feed, _json_items, _json_attachments]
PROBLEMS = {"atom": atom_problems, "rss": rss_problems, "json": json_problems}
"""By the end of the address of a feed."""
