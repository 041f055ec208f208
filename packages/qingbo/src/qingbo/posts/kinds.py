"""The kinds of posts (轻博客), and their conversion to Markdown, from which pages, feeds and excerpts are made.

A page, such as /about, is a post that is in no list; see `states`.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlsplit

from flask_babel import gettext as _

from qingbo.errors import InputRefused
from qingbo.media.addresses import handle_in

ARTICLE, NOTE, PHOTOS, QUOTE, LINK, PAGE = KINDS = ("article", "note", "photos", "quote", "link", "page")

ADDRESS_LENGTH = 2000
SOURCE_LENGTH = 1000
MOST_PICTURES = 100
ALT_LENGTH = 500
PICTURES_LENGTH = MOST_PICTURES * (ADDRESS_LENGTH + 200)

_SPACE = re.compile(r"[\s<>\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class Parts:
    """Fields of certain kinds besides the text. A post keeps those of other kinds, because its kind may change back."""

    source: str = ""
    """Of a quote: the person or work. Markdown."""
    link: str = ""
    """Of a link: its address."""
    pictures: str = ""
    """Of photos: on each line an address, and after it a description."""
    cover: str = ""
    """Of an article or a page: the address of the picture above it."""
    cover_alt: str = ""
    """The description of that picture."""

    @classmethod
    def read(cls, text: str | None) -> "Parts":
        """Parse the result of `str`."""
        values: dict[str, str] = json.loads(text) if text else {}
        return cls(**{name: value for name, value in values.items() if name in cls.__dataclass_fields__})

    def __str__(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    def listed_pictures(self) -> Iterator[tuple[str, str]]:
        """Yield address and description of each picture."""
        for line in filter(None, map(str.strip, self.pictures.splitlines())):
            address, _space, description = line.partition(" ")
            yield address, description.strip()


def checked_parts(kind: str, parts: Parts) -> Parts:
    """Return the parts as they are stored.

    Raises:
        InputRefused: if a required part is missing, or one is invalid.
    """
    parts = Parts(**{name: value.strip() for name, value in asdict(parts).items()})
    parts = replace(parts, pictures="\n".join(" ".join(each).strip() for each in parts.listed_pictures()))
    if len(parts.source) > SOURCE_LENGTH:
        raise InputRefused(_("The source can have up to %(most)s characters.", most=SOURCE_LENGTH))
    if len(parts.pictures) > PICTURES_LENGTH:
        raise InputRefused(_("A post can have up to %(most)s images.", most=MOST_PICTURES))
    if kind == LINK and not is_address(parts.link):
        raise InputRefused(_("A link needs a URL that starts with http:// or https://."))
    if parts.cover and not is_picture_address(parts.cover):
        raise InputRefused(_("“%(address)s” isn’t a valid image URL.", address=parts.cover[:80]))
    if len(parts.cover_alt) > ALT_LENGTH:
        raise InputRefused(_("The cover image description can have up to %(most)s characters.", most=ALT_LENGTH))
    if kind == PHOTOS:
        _check_pictures(list(parts.listed_pictures()))
    return parts


def _check_pictures(pictures: Sequence[tuple[str, str]]) -> None:
    if not pictures:
        raise InputRefused(_("A photo post needs at least one image."))
    if len(pictures) > MOST_PICTURES:
        raise InputRefused(_("A post can have up to %(most)s images.", most=MOST_PICTURES))
    for address, _description in pictures:
        if not is_picture_address(address):
            raise InputRefused(_("“%(address)s” isn’t a valid image URL.", address=address[:80]))


def is_picture_address(text: str) -> bool:
    """Return whether a text is the address of a picture, on the web or among the blog's files."""
    return len(text) <= ADDRESS_LENGTH and (handle_in(text) is not None or is_address(text))


def is_address(text: str) -> bool:
    """Return whether a text is a web address that is safe in Markdown."""
    if len(text) > ADDRESS_LENGTH or _SPACE.search(text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def markdown_of(kind: str, text: str, parts: Parts) -> str:
    """Return a whole post as Markdown."""
    if kind == QUOTE:
        quoted = "\n".join(f"> {line}".rstrip() for line in text.splitlines())
        return f"{quoted}\n>\n> — {' '.join(parts.source.split())}" if parts.source else quoted
    if kind == LINK and parts.link:
        return f"[{_escaped(_short(parts.link))}](<{parts.link}>)\n\n{text}"
    if kind == PHOTOS:
        pictures = [f"![{_escaped(description)}](<{address}>)" for address, description in parts.listed_pictures()]
        return "\n\n".join(["\n".join(pictures), text])
    return text


def lines_before_text(kind: str, parts: Parts) -> int:
    """Return how many lines `markdown_of` writes above the text."""
    return 0 if kind == QUOTE else markdown_of(kind, "", parts).count("\n")


def with_link_as_card(kind: str, html: str) -> str:
    """Return the HTML of a post; in a link post, mark its link to be shown as a card."""
    return html.replace("<p><a ", '<p class="card-link"><a ', 1) if kind == LINK and html.startswith("<p><a ") else html


def _short(address: str) -> str:
    """Return an address without https://, www. and the final slash."""
    return address.partition("://")[2].removeprefix("www.").rstrip("/")[:80]


def _escaped(words: str) -> str:
    return re.sub(r"([\\\[\]*_`<>~$=])", r"\\\1", words)
