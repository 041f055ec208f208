"""GitHub's alerts: a quote that begins with ``[!NOTE]``. The headline is in the language of the quote."""

import re
from collections.abc import Sequence
from itertools import takewhile

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from qingbo.rendering.languages import language_of

ALERT_TITLE = "alert_title"
"""Type of a headline's token."""

_MARK = re.compile(r"\[!(note|tip|important|warning|caution)\][ \t]*(?:\n|$)", re.IGNORECASE)
_NO_WORDS = re.compile(r"\[!\w+\]|`[^`]*`|https?://\S*")
_WORDS = {
    "note": ("Note", "注意"),
    "tip": ("Tip", "提示"),
    "important": ("Important", "重要"),
    "warning": ("Warning", "警告"),
    "caution": ("Caution", "当心"),
}
_ENOUGH = 500
"""How many characters are read to detect the language."""


def make_alerts(state: StateCore) -> None:
    """Convert quotes that begin with an alert's mark and have content to alerts."""
    tokens = state.tokens
    if not any(token.type == "inline" and token.content.startswith("[!") for token in tokens):
        return
    kept: list[Token] = []
    skipped = 0
    for place, token in enumerate(tokens):
        if skipped:
            skipped -= 1
            continue
        kept.append(token)
        if token.type == "blockquote_open" and (found := _mark_in(tokens, place)):
            skipped = _begin_alert(tokens, place, found, kept, state.src)
    state.tokens = kept


def _mark_in(tokens: Sequence[Token], place: int) -> re.Match[str] | None:
    """Return the mark at the beginning of a quote, if content follows it."""
    if place + 4 >= len(tokens) or tokens[place + 1].type != "paragraph_open":
        return None
    text = tokens[place + 2].content
    found = _MARK.match(text)
    is_empty = found and not text[found.end() :] and tokens[place + 4].type == "blockquote_close"
    return None if is_empty else found


def _begin_alert(tokens: Sequence[Token], place: int, found: re.Match[str], kept: list[Token], whole: str) -> int:
    """Append the beginning of an alert to `kept`, and return how many further tokens of the quote to skip."""
    kind, opening, words = found[1].lower(), tokens[place], tokens[place + 2]
    opening.tag, opening.attrs = "div", {"class": f"alert alert-{kind}"}
    _closing_of(tokens, place).tag = "div"
    language = _language(_beginning(tokens, place, found)) or _language(whole[:_ENOUGH])
    english, chinese = _WORDS[kind]
    is_chinese = language == "zh-Hans"
    attributes: dict[str, str | int | float] = {} if is_chinese or language in {"", "en"} else {"lang": "en"}
    title = Token(ALERT_TITLE, "p", 0, attrs=attributes, content=chinese if is_chinese else english, block=True)
    title.level = opening.level + 1
    kept.append(title)
    words.content = words.content[found.end() :]
    if words.map:
        words.map = [words.map[0] + 1, words.map[1]]
    return 0 if words.content else 3


def _language(text: str) -> str:
    return language_of(_NO_WORDS.sub(" ", text))


def _closing_of(tokens: Sequence[Token], place: int) -> Token:
    level = tokens[place].level
    following = (tokens[number] for number in range(place + 1, len(tokens)))
    return next(token for token in following if token.type == "blockquote_close" and token.level == level)


def _beginning(tokens: Sequence[Token], place: int, found: re.Match[str]) -> str:
    """Return enough text of a quote to detect its language."""
    inside = takewhile(
        lambda token: token.type != "blockquote_close" or token.level != tokens[place].level,
        (tokens[number] for number in range(place + 2, len(tokens))),
    )
    text = ""
    for token in inside:
        text += token.content[: _ENOUGH + found.end()] if token.type == "inline" else ""
        if len(text) > _ENOUGH + found.end():
            break
    return text[found.end() :]
