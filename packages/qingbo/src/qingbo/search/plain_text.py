"""The words of Markdown without its marks: for the index, and for what a result shows of a post.

It is not rendered for that: an index of a hundred thousand posts would take hours to make. What is left of a rare mark
does no harm.
"""

import re
from html import unescape

_INLINE = "a|abbr|b|cite|code|del|em|font|i|ins|kbd|mark|q|rp|rt|ruby|s|samp|small|span|strong|sub|sup|u|var|wbr"
_BLOCKS = (
    "audio|blockquote|br|center|dd|details|div|dl|dt|figcaption|figure|h[1-6]|hr|iframe|img|li|ol|p|picture|pre|"
    "source|summary|table|tbody|td|tfoot|th|thead|tr|ul|video"
)
_PASSES = (
    (re.compile(r"<!--[^<>]*-->"), ""),
    (re.compile(rf"</?(?:{_INLINE})(?:\s[^<>]*)?/?>", re.IGNORECASE), ""),
    (re.compile(rf"</?(?:{_BLOCKS})(?:\s[^<>]*)?/?>", re.IGNORECASE), " "),
    (re.compile(r"\]\((?:<[^<>\n]*>|[^()\s]*)(?:[ \t]+\"[^\"\n]*\")?\)"), "]"),  # where a link leads
    (re.compile(r"\[\^[^\]\n]{1,100}\]:?"), ""),  # footnotes, whose texts stay
    (re.compile(r"^[ ]{0,3}\[[^\]\n]+\]:[ \t]*\S*", re.MULTILINE), ""),  # where links of a name lead
    (re.compile(r"\]\[[^\]\n]*\]"), "]"),
    (re.compile(r"^[ \t]*(?:`{3,}|~{3,})[ \t]*([^\n`]*)$", re.MULTILINE), ""),  # fences of code
    (re.compile(r"^[ \t]*(?:>[ \t]*|(?:#{1,6}|[-*+]|:|\d{1,9}[.)])[ \t]+)+", re.MULTILINE), ""),
    (re.compile(r"^[ \t|:-]*--[ \t|:-]*$", re.MULTILINE), ""),  # below the head of a table
    (re.compile(r"\[TOC\]|\|"), " "),
    (re.compile(r"!?\[|\]|\*+|`+|~~|==|\$\$|(?<!\w)_+|_+(?!\w)"), ""),
)
_SPACES = re.compile(r"\s+")
_BEFORE_MARK = re.compile(r" (?=[,.;:!?，。；：！？、）)])")


def plain_text(markdown: str) -> str:
    """Return the words of a Markdown text on one line."""
    text = markdown
    for pattern, instead in _PASSES:
        text = pattern.sub(instead, text)
    return _BEFORE_MARK.sub("", _SPACES.sub(" ", unescape(text))).strip()
