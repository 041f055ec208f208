"""Media in the HTML of posts: sizes, smaller pictures, players.

This happens when a page is shown, because it depends on the database; the stored HTML depends only on its text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape

from sqlalchemy.orm import Session

from qingbo.media.addresses import address_of, handle_in, handles_in
from qingbo.media.models import Kind, Media
from qingbo.media.queries import media_by_handle, picture_at
from qingbo.media.renditions import EXTENSIONS, renditions_of

_PICTURE = re.compile(r'<(/?)a(?=[ >])|<img((?: [a-z-]+="[^"]*")*)\s*/?>')
"""Also matches the begin and end of links: a picture inside a link does not get a link to itself."""
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')

SIZES = "(min-width: 48rem) 40.5rem, 100vw"
"""The displayed width of a picture in a text: the column of layout.css, else the window."""
SIZES_IN_GRIDS = "(min-width: 48rem) 21rem, 50vw"
LONGEST_ALT = 1000


WIDEST_IN_TEXT = 720
"""Width of the column in pixels; a wider picture links to its original."""


def decorated(
    session: Session,
    htmls: Sequence[str],
    *,
    eager: int | None = None,
    in_grid: bool = False,
    is_plain: bool = False,
    opens: bool = False,
) -> list[str]:
    """Return HTML with its media in their current state: sizes, smaller pictures, players. One query for all texts.

    Args:
        session: to read with.
        htmls: of the texts of a page, sanitized.
        eager: load the first picture at once if it is in one of the first `eager` texts (None: in any); others lazily.
        in_grid: whether several pictures are shown side by side.
        is_plain: leave out what only our own pages need; for feeds.
        opens: whether a large picture links to itself.
    """
    known = media_by_handle(session, handles_in(htmls))
    first = True
    result = []
    for number, html in enumerate(htmls):
        is_in_link = False
        first = first and (eager is None or number < eager)

        def shown(match: re.Match[str]) -> str:
            nonlocal first, is_in_link
            if match[1] is not None:
                is_in_link = not match[1]
                return match[0]
            attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(match[2])}
            is_first, first = first, False
            return _element(attributes, known, Place(is_first, in_grid, is_plain, opens and not is_in_link))

        result.append(_PICTURE.sub(shown, html))
    return result


def cover_html(session: Session, address: str, alt: str) -> str:
    """Return the HTML of the picture above a text, or an empty string."""
    if not address:
        return ""
    known = media_by_handle(session, handles_in([address]))
    return _element({"src": address, "alt": alt}, known, Place(is_first=True))


def picture_html(session: Session, address: str) -> str:
    """Return the HTML of an uploaded picture, or an empty string if there is none at the address."""
    media = picture_at(session, address)
    return _element({"src": address}, {media.handle: media}, Place(is_first=True)) if media else ""


@dataclass(frozen=True, slots=True)
class Place:
    """How a picture is shown."""

    is_first: bool = False
    in_grid: bool = False
    is_plain: bool = False
    opens: bool = False


def _element(attributes: dict[str, str], known: Mapping[str, Media], place: Place) -> str:
    handle = handle_in(attributes.get("src", ""))
    media = known.get(handle) if handle else None
    if not place.is_plain:
        attributes |= {"loading": "eager", "fetchpriority": "high"} if place.is_first else {"loading": "lazy"}
        attributes["decoding"] = "async"
    if media is None:
        return _tag("img", attributes)
    address, label = address_of(media), attributes.get("alt", "") or media.alt
    match media.kind:
        case Kind.PICTURE:
            return _picture(attributes | {"src": address, "alt": label}, media, place)
        case Kind.AUDIO | Kind.VIDEO:
            player = {"src": address, "controls": "", "preload": "metadata", "aria-label": label or media.name}
            return _tag(media.kind, player) + f"</{media.kind}>"
        case _:
            words = f"{label or media.name} ({media.extension[1:].upper()}, {_size(media.size)})"
            return f"{_tag('a', {'class': 'download', 'href': address, 'download': media.name})}{escape(words)}</a>"


def _picture(attributes: dict[str, str], media: Media, place: Place) -> str:
    attributes["alt"] = attributes["alt"][:LONGEST_ALT]
    if media.width and media.height:
        attributes |= {"width": str(media.width), "height": str(media.height)}
    if place.is_plain:
        return _tag("img", attributes)
    sources = "".join(_sources(media, SIZES_IN_GRIDS if place.in_grid else SIZES))
    blurred = ""
    if media.placeholder:
        tiny = {"class": "placeholder", "src": f"data:image/webp;base64,{media.placeholder}", "alt": ""}
        blurred = _tag("img", tiny)
    opens = place.opens and (place.in_grid or (media.width or 0) > WIDEST_IN_TEXT)
    if not (sources or blurred or opens):
        return _tag("img", attributes)
    picture = f"<picture>{sources}{_tag('img', attributes)}</picture>"
    if opens:
        name = {} if attributes["alt"] else {"aria-label": media.name}
        picture = f"{_tag('a', {'class': 'enlarge', 'href': attributes['src'], **name})}{picture}</a>"
    return f'<span class="framed">{blurred}{picture}</span>'


def _sources(media: Media, sizes: str) -> Iterator[str]:
    made = sorted(renditions_of(media), key=lambda each: each.width)
    for mimetype in EXTENSIONS:
        candidates = [f"{each.address(media)} {each.width}w" for each in made if each.mimetype == mimetype]
        if candidates:
            if mimetype == media.mimetype:
                candidates.append(f"{address_of(media)} {media.width}w")
            yield _tag("source", {"type": mimetype, "srcset": ", ".join(candidates), "sizes": sizes})


def _tag(name: str, attributes: Mapping[str, str]) -> str:
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>"


def _size(size: int) -> str:
    return f"{max(1, round(size / 1024))} kB" if size < 1024**2 else f"{size / 1024**2:.1f} MB"
