"""Simplifies HTML that programs put on the clipboard: few elements, all closed, with the styles that writers use.

Every inline element becomes a ``span`` with classes (``b``, ``nb`` for "not bold", ``code``, …), so that the
sanitizer's parser has no formatting elements to reopen. It never gets deep nesting, which takes it quadratic time.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from html import escape, unescape

from qingbo.rendering.nesting import CLOSED_BY, CLOSES_PARAGRAPH, DEEPEST

DEEPEST_CONTAINERS = 18
"""Maximum nesting of lists, items and quotes; the parser of posts would show deeper ones unrendered."""

_TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*)(?P<rest>(?:[^>"'=]++|=\s*+"[^"]*"|=\s*+'[^']*'|["'=])*+)>"""
)
_ATTRIBUTE = re.compile(r"""([^\s=/"'>]+)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")

_STYLE_OF = {
    **dict.fromkeys(("b", "strong"), "b"), **dict.fromkeys(("i", "em", "cite", "dfn", "var"), "i"),
    **dict.fromkeys(("s", "strike", "del"), "s"), **dict.fromkeys(("code", "tt", "samp"), "code"),
    **{name: name for name in ("kbd", "sub", "sup", "mark")},
}  # fmt: skip
_INLINE = {"span", "font", "u", "ins", "small", "big", "abbr", "q", "time", "label", "bdi", "bdo"} | set(_STYLE_OF)
_KEPT = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "div"}
_KEPT |= {"table", "tbody", "tr", "td", "th", "caption"}
_BLOCKS = {
    *("address", "article", "aside", "center", "dd", "details", "dl", "dt", "fieldset", "figcaption", "figure"),
    *("footer", "form", "header", "hgroup", "legend", "main", "nav", "section", "summary"),
}  # fmt: skip
_VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"),
}  # fmt: skip
_RAW_TEXT = {"script", "style", "title", "textarea", "xmp", "noembed", "noframes", "iframe", "noscript"}
_HIDDEN = {
    *("svg", "math", "xml", "template", "object", "select", "button", "video", "audio", "canvas", "datalist"),
}  # fmt: skip
_HIDDEN_CLASSES = {"linenos", "blob-num", "hljs-ln-numbers", "gutter", "sr-only", "visually-hidden"}
TAGS = _KEPT | {"span", "a", "br", "hr", "img"}
"""The elements in the output of `simplified`."""

ATTRIBUTES = {
    "*": {"class"}, "a": {"href"}, "img": {"src", "alt"}, "ol": {"start"},
    "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"},
}  # fmt: skip

_CONTAINERS = {"ul", "ol", "li", "blockquote"}
_BOUNDARIES = {"td", "th", "caption"}
_FAR = 200
"""How many open elements are searched for a paragraph to close."""

_MONOSPACE = re.compile(r"mono|consolas|courier|menlo|source code|fira code|cascadia code|lucida console|inconsolata")
_LANGUAGE = re.compile(r"(?:^|\s)(?:language-|lang-|highlight-(?:source|text)-|brush:\s*)([\w+#.-]+)", re.IGNORECASE)
_OTHER_LANGUAGE = re.compile(r"(?:^|\s)(?:hljs|sourceCode|code-snippet__)\s*([\w+#-]+)$")
_WORD_LIST = re.compile(r"(l\d+)\s+level(\d)\s*(lfo\d+)?")
_FEISHU_LIST = re.compile(r"\blist-(?:bullet|number|checkbox|done|todo)(\d)")
_CLASSES_OF_WORD = {"MsoTitle": ["title"], "MsoQuote": ["quote"], "MsoIntenseQuote": ["quote"]}
_LAZY = ("data-src", "data-original", "data-actualsrc", "data-lazy-src")


def simplified(html: str) -> str:
    """Return clipboard HTML with few elements, all closed and not nested deeply."""
    writer = _Writer()
    position, last = 0, html.rfind(">")
    while position < len(html):
        start = html.find("<", position)
        if start == -1 or start > last:
            break
        writer.text(html[position:start])
        position = _read_mark(html, start, writer)
    writer.text(html[position:])
    writer.close_down_to(0)
    return "".join(writer.out)


def _read_mark(html: str, start: int, writer: "_Writer") -> int:
    """Read a tag or comment at ``<``, and return where it ends."""
    if html.startswith("<!--", start) and (end := writer.find(html, "-->", start + 2)) != -1:
        return end + 3
    if html.startswith(("<!", "<?"), start):
        return html.find(">", start) + 1
    found = _TAG.match(html, start)
    if found is None:
        writer.text("<")
        return start + 1
    name = found["name"].lower()
    if name in _RAW_TEXT and not found["end"]:
        end = writer.find(html, f"</{name}", found.end())
        return end if end != -1 else found.end()
    if found["end"]:
        writer.close(name)
    elif not (found["rest"].endswith("/") and (name in _HIDDEN or ":" in name)):
        writer.open(name, _attributes(found["rest"]))
    return found.end()


def _attributes(rest: str) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(rest):
        attributes.setdefault(name.lower(), unescape("".join(values)).strip())
    return attributes


@dataclass(slots=True)
class _Element:
    name: str
    shown: str
    """The element that is written for it; empty if only its content is written."""
    is_hidden: bool = False


@dataclass(slots=True)
class _Writer:
    out: list[str] = field(default_factory=list)
    _open: list[_Element] = field(default_factory=list)
    _names: Counter[str] = field(default_factory=Counter)
    """How many of each element are open, so that a closing tag without one causes no search."""
    _shown: Counter[str] = field(default_factory=Counter)
    _hidden: int = 0
    _lasts: dict[str, int] = field(default_factory=dict)
    _lowered: str = ""

    def find(self, html: str, mark: str, start: int) -> int:
        """Return the position of the first `mark` after `start`, or -1; repeated misses cost no search."""
        if not self._lowered:
            # Only ASCII: other letters may have a different length in lower case.
            self._lowered = html.translate({code: code + 32 for code in range(ord("A"), ord("Z") + 1)})
        if mark not in self._lasts:
            self._lasts[mark] = self._lowered.rfind(mark)
        return self._lowered.find(mark, start) if self._lasts[mark] >= start else -1

    def text(self, text: str) -> None:
        if text and not self._hidden:
            self.out.append(text.replace("<", "&lt;").replace(">", "&gt;"))

    def open(self, name: str, attributes: dict[str, str]) -> None:
        self._make_room(name)
        style = _declarations(attributes.get("style", ""))
        if name in _VOID:
            if not self._hidden:
                self.out.append(_void(name, attributes))
            return
        element = _Element(name, "", _is_hidden(name, attributes, style))
        if not self._hidden and not element.is_hidden:
            element.shown = self._shown_as(name, style)
        self._push(element, _written_attributes(element.shown, name, attributes, style))

    def close(self, name: str) -> None:
        if not self._names[name]:
            return
        place = len(self._open) - 1
        while self._open[place].name != name:
            place -= 1
        self.close_down_to(place)

    def close_down_to(self, count: int) -> None:
        while len(self._open) > count:
            element = self._open.pop()
            self._names[element.name] -= 1
            self._hidden -= element.is_hidden
            if element.shown:
                self._shown[element.shown] -= 1
                self.out.append(f"</{element.shown}>")

    def _push(self, element: _Element, attributes: str) -> None:
        self._open.append(element)
        self._names[element.name] += 1
        self._hidden += element.is_hidden
        if element.shown:
            self._shown[element.shown] += 1
            self.out.append(f"<{element.shown}{attributes}>")

    def _make_room(self, name: str) -> None:
        """Close the elements that an opening tag closes, because people leave out closing tags."""
        while self._open and self._open[-1].name in CLOSED_BY.get(name, ()):
            self.close_down_to(len(self._open) - 1)
        if name in CLOSES_PARAGRAPH | _BLOCKS and self._names["p"]:
            nearest = reversed(self._open[-_FAR:])
            name = next((each.name for each in nearest if each.name == "p" or each.name in _BOUNDARIES), "")
            if name == "p":
                self.close("p")

    def _shown_as(self, name: str, style: dict[str, str]) -> str:
        if self._shown.total() >= DEEPEST:
            return ""
        if name in _INLINE or (name == "a" and self._shown["a"]):
            return "span"
        if name in _CONTAINERS and sum(self._shown[each] for each in _CONTAINERS) >= DEEPEST_CONTAINERS:
            return "div"
        if name in {"p", "div", "section"} and _is_monospace(style):
            return "div" if self._shown["pre"] else "pre"
        if name in {"thead", "tfoot"}:
            return "tbody"
        if name in _BLOCKS:
            return "div"
        return name if name in _KEPT or name == "a" else ""


def _declarations(style: str) -> dict[str, str]:
    pairs = (each.partition(":") for each in style.lower().split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _is_hidden(name: str, attributes: dict[str, str], style: dict[str, str]) -> bool:
    if name in _HIDDEN or "hidden" in attributes or style.get("display") == "none" or style.get("mso-hide") == "all":
        return True
    return not _HIDDEN_CLASSES.isdisjoint(attributes.get("class", "").split())


def _is_monospace(style: dict[str, str]) -> bool:
    first = (style.get("font-family") or style.get("font") or "").partition(",")[0]
    return _MONOSPACE.search(first) is not None


def _void(name: str, attributes: dict[str, str]) -> str:
    if name == "img":
        sources = [attributes.get(each, "") for each in ("src", *_LAZY)]
        source = next((each for each in sources if each.lower().startswith(("http://", "https://", "//"))), "")
        return f'<img src="{escape(source)}" alt="{escape(attributes.get("alt", ""))}">' if source else ""
    if name == "input":
        is_box = attributes.get("type", "").lower() == "checkbox"
        return f'<span class="{"done" if "checked" in attributes else "todo"}">-</span>' if is_box else ""
    return f"<{name}>" if name in {"br", "hr"} else ""


def _written_attributes(shown: str, name: str, attributes: dict[str, str], style: dict[str, str]) -> str:
    classes = [*_inline_classes(name, style), *_block_classes(shown, name, attributes, style)]
    written = f' class="{escape(" ".join(classes))}"' if classes else ""
    kept = {"a": ("href",), "ol": ("start",), "td": ("colspan", "rowspan"), "th": ("colspan", "rowspan")}
    values = ((each, attributes.get(each)) for each in kept.get(shown, ()))
    return written + "".join(f' {each}="{escape(value)}"' for each, value in values if value)


def _inline_classes(name: str, style: dict[str, str]) -> list[str]:
    classes = {_STYLE_OF[name]} if name in _STYLE_OF else set()
    if weight := style.get("font-weight"):
        is_bold = weight.startswith("bold") or (weight.isdecimal() and int(weight[:4]) >= 600)
        classes = classes - {"b"} | {"b" if is_bold else "nb"}
    if slant := style.get("font-style"):
        classes = classes - {"i"} | {"i" if slant.startswith(("italic", "oblique")) else "ni"}
    if "line-through" in style.get("text-decoration", "") + style.get("text-decoration-line", ""):
        classes.add("s")
    if name in _INLINE and style.get("vertical-align") in {"super", "sub"}:
        classes.add(style["vertical-align"].replace("super", "sup"))
    if name in _INLINE and _is_monospace(style):
        classes.add("code")
    if style.get("mso-list", "") == "ignore":
        classes.add("marker")
    if space := style.get("white-space"):
        classes.add("breaks" if space.startswith(("pre", "break-spaces")) else "flows")
    return sorted(classes)


def _block_classes(shown: str, name: str, attributes: dict[str, str], style: dict[str, str]) -> list[str]:
    names = attributes.get("class", "")
    classes = list(_CLASSES_OF_WORD.get(names, ()))
    if shown in {"pre", "div"} or name == "code":
        classes += _code_classes(shown, name, attributes)
    if word := _WORD_LIST.search(style.get("mso-list", "")):
        classes += ["item", f"level-{word[2]}", f"list-{word[1]}{word[3] or ''}"]
    elif shown in {"ul", "ol"} and (feishu := _FEISHU_LIST.search(names)):
        classes.append(f"level-{feishu[1]}")
    elif shown == "li" and (checked := attributes.get("aria-checked")):
        classes.append("done" if checked == "true" else "todo")
    elif shown in {"td", "th"}:
        classes += ["code-line"] if "blob-code" in names else []
        classes.append(f"align-{style.get('text-align') or attributes.get('align', '').lower()}")
    return classes


def _code_classes(shown: str, name: str, attributes: dict[str, str]) -> list[str]:
    names = attributes.get("class", "")
    classes = ["line"] if name == "code" else ["lines"] if shown == "pre" and name != "pre" else []
    found = _LANGUAGE.search(names) or _OTHER_LANGUAGE.search(names)
    language = attributes.get("data-lang") or (found[1] if found else "")
    return [*classes, *(f"language-{each}" for each in re.findall(r"[\w+#.-]+", language)[:1])]
