"""References to local pictures and files in Markdown, as Hexo, Hugo, Jekyll and Obsidian write them. Pure functions."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_TARGET = (
    r"(?:<(?P<pointed{0}>[^<>\n]*)>|(?P<plain{0}>(?:\{{\{{[^{{}}\n]*\}}\}})?[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*))"
)
_REFERENCE = re.compile(
    "|".join(
        [
            r"(?P<head>!\[(?:[^\[\]\n]|\\.|\[[^\[\]\n]*\])*\]\(\s*)" + _TARGET.format(1) + r"(?P<tail>[^()\n]*\))",
            r"(?P<definition>^ {0,3}\[[^\]\n^]+\]:\s*)" + _TARGET.format(2),
            r"""(?P<tag><img\b[^>]*?\ssrc\s*=\s*)(?P<quote>["'])(?P<quoted>[^"'<>\n]*)(?P=quote)""",
            r"\{%\s*asset_(?:img|path)\s+(?P<asset>[^%]*?)\s*%\}",
            r"!\[\[(?P<wiki>[^\]|\n#]+)(?:\|(?P<label>[^\]\n]*))?\]\]",
        ]
    )
)
_PICTURE = re.compile(r"\.(?:jpe?g|jfif|png|apng|gif|webp|avif)$", re.IGNORECASE)
_FILE = re.compile(r"\.(?:pdf|zip|mp3|ogg|oga|opus|m4a|mp4|m4v|webm)$", re.IGNORECASE)
_LINK = re.compile(r"(?<=\]\()(?:<(?P<pointed>[^<>\n]*)>|(?P<plain>[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*))(?=[\s)])")
"""The target of a link."""
_ANYWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_VARIABLE = re.compile(r"^\{\{.*?\}\}/?|^\$\{.*?\}/?")


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a picture in a text."""

    path: str
    """A path, URL-decoded and without query. An absolute path begins at the site's root."""
    line: int
    is_picture: bool = True
    """Otherwise it is a file that the text links to."""
    is_by_name: bool = False
    """Whether the picture may be in any folder (Obsidian)."""


Found = Callable[[Reference], str | None]
"""Returns the new address of a picture, or None to keep the old one."""


def with_addresses(text: str, found: Found) -> str:
    """Return a text with new addresses for its local pictures and linked files; code is unchanged."""
    lines, fence = text.split("\n"), ""
    for number, line in enumerate(lines):
        if mark := _FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        elif not fence and not line.startswith(("    ", "\t")):
            lines[number] = _line_with_addresses(line, number + 1, found)
    return "\n".join(lines)


def local_path(target: str) -> str | None:
    """Return the path of a picture on this site, or None if the target is elsewhere or not a picture."""
    return _local(target, _PICTURE)


def _local(target: str, kind: re.Pattern[str]) -> str | None:
    path = _VARIABLE.sub("/", target.strip())
    if not path or _ANYWHERE.match(path) or path.startswith("#"):
        return None
    path = unquote(re.split(r"[?#]", path, maxsplit=1)[0]).replace("\\", "/")
    return path if kind.search(path) and "\x00" not in path else None


def without_addresses(text: str) -> str:
    """Return a text without the addresses of local pictures, to compare texts before and after their import."""
    return with_addresses(text, lambda reference: "/")


def _line_with_addresses(line: str, number: int, found: Found) -> str:
    line = _outside_code(_REFERENCE, line, lambda match: _replaced(match, number, found))
    return _outside_code(_LINK, line, lambda match: _linked(match, number, found))


def _outside_code(pattern: re.Pattern[str], line: str, replaced: Callable[[re.Match[str]], str]) -> str:
    code = [match.span() for match in _CODE.finditer(line)]

    def checked(match: re.Match[str]) -> str:
        return match[0] if any(start <= match.start() < end for start, end in code) else replaced(match)

    return pattern.sub(checked, line)


def _linked(match: re.Match[str], line: int, found: Found) -> str:
    path = _local(match["pointed"] or match["plain"] or "", _FILE)
    return (found(Reference(path, line, is_picture=False)) if path else None) or match[0]


def _replaced(match: re.Match[str], line: int, found: Found) -> str:
    if match["asset"] is not None:
        words = [word.strip("\"'") for word in re.findall(r"\"[^\"]*\"|'[^']*'|\S+", match["asset"])]
        name = next((word for word in words if _PICTURE.search(word)), "")
        label = " ".join(word for word in words[words.index(name) + 1 :] if not word.isdecimal()) if name else ""
        return _as_markdown(match[0], name, label, line, found)
    if match["wiki"] is not None:
        label = match["label"] or ""
        return _as_markdown(
            match[0], match["wiki"].strip(), "" if label.isdecimal() else label, line, found, by_name=True
        )
    target = next(filter(None, (match[name] for name in ("pointed1", "plain1", "pointed2", "plain2", "quoted"))), "")
    address = _address(target, line, found)
    if address is None:
        return match[0]
    if match["tag"]:
        return f"{match['tag']}{match['quote']}{address}{match['quote']}"
    return f"{match['head'] or match['definition']}{address}{match['tail'] or ''}"


def _as_markdown(old: str, name: str, label: str, line: int, found: Found, *, by_name: bool = False) -> str:
    address = _address(name, line, found, by_name=by_name)
    return f"![{label}]({address})" if address else old


def _address(target: str, line: int, found: Found, *, by_name: bool = False) -> str | None:
    path = local_path(target)
    return found(Reference(path, line, is_by_name=by_name)) if path else None
