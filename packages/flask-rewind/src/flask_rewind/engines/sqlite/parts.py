"""The parts of a CREATE TABLE statement of SQLite: column definitions and table constraints. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from flask_rewind.engines.sqlite.clauses import Clause, spelling
from flask_rewind.sql.tokenizer import tokens

_CONSTRAINTS = {"UNIQUE", "PRIMARY KEY", "CHECK", "FOREIGN KEY"}
_TABLE_PARTS = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}


@dataclass(frozen=True, slots=True)
class Constraint:
    """A key, a unique constraint or a CHECK, in a column definition or as a table constraint."""

    kind: str
    """``UNIQUE``, ``PRIMARY KEY``, ``CHECK`` or ``FOREIGN KEY``."""
    name: str | None
    columns: list[str]
    """Empty for a CHECK as a table constraint."""
    text: str

    @property
    def body(self) -> str:
        """Its text without its name."""
        return self.text if self.name is None else self.text[tokens(self.text)[1].end :].lstrip()

    def same_as(self, other: "Constraint") -> bool:
        """Return whether two constraints mean the same, regardless of their names and positions."""

        def said(each: "Constraint") -> tuple[Any, ...]:
            if each.kind == "CHECK":
                return (each.kind, spelling(each.body))
            rest = spelling(each.body)
            rest = rest[rest.index("references") :] if each.kind == "FOREIGN KEY" else []
            return (each.kind, [name.lower() for name in each.columns], rest)

        return said(self) == said(other)

    @property
    def referred(self) -> str:
        """The table that a foreign key refers to."""
        found = tokens(self.text)
        return next((after.name for token, after in pairwise(found) if token.word == "REFERENCES"), "")


def kind_of(part: str) -> str:
    """Return the kind of a table constraint."""
    return clause_of_part(part).kind


def columns_named(part: str) -> set[str]:
    """Return the columns of a table constraint in lower case; for a CHECK all its words."""
    return {*spelling(part)} if kind_of(part) == "CHECK" else {name.lower() for name in columns_of_part(part)}


def referring_to(key: str, table: str) -> str:
    """Return a foreign key with `table` as the table that it refers to."""
    found = tokens(key)
    name = found[next(at for at, token in enumerate(found) if token.word == "REFERENCES") + 1]
    if name.name.lower() == table.lower():
        return key
    quoted = '"' + table.replace('"', '""') + '"'
    return f"{key[: name.start]}{quoted}{key[name.end :]}"


def split_parts(body: str) -> Iterator[str]:
    """Yield the parts between the parentheses of a CREATE TABLE statement."""
    start = 0
    for token in tokens(body):
        if token.text == "," and token.depth == 0:
            yield body[start : token.start]
            start = token.end
    yield body[start:]


@lru_cache(maxsize=8192)  # a loop over the columns calls it for all parts, for each column
def column_of_part(part: str) -> str | None:
    """Return the name of the column that a part of the table defines; None for a constraint."""
    found = tokens(part)
    return found[0].name if found and found[0].word not in _TABLE_PARTS else None


def is_column(part: str) -> bool:
    """Return whether a part defines a column."""
    return column_of_part(part) is not None


def clause_of_part(part: str) -> Clause:
    """Return a table constraint as a clause."""
    found = tokens(part)
    name = found[1].name if found[0].word == "CONSTRAINT" else None
    word = found[2 if name is not None else 0].word
    kind = {"PRIMARY": "PRIMARY KEY", "FOREIGN": "FOREIGN KEY"}.get(word, word)
    return Clause(kind, name, found[0].start, found[-1].end)


def columns_of_part(part: str) -> list[str]:
    """Return the columns in the first parentheses of a table constraint."""
    inside: list[str] = []
    is_start = False
    for token in tokens(part):
        if token.text == ")" and token.depth == 0:
            break
        if token.depth == 1 and is_start:
            inside.append(token.name)
        is_start = token.text == "(" or (token.text == "," and token.depth == 1)
    return inside


def as_constraint(part: str, clause: Clause, *, inline: bool) -> Constraint | None:
    """Return a clause of a part as a constraint; None if it is not a constraint."""
    kind = "FOREIGN KEY" if clause.kind == "REFERENCES" else clause.kind
    if kind not in _CONSTRAINTS:
        return None
    columns = [tokens(part)[0].name] if inline else columns_of_part(part)
    return Constraint(kind, clause.name, columns, part[clause.start : clause.end])


def refers(text: str, table: str, columns: set[str | None]) -> bool:
    """Return whether a clause is a foreign key to one of these columns of a table."""
    found = tokens(text)
    at = next((at for at, token in enumerate(found) if token.word == "REFERENCES"), None)
    if at is None or found[at + 1].name.lower() != table.lower():
        return False
    if found[at + 2 : at + 3] and found[at + 2].text == "(":
        return bool({name.lower() for name in columns_of_part(text[found[at].start :])} & columns)
    return None in columns


def is_key_over(part: str, column: str | None) -> bool:
    """Return whether a part is a foreign key over a column, or over any."""
    if is_column(part) or clause_of_part(part).kind != "FOREIGN KEY":
        return False
    return column is None or column.lower() in {name.lower() for name in columns_of_part(part)}
