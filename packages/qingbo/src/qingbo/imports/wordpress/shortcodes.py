"""WordPress's shortcodes, such as `[caption]…[/caption]`, as HTML. Unknown ones stay in the text. Pure functions."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape, unescape

from qingbo.imports.html.pairs import pairs, replace_pairs

LANGUAGES = {"bash", "c", "cpp", "csharp", "css", "diff", "go", "html", "java", "javascript", "js", "json", "php",
             "python", "ruby", "rust", "sql", "xml", "yaml"}  # fmt: skip
"""Names of highlighting plugins' shortcodes, which are languages."""
CODE = {"code", "sourcecode", "highlight", "cc", *LANGUAGES}
_MEDIA = ("src", "url", "mp3", "m4a", "ogg", "wav", "mp4", "m4v", "webm", "ogv")

_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'\]]+))""")
_ARGUMENTS = r"(?P<arguments>[^\[\]]{0,2000})"
_CODE = re.compile(rf"(?<!\[)\[(?P<name>{'|'.join(sorted(CODE))})\b{_ARGUMENTS}\]", re.IGNORECASE)
_CAPTION = re.compile(rf"(?<!\[)\[(?P<name>(?:wp_)?caption)\b{_ARGUMENTS}\]")
_EMBED = re.compile(rf"(?<!\[)\[(?P<name>embed)\b{_ARGUMENTS}\]")
_GALLERY = re.compile(rf"(?<!\[)\[(?:gallery|playlist)\b{_ARGUMENTS}\]")
_PLAYER = re.compile(
    rf"(?<!\[)\[(?P<name>audio|video|youtube|vimeo|bilibili)\b[ =]?{_ARGUMENTS}\](?:\s*\[/(?P=name)\])?", re.IGNORECASE
)
_ESCAPED = re.compile(r"\[(\[[a-z][\w-]*[^\[\]]*\])\]")
_UNKNOWN = re.compile(r"\[(?P<name>[a-z][\w-]{1,40})(?P<arguments>\s[^\[\]]{0,500})?\]", re.IGNORECASE)
_END = re.compile(r"\[/([a-z][\w-]{1,40})\]", re.IGNORECASE)
_NO_SHORTCODES = re.compile(r"<(?P<name>pre|code|script|style)\b[^<>]*>", re.IGNORECASE)
_PICTURE = re.compile(r"\s*(?P<picture>(?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)(?P<rest>.*)", re.DOTALL)
_PLACES = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "bilibili": "https://www.bilibili.com/video/{}",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A file in the media library."""

    address: str
    description: str = ""


@dataclass(slots=True)
class Gallery:
    """The media library, as far as the galleries of one post need it."""

    find: Callable[[str], Picture | None] = lambda number: None
    """Returns a picture by its number."""
    of_post: Sequence[Picture] = ()
    """Pictures that were uploaded to the post, which a gallery without numbers shows."""


def without_shortcodes(text: str, gallery: Gallery) -> tuple[str, list[str]]:
    """Return a text with its known shortcodes as HTML, and the names of those that stay."""
    text = replace_pairs(text, _CODE, _closing, _code)
    pieces, start = [], 0
    for found, _content, end in pairs(text, _NO_SHORTCODES, lambda found: f"</{found['name'].lower()}>"):
        pieces += [_known(text[start : found.start()], gallery), text[found.start() : end]]
        start = end
    pieces.append(_known(text[start:], gallery))
    unknown = dict.fromkeys(name for piece in pieces[::2] for name in _unknown(piece))
    pieces[::2] = [_ESCAPED.sub(r"\1", piece) for piece in pieces[::2]]
    return "".join(pieces), list(unknown)


def _closing(found: re.Match[str]) -> str:
    return f"[/{found['name'].lower()}]"


def _known(text: str, gallery: Gallery) -> str:
    text = replace_pairs(text, _CAPTION, _closing, _caption)
    text = replace_pairs(text, _EMBED, _closing, lambda found, content: _block(_link(content.strip())))
    text = _GALLERY.sub(lambda found: _gallery(found, gallery), text)
    return _PLAYER.sub(_player, text)


def _unknown(text: str) -> Iterable[str]:
    """Yield the names in square brackets that are shortcodes: they have values, or an end."""
    ended = set(_END.findall(text))
    for found in _UNKNOWN.finditer(text):
        is_escaped = text[max(0, found.start() - 1) : found.start()] == "["
        if not is_escaped and (_ATTRIBUTE.search(found["arguments"] or "") or found["name"] in ended):
            yield found["name"]


def _attributes(found: re.Match[str]) -> dict[str, str]:
    return {name.lower(): unescape("".join(values)) for name, *values in _ATTRIBUTE.findall(found["arguments"])}


def _code(found: re.Match[str], content: str) -> str:
    values, name = _attributes(found), found["name"].lower()
    language = values.get("language") or values.get("lang") or (name if name in LANGUAGES else "")
    written = f' class="language-{escape(language)}"' if re.fullmatch(r"[\w+#.-]+", language) else ""
    code = escape(unescape(content.strip("\r\n")), quote=False)
    return _block(f"<pre><code{written}>{code}</code></pre>")


def _caption(found: re.Match[str], content: str) -> str:
    parts = _PICTURE.match(content)
    words = _attributes(found).get("caption", "")
    picture, rest = (parts["picture"], parts["rest"].strip()) if parts else (content.strip(), "")
    words = rest or escape(words, quote=False)
    return _block(f"<figure>{picture}<figcaption>{words}</figcaption></figure>" if words else f"<p>{picture}</p>")


def _gallery(found: re.Match[str], gallery: Gallery) -> str:
    values = _attributes(found)
    numbers = values.get("ids") or values.get("include")
    shown = [gallery.find(number.strip()) for number in numbers.split(",")] if numbers else [*gallery.of_post]
    pictures = [f'<p><img src="{escape(each.address)}" alt="{escape(each.description)}"></p>' for each in shown if each]
    return _block("\n".join(pictures)) if pictures else found[0]


def _player(found: re.Match[str]) -> str:
    values = _attributes(found)
    address = next((values[key] for key in _MEDIA if values.get(key)), "")
    bare = found["arguments"].strip().strip("\"'=")
    if not address and bare.startswith(("http://", "https://")):
        address = bare.split()[0]
    identity = values.get("id") or values.get("bvid") or bare
    place = _PLACES.get(found["name"].lower())
    if not address and place and re.fullmatch(r"[\w-]{5,20}", identity):
        address = place.format(identity)
    return _block(_link(address)) if address else found[0]


def _link(address: str) -> str:
    shown = escape(unescape(address))
    return f'<p><a href="{shown}">{shown}</a></p>'


def _block(html: str) -> str:
    return f"\n\n{html}\n\n"
