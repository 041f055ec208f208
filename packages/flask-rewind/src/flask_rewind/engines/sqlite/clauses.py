"""Parse the clauses of a column definition in a CREATE TABLE statement of SQLite. Pure.

The grammar is in sqlite.org/lang_createtable.html.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask_rewind.sql.tokenizer import Token, tokens


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a column definition or table constraint; ``start`` and ``end`` are positions in the text."""

    kind: str
    """``NOT NULL``, ``NULL``, ``UNIQUE``, ``PRIMARY KEY``, ``CHECK``, ``DEFAULT``, ``COLLATE``, ``REFERENCES``,
    ``GENERATED``, and for a table ``FOREIGN KEY``."""
    name: str | None
    """The name after CONSTRAINT."""
    start: int
    end: int


def clauses(definition: str) -> list[Clause]:
    """Return the clauses of a column definition, in order."""
    found = tokens(definition)
    return list(_clauses(found, end_of_type(found)))


def clause_of(definition: str, kind: str) -> str | None:
    """Return the text of the first clause of a kind; None if there is none."""
    return next((definition[each.start : each.end] for each in clauses(definition) if each.kind == kind), None)


def kinds_of(definition: str) -> set[str]:
    """Return the kinds of the clauses of a column definition."""
    return {clause.kind for clause in clauses(definition)}


def without_clauses(definition: str, which: set[str]) -> str:
    """Return a column definition without its clauses of these kinds."""
    return without(definition, [clause for clause in clauses(definition) if clause.kind in which])


def declared_type(definition: str) -> str:
    """Return the type of a column definition; empty if it has none."""
    found = tokens(definition)
    end = end_of_type(found)
    return definition[found[1].start : found[end - 1].end] if end > 1 else ""


def affinity(kind: str) -> str:
    """Return the affinity of a declared type (sqlite.org/datatype3.html, section 3.1)."""
    kind = kind.upper()
    if "INT" in kind:
        return "INTEGER"
    if any(word in kind for word in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if "BLOB" in kind or not kind.strip():
        return "BLOB"
    return "REAL" if any(word in kind for word in ("REAL", "FLOA", "DOUB")) else "NUMERIC"


def spelling(sql: str) -> list[str]:
    """Return the words and signs of `sql`, independent of quotes, spaces and letter case."""
    return [token.text if token.text[0] == "'" else token.name.lower() for token in tokens(sql)]


def without(definition: str, taken: list[Clause]) -> str:
    """Return a text without some of its clauses."""
    for clause in reversed(taken):
        definition = definition[: clause.start].rstrip(" ") + definition[clause.end :]
    return definition


_STARTS = {
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "GENERATED",
    "AS",
}


def end_of_type(found: Sequence[Token]) -> int:
    """Return the index of the first token after name and type."""
    for place, token in enumerate(found[1:], 1):
        if token.depth == 0 and token.word in _STARTS:
            return place
    return len(found)


def _clauses(found: Sequence[Token], place: int) -> Iterator[Clause]:
    while place < len(found):
        start, name = place, None
        if found[place].word == "CONSTRAINT":
            name = found[place + 1].name
            place += 2
        kind, length = _clause(found[place:])
        yield Clause(kind, name, found[start].start, found[place + length - 1].end)
        place += length


def _clause(found: Sequence[Token]) -> tuple[str, int]:
    """Return the kind of the clause that begins here, and how many tokens it has."""
    words = [token.word if token.depth == 0 else "" for token in found]
    kind = _KINDS.get(words[0])
    if kind is None:
        raise ValueError(f"no clause of a column begins with {found[0].text}")
    return kind, _LENGTHS[kind](found, words)


def _with_conflict(words: list[str], length: int) -> int:
    return length + 3 if words[length : length + 2] == ["ON", "CONFLICT"] else length


def _behind_parentheses(found: Sequence[Token], place: int) -> int:
    depth = found[place].depth
    return next(at for at in range(place, len(found)) if found[at].text == ")" and found[at].depth == depth) + 1


def _length_of_default(found: Sequence[Token]) -> int:
    if found[1].text == "(":
        return _behind_parentheses(found, 1)
    is_signed = found[1].text in "+-"
    is_blob = found[1].word == "X" and found[2:3] and found[2].text[0] == "'"
    return 3 if is_signed or is_blob else 2


def _length_of_key(found: Sequence[Token], words: list[str]) -> int:
    place = 2
    if place < len(found) and found[place].text == "(":
        place = _behind_parentheses(found, place)
    while place < len(found) and (length := _length_of_action(words[place : place + 3])):
        place += length
    return place


def _length_of_action(words: list[str]) -> int:
    """Return how many words the next part of a REFERENCES clause has; 0 if the clause has ended."""
    match words:
        case ["ON", "DELETE" | "UPDATE" | "INSERT", "SET" | "NO"]:
            return 4
        case ["ON", "DELETE" | "UPDATE" | "INSERT", _]:
            return 3
        case ["MATCH" | "INITIALLY", *_] | ["NOT", "DEFERRABLE", *_]:
            return 2
        case ["DEFERRABLE", *_]:
            return 1
    return 0


def _length_of_primary_key(found: Sequence[Token], words: list[str]) -> int:
    length = _with_conflict(words, 3 if words[2:3] in (["ASC"], ["DESC"]) else 2)
    return length + (words[length : length + 1] == ["AUTOINCREMENT"])


def _length_of_generated(found: Sequence[Token], words: list[str]) -> int:
    length = _behind_parentheses(found, words.index("AS") + 1)
    return length + (words[length : length + 1] in (["STORED"], ["VIRTUAL"]))


_KINDS = {"NOT": "NOT NULL", "PRIMARY": "PRIMARY KEY", "AS": "GENERATED"} | {
    word: word for word in ("NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED")
}
_LENGTHS: dict[str, Callable[[Sequence[Token], list[str]], int]] = {
    "NOT NULL": lambda found, words: _with_conflict(words, 2),
    "NULL": lambda found, words: _with_conflict(words, 1),
    "UNIQUE": lambda found, words: _with_conflict(words, 1),
    "PRIMARY KEY": _length_of_primary_key,
    "CHECK": lambda found, words: _behind_parentheses(found, 1),
    "DEFAULT": lambda found, words: _length_of_default(found),
    "COLLATE": lambda found, words: 2,
    "REFERENCES": _length_of_key,
    "GENERATED": _length_of_generated,
}
