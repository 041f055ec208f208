"""The words of Markdown without its marks: for the index, and for what a result shows of a post.

It is not rendered for that: an index of a hundred thousand posts would take hours to make. What is left of a rare mark
does no harm.
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
    (pattern(r"\]\((?:<[^<>\n]*>|[^()\s]*)(?:[ \t]+\"[^\"\n]*\")?\)"), "]"),  # where a link leads
    (pattern(r"\[\^[^\]\n]{1,100}\]:?"), ""),  # footnotes, whose texts stay
    (pattern(r"^[ ]{0,3}\[[^\]\n]+\]:[ \t]*\S*", re.MULTILINE), ""),  # where links of a name lead
    (pattern(r"\]\[[^\]\n]*\]"), "]"),
    (pattern(r"^[ \t]*(?:`{3,}|~{3,})[ \t]*([^\n`]*)$", re.MULTILINE), ""),  # fences of code
    (pattern(r"^[ \t]*(?:>[ \t]*|(?:#{1,6}|[-*+]|:|\d{1,9}[.)])[ \t]+)+", re.MULTILINE), ""),
    (pattern(r"^[ \t|:-]*--[ \t|:-]*$", re.MULTILINE), ""),  # below the head of a table
    (pattern(r"\[TOC\]|\|"), " "),
    (pattern(r"!?\[|\]|\*+|`+|~~|==|\$\$|(?<!\w)_+|_+(?!\w)"), ""),
)
_SPACES = pattern(r"\s+")
_BEFORE_MARK = pattern(r" (?=[,.;:!?，。；：！？、）)])")


def plain_text(markdown: str) -> str:
    """Return the words of a Markdown text on one line."""
    text = markdown
    for taken, instead in _PASSES:
        text = taken.sub(instead, text)
    return _BEFORE_MARK.sub("", _SPACES.sub(" ", unescape(text))).strip()
