"""The body of a post's Markdown file, in which other programs see the whole post, and its way back to the fields."""

import re
from dataclasses import replace

from qingbo.posts.kinds import LINK, PHOTOS, QUOTE, Parts, markdown_of

_LABEL = r"(?:\\.|[^\\\]\n])*"
_LINK = re.compile(rf"\[{_LABEL}\]\(<([^<>\s]+)>\)")
_PICTURE = re.compile(rf"!\[({_LABEL})\]\(<([^<>\n]+)>\)")
_ESCAPE = re.compile(r"\\([\\\[\]*_`<>~$=])")
_SOURCE = re.compile(r"\n>\n> — (?P<source>[^\n]*)\Z")


def body_of(kind: str, text: str, parts: Parts) -> str:
    """Return a whole post as Markdown, like `markdown_of`, but with the spaces at the ends of quoted lines."""
    if kind != QUOTE:
        return markdown_of(kind, text, parts)
    quoted = "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))
    return f"{quoted}\n>\n> — {' '.join(parts.source.split())}" if parts.source else quoted


def read_body(kind: str, body: str, parts: Parts) -> tuple[str, Parts] | None:
    """Return the text and the parts of a post from its body; None if the body is not of this kind.

    Args:
        kind: of the post.
        body: from `body_of`, possibly edited, without empty lines at its ends.
        parts: the fields that are known besides the body.
    """
    reader = {LINK: _read_link, PHOTOS: _read_photos, QUOTE: _read_quote}.get(kind)
    return reader(body, parts) if reader else (body, parts)


def _read_link(body: str, parts: Parts) -> tuple[str, Parts] | None:
    first, _, rest = body.partition("\n")
    found = _LINK.fullmatch(first)
    if found is None or rest[:1] not in {"", "\n"}:
        return None
    return rest.strip("\n"), replace(parts, link=found[1])


def _read_photos(body: str, parts: Parts) -> tuple[str, Parts] | None:
    above, _, text = body.partition("\n\n")
    found = [_PICTURE.fullmatch(line) for line in above.split("\n")]
    pictures = [" ".join([each[2], _ESCAPE.sub(r"\1", each[1])]).strip() for each in found if each]
    if len(pictures) < len(found):
        return None
    return text.strip("\n"), replace(parts, pictures="\n".join(pictures))


def _read_quote(body: str, parts: Parts) -> tuple[str, Parts] | None:
    lines = body.split("\n")
    if not all(line.startswith(">") for line in lines):
        return None
    source = ""
    if parts.source and (found := _SOURCE.search(body)):
        is_known = found["source"] == " ".join(parts.source.split())
        source, lines = parts.source if is_known else found["source"].strip(), lines[:-2]
    text = "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines)
    return text.strip("\n"), replace(parts, source=source)
