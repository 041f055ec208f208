"""Markdown as plain text, for the index and for search results.

The text is not rendered, because indexing a hundred thousand posts would take hours. Remains of rare syntax do no harm.
"""

import re
from html import unescape

from qingbo.patterns import pattern

_INLINE = "a|abbr|b|cite|code|del|em|font|i|ins|kbd|mark|q|rp|rt|ruby|s|samp|small|span|strong|sub|sup|u|var|wbr"
_BLOCKS = (
    "audio|blockquote|br|center|dd|details|div|dl|dt|figcaption|figure|h[1-6]|hr|iframe|img|li|ol|p|picture|pre|"
    "source|summary|table|tbody|td|tfoot|th|thead|tr|ul|video"
)
_PASSES = (
    (pattern(r"<!--[^<>]*-->"), ""),
    (pattern(rf"</?(?:{_INLINE})(?:\s[^<>]*)?/?>", re.IGNORECASE), ""),
    (pattern(rf"</?(?:{_BLOCKS})(?:\s[^<>]*)?/?>", re.IGNORECASE), " "),
    (pattern(r"\]\((?:<[^<>\n]*>|[^()\s]*)(?:[ \t]+\"[^\"\n]*\")?\)"), "]"),  # addresses of links
    (pattern(r"\[\^[^\]\n]{1,100}\]:?"), ""),  # footnote labels; the footnotes' texts stay
    (pattern(r"^[ ]{0,3}\[[^\]\n]+\]:[ \t]*\S*", re.MULTILINE), ""),  # link definitions
    (pattern(r"\]\[[^\]\n]*\]"), "]"),
    (pattern(r"^[ \t]*(?:`{3,}|~{3,})[ \t]*([^\n`]*)$", re.MULTILINE), ""),  # code fences
    (pattern(r"^[ \t]*(?:>[ \t]*|(?:#{1,6}|[-*+]|:|\d{1,9}[.)])[ \t]+)+", re.MULTILINE), ""),
    (pattern(r"^[ \t|:-]*--[ \t|:-]*$", re.MULTILINE), ""),  # delimiter rows of tables
    (pattern(r"\[TOC\]|\|"), " "),
    (pattern(r"!?\[|\]|\*+|`+|~~|==|\$\$|(?<!\w)_+|_+(?!\w)"), ""),
)
_SPACES = pattern(r"\s+")
_BEFORE_MARK = pattern(r" (?=[,.;:!?，。；：！？、）)])")


def plain_text(markdown: str) -> str:
    """Return a Markdown text as plain text on one line."""
    text = markdown
    for taken, instead in _PASSES:
        text = taken.sub(instead, text)
    return _BEFORE_MARK.sub("", _SPACES.sub(" ", unescape(text))).strip()
