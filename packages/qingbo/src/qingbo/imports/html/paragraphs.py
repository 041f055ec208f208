"""Paragraphs of editors that store line breaks instead of `<p>` and `<br>`, as WordPress's classic one. Pure."""

import re

from qingbo.imports.html.pairs import replace_pairs

_FLOWING = ("address", "article", "aside", "blockquote", "center", "details", "div", "fieldset", "footer", "form",
            "header", "hgroup", "main", "nav", "section")  # fmt: skip
"""Elements in which an empty line begins a paragraph."""
_LINES = ("caption", "dd", "dt", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "legend", "li", "p", "summary", "td",
          "th")  # fmt: skip
"""Elements in which a line break is one."""
_FRAMES = ("dl", "figure", "menu", "ol", "select", "table", "tbody", "tfoot", "thead", "tr", "ul")
"""Elements that contain only elements."""
_VERBATIM = re.compile(r"<(?P<name>pre|script|style|textarea)\b[^<>]*>", re.IGNORECASE)
_ASIDE = "\x01"
"""Around the number of a part that was set aside; no text has this character."""
DEEPEST = 200
"""How many open elements are remembered."""
_TAG = re.compile(
    rf"(</?(?:{'|'.join((*_FLOWING, *_LINES, *_FRAMES))})\b[^<>]*>|<hr\b[^<>]*>|\x01[0-9]+\x01)", re.IGNORECASE
)
_NAME = re.compile(r"</?([a-z0-9]+)", re.IGNORECASE)
_OWN_BREAK = re.compile(r"<br\s*/?>[ \t]*\n", re.IGNORECASE)
_EMPTY_LINE = re.compile(r"\n[ \t]*\n\s*")


def with_paragraphs(text: str) -> str:
    """Return a text as HTML: `<p>` where empty lines separate paragraphs, `<br>` for each other line break."""
    kept: list[str] = []

    def set_aside(found: re.Match[str], content: str) -> str:
        kept.append(f"{found[0]}{content}</{found['name']}>")
        return f"{_ASIDE}{len(kept) - 1}{_ASIDE}"

    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(_ASIDE, "")
    text = replace_pairs(text, _VERBATIM, lambda found: f"</{found['name'].lower()}>", set_aside)
    return "".join(_written(_TAG.split(text), kept))


def _written(pieces: list[str], kept: list[str]) -> list[str]:
    """Return the pieces, of which every second is a tag, as HTML."""
    written, open_names = [], ["div"]
    for number, piece in enumerate(pieces):
        if number % 2 == 0:
            written.append(_text(piece, open_names[-1]))
        elif piece.startswith(_ASIDE):
            written.append(kept[int(piece.strip(_ASIDE))])
        else:
            written.append(piece)
            _follow(piece, open_names)
    return written


def _follow(tag: str, open_names: list[str]) -> None:
    found = _NAME.match(tag)
    name = found[1].lower() if found else ""
    if tag.startswith("</"):
        if name in open_names[1:]:
            while open_names.pop() != name:
                pass
    elif name != "hr" and not tag.endswith("/>"):
        if name == open_names[-1] and name in {"p", "li", "td", "th", "dd", "dt"}:
            open_names.pop()  # its end tag is missing
        if len(open_names) < DEEPEST:
            open_names.append(name)


def _text(text: str, parent: str) -> str:
    if parent in _FRAMES or not text.strip():
        return text
    text = _OWN_BREAK.sub("\n", text.strip())
    if parent in _FLOWING:
        return "".join(f"<p>{_broken(each)}</p>\n" for each in _EMPTY_LINE.split(text) if each.strip())
    return "<br><br>".join(map(_broken, _EMPTY_LINE.split(text)))


def _broken(text: str) -> str:
    return text.strip().replace("\n", "<br>\n")
