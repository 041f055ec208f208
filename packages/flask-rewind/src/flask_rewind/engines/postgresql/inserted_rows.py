"""INSERT … RETURNING of one row, where SQLAlchemy itself asks for the new key. Pure.

If the INSERT is skipped because its table returned with its rows, the existing row is looked up instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_rewind.sql.tokenizer import Token, tokens

_RETURNING = " RETURNING "


@dataclass(frozen=True, slots=True)
class InsertedRow:
    """An INSERT of one row on PostgreSQL, and its RETURNING clause from SQLAlchemy."""

    insert: str
    returned: str

    @classmethod
    def asked_for(cls, statement: str, compiled: Any) -> "InsertedRow | None":
        """Return the INSERT and its RETURNING clause; None if the script wrote that, or there are several rows."""
        if not getattr(compiled, "implicit_returning", None) or compiled.dialect.name != "postgresql":
            return None
        insert, word, returned = statement.rpartition(_RETURNING)
        return cls(insert, returned) if word and _pairs(insert) else None

    def with_returned(self, insert: str) -> str:
        """Return a statement that replaces the INSERT, with the same RETURNING clause."""
        return f"{insert}{_RETURNING}{self.returned}"

    @property
    def lookup(self) -> str:
        """The query for the row with all its inserted values; it finds none if the app has changed one."""
        table = self.insert[len("INSERT INTO ") : self.insert.index("(")].strip()
        is_it = " AND ".join(
            f"CAST({column} AS text) IS NOT DISTINCT FROM CAST({value} AS text)"
            for column, value in _pairs(self.insert)
        )
        return f"SELECT {self.returned} FROM {table} WHERE {is_it} LIMIT 1"


def _pairs(insert: str) -> list[tuple[str, str]]:
    """Return the columns and their values; none if the INSERT is not of the form that SQLAlchemy uses for one row."""
    found = tokens(insert, "postgresql")
    lists = [_items(insert, found, at) for at, token in enumerate(found) if token.text == "(" and token.depth == 0]
    has_values = any(token.word == "VALUES" and token.depth == 0 for token in found)
    if found[0].word != "INSERT" or len(lists) != 2 or not has_values or found[-1].text != ")":
        return []
    columns, values = ([*each] for each in lists)
    return [*zip(columns, values, strict=True)] if len(columns) == len(values) else []


def _items(sql: str, found: Sequence[Token], opening: int) -> Iterator[str]:
    """Yield the items of a list in parentheses, which commas separate."""
    start = found[opening].end
    for token in found[opening + 1 :]:
        if (token.text == "," and token.depth == 1) or (token.text == ")" and token.depth == 0):
            yield sql[start : token.start].strip()
            start = token.end
        if token.text == ")" and token.depth == 0:
            return
