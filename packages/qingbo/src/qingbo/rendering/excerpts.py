"""Excerpts: the beginnings of posts as plain text."""

import html
import re
import unicodedata

from qingbo.patterns import pattern
from qingbo.rendering.characters import is_punctuation, join_lines
from qingbo.rendering.markdown import Rendered

LENGTH = 200
LONGEST = 400
"""Maximum length of the text before ``<!--more-->``."""

_LAST_PART = 0.6
"""If a sentence ends after this share of the allowed length, the excerpt ends there."""

_BLOCKS = "\x1c"
"""Separates two blocks."""

_ROOM = 20
"""How many characters beyond the limit are read to see whether a sentence ends at it."""

_BLOCK_END = pattern(r"</(p|h[1-6]|li|tr|td|th|blockquote|pre|div|dd|dt|figcaption)>|<hr\s*/?>", re.IGNORECASE)
_TAG = pattern(r'<(?:[^>"]|"[^"]*+")*+>')
_LINE_END = pattern(r"<br\s*/?>\n?", re.IGNORECASE)
_FOOTNOTE = pattern(r'(?<!\s)(\s*+)<sup class="footnote-ref"[^>]*+>.*?</sup>(?=((?:<[^>]*+>)*+.?))', re.DOTALL)
_CLOSING = set(".,;:!?)]…、。，；：！？）】」』”’")
_NOT_PROSE = pattern(
    "|".join(
        [
            *(rf"<{tag}\b.*?</{tag}>" for tag in ("pre", "table", "h1", "h2", "h3", "h4", "h5", "h6")),
            r'<p class="(?:formula|alert-title)".*?</p>',
            r'<div class="contents">.*?</div>',
            r'<figure class="code">.*?</figure>',
            r'<section class="footnotes".*',
        ]
    ),
    re.DOTALL,
)
_READING = pattern(r"<r([tp])>.*?</r\1>", re.DOTALL)
_CARD = pattern(r'<p class="card-link">.*?</p>', re.DOTALL)
_WRONG_FORMULA = pattern(r'<span class="formula-error">.*?</code>.*?</span></span>', re.DOTALL)
_FORMULA = pattern(r"<math\b[^>]*>(.*?)</math>", re.DOTALL)
_RAISED = pattern(r"<(msup|msub)>(<m([in])\b[^>]*>[^<]*</m\3>)<mn>(\d+)</mn></\1>")
_DIGITS = {
    "msup": str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"),
    "msub": str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"),
}
_IN_A_ROW = pattern(r"</?(?:mrow|mi|mn|mo|mtext|mspace|mstyle)\b")
_CHINESE_END = pattern(r"[。！？…]+[”’」』）】]*")
_ENGLISH_END = pattern(r"""(?P<word>[^\s.!?]*)[.!?]+["'”’)\]]*(?=\s+["'“‘(\[]?[^\Wa-z_]|$)""")
_NO_END = {"mr", "mrs", "ms", "dr", "prof", "st", "vs", "cf", "no", "fig", "e.g", "i.e", "etc", "approx", "vol", "jr"}


def excerpt_of_post(rendered: Rendered) -> str:
    """Return the text before ``<!--more-->`` on one line, shortened if needed; else the beginning of a post."""
    chosen = excerpt_of(rendered.beginning, LONGEST) if rendered.beginning else ""
    return chosen or excerpt_of(rendered.html)


def excerpt_of(rendered: str, length: int = LENGTH) -> str:
    """Return the beginning of HTML as one line of at most `length` characters, in whole sentences if possible."""
    prose = _NOT_PROSE.sub(_BLOCKS, rendered)
    return _cut(_line(_CARD.sub(_BLOCKS, prose)) or _line(prose), length)


def _line(prose: str) -> str:
    prose = _FORMULA.sub(lambda found: _words_of(found[1]), _WRONG_FORMULA.sub("…", prose))
    prose = _FOOTNOTE.sub(_space_before, _READING.sub("", prose))
    text = html.unescape(_TAG.sub("", _LINE_END.sub("\n", _BLOCK_END.sub(_BLOCKS, prose))))
    blocks = (" ".join(block.split()) for block in join_lines(text).split(_BLOCKS))
    line = ""
    for block in filter(None, blocks):
        line += block if not line or _is_wide_mark(line[-1]) else f" {block}"
    return line


def _is_wide_mark(character: str) -> bool:
    return unicodedata.east_asian_width(character) in {"W", "F"} and is_punctuation(character)


def _space_before(found: re.Match[str]) -> str:
    """Return the space before a footnote reference, or nothing if closing punctuation follows."""
    return "" if found[2][-1:] in _CLOSING else found[1]


def _words_of(mathml: str) -> str:
    """Return a formula as text if that has the same meaning: a row of symbols with superscript or subscript digits."""
    mathml = _RAISED.sub(lambda found: found[2] + found[4].translate(_DIGITS[found[1]]), mathml)
    is_row = all(_IN_A_ROW.match(tag[0]) for tag in _TAG.finditer(mathml))
    return _TAG.sub("", mathml) if is_row else "…"


def _cut(line: str, length: int) -> str:
    if len(line) <= length:
        return line
    begin = line[: length + _ROOM]
    ends = [found.end() for found in _CHINESE_END.finditer(begin)]
    ends += [found.end() for found in _ENGLISH_END.finditer(begin) if _ends_a_sentence(found)]
    last = max((end for end in ends if end <= length), default=0)
    if last >= length * _LAST_PART:
        return line[:last]
    return f"{_cut_between_words(line, length - 1)}…"


def _ends_a_sentence(found: re.Match[str]) -> bool:
    """Return whether it ends a sentence, rather than an abbreviation or an initial."""
    word = found["word"].lower().lstrip("(\"'“‘")
    return word not in _NO_END and (len(word) > 1 or not word.isalpha())


def _cut_between_words(line: str, length: int) -> str:
    # Cut Latin script between words; Chinese can be cut anywhere.
    cut = line[:length]
    space = cut.rfind(" ")
    if space > length * 0.8 and line[length : length + 1].isascii():
        cut = cut[:space]
    return cut.rstrip()
