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
            r"""(?P<tag><(?:img|a|audio|video|source)\b[^>]*?\s(?:src|href)\s*=\s*)(?:(?P<quote>["'])(?P<quoted>[^"'<>\n]*)(?P=quote)|(?P<bare>[^\s"'<>`=]+))""",
            r"\{%\s*asset_(?:img|path)\s+(?P<asset>[^%]*?)\s*%\}",
            r"(?<=\]\()" + _TARGET.format(3) + r"(?=[\s)])",
            r"!\[\[(?P<wiki>[^\]|\n#]+)(?:\|(?P<label>[^\]\n]*))?\]\]",
        ]
    )
)
_PICTURE = re.compile(r"\.(?:jpe?g|jfif|png|apng|gif|webp|avif)$", re.IGNORECASE)
_FILE = re.compile(r"\.(?:pdf|zip|mp3|ogg|oga|opus|m4a|mp4|m4v|webm)$", re.IGNORECASE)
_ANY = re.compile(f"{_PICTURE.pattern}|{_FILE.pattern}", re.IGNORECASE)
_LABEL_OF_SIZE = re.compile(r"\d+(?:x\d+)?", re.ASCII)
_ANYWHERE = re.compile(r"[a-z][a-z0-9+.-]+:|//", re.IGNORECASE)
"""The beginning of a whole address; one letter is a drive of Windows."""
_WEB = re.compile(r"(?:https?:)?//([^/?#]+)(/.*)", re.IGNORECASE)
_SIZE = re.compile(r"\s+=\d*%?x\d*%?(?=\s*\)$)")
"""The size after an address, as some renderers of Markdown read it: `![](a.png =100x200)`."""
_VARIABLE = re.compile(r"^\{\{.*?\}\}/?|^\$\{.*?\}/?")


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a picture in a text."""

    path: str
    """A path, URL-decoded and without query. An absolute path begins at the site's root."""
    line: int
    is_picture: bool = True
    """Otherwise it is another kind of file."""
    is_by_name: bool = False
    """Whether the picture may be in any folder (Obsidian)."""


Found = Callable[[Reference], str | None]
"""Returns the new address of a picture, or None to keep the old one."""


def with_addresses(
    text: str, found: Found, is_own: Callable[[str], bool] = lambda host: False, *, reads_sizes: bool = True
) -> str:
    """Return a text with new addresses for its local pictures and linked files; code is unchanged.

    Args:
        text: Markdown.
        found: is asked for each of them.
        is_own: whether a host is that of the site, so that whole addresses there are local, too.
        reads_sizes: remove sizes after addresses, which are text here.
    """
    search = _Search(found, is_own, reads_sizes)
    lines, fence = text.split("\n"), ""
    for number, line in enumerate(lines):
        if mark := _FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        elif not fence and not line.startswith(("    ", "\t")):
            lines[number] = search.line(line, number + 1)
    return "\n".join(lines)


def local_path(target: str, is_own: Callable[[str], bool] = lambda host: False) -> str | None:
    """Return the path of a picture on this site, or None if the target is elsewhere or not a picture."""
    return _local(target, _PICTURE, is_own)


def _local(target: str, kind: re.Pattern[str], is_own: Callable[[str], bool]) -> str | None:
    path = _VARIABLE.sub("/", target.strip())
    if (web := _WEB.fullmatch(path)) and is_own(web[1].lower()):
        path = web[2]
    if not path or _ANYWHERE.match(path) or path.startswith("#"):
        return None
    path = unquote(re.split(r"[?#]", path, maxsplit=1)[0]).replace("\\", "/")
    return path if kind.search(path) and "\x00" not in path else None


def without_addresses(text: str) -> str:
    """Return a text without the addresses of pictures, to compare texts before and after their import."""
    return with_addresses(text, lambda reference: "/", lambda host: True)


@dataclass(frozen=True, slots=True)
class _Search:
    """The search for pictures in one text."""

    found: Found
    is_own: Callable[[str], bool]
    reads_sizes: bool

    def line(self, line: str, number: int) -> str:
        code = [match.span() for match in _CODE.finditer(line)]

        def outside_code(match: re.Match[str]) -> str:
            is_code = any(start <= match.start() < end for start, end in code)
            return match[0] if is_code else self._replaced(match, number)

        return _REFERENCE.sub(outside_code, line)

    def _file(self, target: str, line: int) -> str | None:
        """Return the new address of a picture or file, which a text may link to."""
        path = _local(target, _ANY, self.is_own)
        return self.found(Reference(path, line, is_picture=bool(_PICTURE.search(path)))) if path else None

    def _replaced(self, match: re.Match[str], line: int) -> str:
        if match["asset"] is not None:
            return self._asset(match, line)
        if match["pointed3"] is not None or match["plain3"] is not None:
            return self._file(match["pointed3"] or match["plain3"] or "", line) or match[0]
        if match["wiki"] is not None:
            label = match["label"] or ""
            return self._as_markdown(
                match[0], match["wiki"].strip(), "" if _LABEL_OF_SIZE.fullmatch(label) else label, line, by_name=True
            )
        names = ("pointed1", "plain1", "pointed2", "plain2", "quoted", "bare")
        target = next(filter(None, (match[name] for name in names)), "")
        if match["tag"]:
            address, quote = self._file(target, line), match["quote"] or '"'
            return f"{match['tag']}{quote}{address}{quote}" if address else match[0]
        if match["head"] and (spaced := _with_spaces(target, match["tail"])):
            return f"{match['head']}{address})" if (address := self._address(spaced, line)) else match[0]
        address, tail = self._address(target, line), match["tail"] or ""
        tail = _SIZE.sub("", tail) if self.reads_sizes else tail
        return f"{match['head'] or match['definition']}{address or _written(match)}{tail}"

    def _asset(self, match: re.Match[str], line: int) -> str:
        words = [word.strip("\"'") for word in re.findall(r"\"[^\"]*\"|'[^']*'|\S+", match["asset"])]
        name = next((word for word in words if _PICTURE.search(word)), "")
        label = " ".join(word for word in words[words.index(name) + 1 :] if not word.isdecimal()) if name else ""
        return self._as_markdown(match[0], name, label, line)

    def _as_markdown(self, old: str, name: str, label: str, line: int, *, by_name: bool = False) -> str:
        address = self._address(name, line, by_name=by_name)
        return f"![{label}]({address})" if address else old

    def _address(self, target: str, line: int, *, by_name: bool = False) -> str | None:
        path = local_path(target, self.is_own)
        return self.found(Reference(path, line, is_by_name=by_name)) if path else None


def _written(match: re.Match[str]) -> str:
    """Return the address as it is written, with its brackets."""
    start = match.end("head") if match["head"] else match.end("definition")
    return match[0][start - match.start() : len(match[0]) - len(match["tail"] or "")]


def _with_spaces(target: str, tail: str) -> str:
    """Return the whole of an address with spaces, such as `![](my tea.png)`, of which the first word was read."""
    rest = tail.removesuffix(")")
    return f"{target}{rest}".strip() if _PICTURE.search(rest.rstrip()) and not _PICTURE.search(target) else ""
