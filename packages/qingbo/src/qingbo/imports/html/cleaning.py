"""Well-formed HTML with the elements that posts may contain, split into its top-level blocks."""

import re
from collections.abc import Iterator
from html import escape, unescape
from urllib.parse import urljoin

import nh3

from qingbo.rendering.characters import without_controls
from qingbo.rendering.elements import ATTRIBUTES, POST

BLOCKS = {"blockquote", "details", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table",
          "ul"}  # fmt: skip
VOID = {"br", "col", "hr", "img", "source", "wbr"}
_FRAMES = {"div", "section"}
"""Elements without a meaning of their own; at the top level their content stands alone."""

_TAG = re.compile(r'<(?P<end>/?)(?P<name>[a-z0-9]+)(?P<attributes>(?: [a-z-]+="[^"]*")*)>')
_LIKE_DIV = re.compile(
    r"<(/?)(?:address|article|aside|center|fieldset|footer|form|header|hgroup|main|nav)\b[^<>]*>", re.IGNORECASE
)
_OTHER_NAMES = {"strike": "s", "tt": "code"}
_OLD_NAME = re.compile(r"<(/?)(strike|tt)\b", re.IGNORECASE)
_LOST = re.compile(
    r"<(applet|button|canvas|embed|frameset|input|map|math|object|script|select|style|svg|textarea)\b", re.IGNORECASE
)
_FRAME = re.compile(r'<iframe(?: src="([^"]*)")?[^<>]*>.*?</iframe>', re.DOTALL)
_EMBEDDED = re.compile(r"""<img\b[^<>]*\bsrc\s*=\s*["']?data:""", re.IGNORECASE)
_RELATIVE = re.compile(
    r"""(<(?:img|source|audio|video)\b[^<>]*?\s(?:src|poster)\s*=\s*["'])(?!https?:|//|data:)([^"'<>]+)(["'])""",
    re.IGNORECASE,
)
_EMPTY = re.compile(r"(?:<[^<>]*>|\s|&nbsp;)*")


def cleaned(html: str) -> str:
    """Return well-formed HTML with known elements only; the content of unknown ones stays, except of scripts."""
    html = _LIKE_DIV.sub(r"<\1div>", without_controls(html))
    html = _OLD_NAME.sub(lambda found: f"<{found[1]}{_OTHER_NAMES[found[2].lower()]}", html)
    attributes = {**ATTRIBUTES, "iframe": {"src"}, "pre": {"class"}, "*": {"id", "lang", "title"}}
    return nh3.clean(
        html,
        tags=(POST - {"input"}) | {"iframe"},
        clean_content_tags={"script", "style"},
        attributes=attributes,
        link_rel=None,
        url_schemes={"http", "https", "mailto", "ftp", "tel"},
    )


def with_site(html: str, site: str) -> str:
    """Return HTML with whole addresses of pictures and players, which may be relative to the address of a site."""
    if not site:
        return html
    base = f"{site.rstrip('/')}/"
    return _RELATIVE.sub(lambda found: f"{found[1]}{escape(urljoin(base, unescape(found[2])))}{found[3]}", html)


def with_links(html: str) -> str:
    """Return cleaned HTML with a link in place of each frame: posts show no frames, but cards of links."""
    return _FRAME.sub(_link, html)


def _link(found: re.Match[str]) -> str:
    source = found[1] or ""
    address = f"https:{source}" if source.startswith("//") else source
    return f'<p><a href="{address}">{address}</a></p>' if address.startswith("http") else ""


def lost_elements(html: str) -> list[str]:
    """Return the names of elements in a text that `cleaned` leaves out with what they show."""
    names = dict.fromkeys(f"<{found[1].lower()}>" for found in _LOST.finditer(html))
    return [*names, *(["a picture inside the text (data:)"] if _EMBEDDED.search(html) else [])]


def blocks_of(html: str) -> Iterator[str]:
    """Yield the top-level blocks of cleaned HTML. Text that is in no block becomes a paragraph."""
    start = 0
    for begin, end, is_block in _borders(html):
        yield from _paragraph(html[start:begin])
        if is_block:
            yield from _whole(html[begin:end])
        start = end
    yield from _paragraph(html[start:])


def _borders(html: str) -> Iterator[tuple[int, int, bool]]:
    """Yield where each block at the top level begins and ends, and each tag of a frame there, which is no block."""
    open_names: list[str] = []
    begin = 0
    for found in _TAG.finditer(html):
        name = found["name"]
        if not open_names and name in {*_FRAMES, "hr"}:
            yield *found.span(), name == "hr"
        elif name in VOID:
            continue
        elif not found["end"] and (open_names or name in BLOCKS):
            begin = begin if open_names else found.start()
            open_names.append(name)
        elif found["end"] and open_names and open_names.pop() and not open_names:
            yield begin, found.end(), True


def _paragraph(inline: str) -> Iterator[str]:
    if not _EMPTY.fullmatch(inline) or re.search(r"<(?:img|iframe|video|audio)\b", inline):
        yield f"<p>{inline.strip()}</p>"


def _whole(block: str) -> Iterator[str]:
    """Yield a block, or its parts if it is a figure without a caption: a frame around a picture or a table."""
    if block.startswith("<figure") and "<figcaption" not in block:
        yield from blocks_of(re.sub(r"<(/?)figure\b[^<>]*>", r"<\1div>", block))
    elif block.startswith("<p") and _EMPTY.fullmatch(block) and not re.search(r"<(?:img|iframe|video|audio)\b", block):
        return
    else:
        yield block
