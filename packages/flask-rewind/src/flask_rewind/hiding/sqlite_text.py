"""The text of a CREATE TABLE statement as SQLite keeps it: finding a column in it, leaving clauses out. Pure.

What SQLite allows to be changed in that text without touching a row (sqlite.org/lang_altertable.html, section 7):
taking out or adding NOT NULL, foreign keys and CHECKs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)|(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*')"""
    r"""|(?P<word>[\w$]+)|(?P<sign>.)""",
    re.DOTALL,
)
_TABLE_PARTS = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a quoted name or text, or one sign; ``depth`` counts the parentheses around it."""

    text: str
    start: int
    end: int
    depth: int

    @property
    def word(self) -> str:
        """The word in capitals; what is quoted is no word."""
        return "" if self.text[0] in "\"`['" else self.text.upper()

    @property
    def name(self) -> str:
        """The identifier it spells."""
        if self.text[0] in "\"`'":
            return self.text[1:-1].replace(self.text[0] * 2, self.text[0])
        return self.text[1:-1] if self.text[0] == "[" else self.text


def tokens(sql: str) -> list[Token]:
    """Return what stands in `sql`, spaces and comments left out."""
    found, depth = [], 0
    for match in _TOKEN.finditer(sql):
        if match.lastgroup == "space":
            continue
        text = match.group()
        depth -= text == ")"
        found.append(Token(text, match.start(), match.end(), depth))
        depth += text == "("
    return found


class TableText:
    """One CREATE TABLE statement, cut into its parts: column definitions and table constraints."""

    def __init__(self, sql: str) -> None:
        all_tokens = tokens(sql)
        opening = next(token for token in all_tokens if token.text == "(")
        closing = next(token for token in all_tokens if token.text == ")" and token.depth == 0)
        self._head, self._tail = sql[: opening.end], sql[closing.start :]
        self.parts = list(_split(sql[opening.end : closing.start]))

    def __str__(self) -> str:
        return self._head + ",".join(self.parts) + self._tail

    def definition(self, column: str) -> str:
        """Return the definition of a column, its name included."""
        return self.parts[self._place(column)]

    def replace(self, column: str, definition: str) -> None:
        """Put another definition in the place of a column's."""
        self.parts[self._place(column)] = definition

    def take_keys(self, column: str | None = None) -> list[str]:
        """Take out the FOREIGN KEY parts, those of one column or all, and return them."""
        taken = [part for part in self.parts if _is_key(part, column)]
        self.parts = [part for part in self.parts if part not in taken]
        return taken

    def without_column_keys(self) -> None:
        """Take the REFERENCES clauses out of all columns."""
        self.parts = [without_clauses(part, {"REFERENCES"}) if _is_column(part) else part for part in self.parts]

    def _place(self, column: str) -> int:
        for place, part in enumerate(self.parts):
            if _is_column(part) and tokens(part)[0].name.lower() == column.lower():
                return place
        raise KeyError(column)


def without_clauses(definition: str, which: set[str]) -> str:
    """Return a column definition without its ``NOT NULL`` or ``REFERENCES`` clauses, as `which` says."""
    found = tokens(definition)
    kept, end, place = [], 0, 1
    while place < len(found):
        start, place_after = place, place
        if found[place].word == "CONSTRAINT" and place + 2 < len(found):
            place_after = place + 2
        length = _clause(found[place_after:], which)
        if length:
            kept.append(definition[end : found[start].start])
            place = place_after + length
            end = found[place - 1].end
        else:
            place += 1
    kept.append(definition[end:])
    return "".join(kept)


def _clause(found: list[Token], which: set[str]) -> int:
    """Return how many tokens the clause that begins here has, 0 where it is none of `which`."""
    words = [token.word if token.depth == 0 else "" for token in found]
    if words[:2] == ["NOT", "NULL"] and "NOT NULL" in which:
        return 5 if words[2:4] == ["ON", "CONFLICT"] else 2
    if words[:1] == ["REFERENCES"] and "REFERENCES" in which:
        return _length_of_key(found, words)
    return 0


def _length_of_key(found: list[Token], words: list[str]) -> int:
    place = 2
    if place < len(found) and found[place].text == "(":
        place = next(at for at in range(place, len(found)) if found[at].text == ")" and found[at].depth == 0) + 1
    while place < len(found) and (length := _length_of_action(words[place : place + 3])):
        place += length
    return place


def _length_of_action(words: list[str]) -> int:
    """Return how many words the part of a REFERENCES clause has that begins here, 0 where the clause is over."""
    match words:
        case ["ON", "DELETE" | "UPDATE", "SET" | "NO"]:
            return 4
        case ["ON", "DELETE" | "UPDATE", _]:
            return 3
        case ["MATCH" | "INITIALLY", *_] | ["NOT", "DEFERRABLE", *_]:
            return 2
        case ["DEFERRABLE", *_]:
            return 1
    return 0


def _split(body: str) -> Iterator[str]:
    start = 0
    for token in tokens(body):
        if token.text == "," and token.depth == 0:
            yield body[start : token.start]
            start = token.end
    yield body[start:]


def _is_column(part: str) -> bool:
    found = tokens(part)
    return bool(found) and found[0].word not in _TABLE_PARTS


def _is_key(part: str, column: str | None) -> bool:
    if _is_column(part):
        return False
    found = tokens(part)
    place = next((at for at, token in enumerate(found) if token.word == "FOREIGN" and token.depth == 0), None)
    if place is None:
        return False
    columns = []
    for token in found[place + 3 :]:
        if token.depth == 0:
            break
        columns.append(token.name.lower())
    return column is None or column.lower() in columns
