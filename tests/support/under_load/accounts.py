"""What writers know to be committed, and whether it is in the database.

Each writer inserts, updates and deletes rows of its own, and counts up its share of the rows that were there before. So
every row has one writer, who knows what must be in it, even if an answer of the server was lost.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from under_load.changes import Change, Row
from under_load.tables import COUNTED, TABLES, Table, name_of, wrong_texts


@dataclass
class Book:
    """What is committed in one table."""

    rows: dict[int, Row] = field(default_factory=dict)
    """Rows that the writer has inserted and not deleted, with what it knows of them."""
    added: Counter[int] = field(default_factory=Counter)
    """How much it has added to rows that were there before."""
    inserted: int = 0
    """How many keys are used up."""

    def enter(self, change: Change) -> None:
        """Enter what was committed."""
        if change.verb == "insert":
            self.rows[change.key] = {COUNTED: 0} | change.values
        elif change.verb == "delete":
            del self.rows[change.key]
        elif change.key in self.rows:
            self.rows[change.key][COUNTED] += change.values[COUNTED]
        else:
            self.added[change.key] += change.values[COUNTED]

    def counted(self, key: int) -> int:
        """Return what a row's `COUNTED` must be."""
        return int(self.rows[key][COUNTED] if key in self.rows else self.added[key])


@dataclass
class Account:
    """What one writer has done."""

    number: int
    books: dict[str, Book] = field(default_factory=lambda: {name: Book() for name in TABLES})
    done: Counter[str] = field(default_factory=Counter)
    """How many inserts, updates and deletes were committed, and how many transactions rolled back."""
    errors: Counter[str] = field(default_factory=Counter)
    """How often a statement failed, by the error."""
    missing: list[str] = field(default_factory=list)
    """Rows that a statement did not find."""
    spans: list[tuple[float, float]] = field(default_factory=list)
    """When each transaction began and ended, by the machine's clock (``time.monotonic``)."""


def differences(engine: sa.Engine, accounts: Iterable[Account], rows: int) -> list[str]:
    """Return in what the tables that are there differ from the accounts; others of the same name do not count.

    Args:
        engine: of the database.
        accounts: of all who have ever written into it.
        rows: how many rows each table had before.
    """
    accounts = [*accounts]
    with engine.connect() as connection:
        found = [f"not found: {place}" for account in accounts for place in account.missing]
        for called, table in TABLES.items():
            name = name_of(connection, table)
            if name and COUNTED in {each["name"] for each in sa.inspect(connection).get_columns(name)}:
                books = [account.books[called] for account in accounts]
                found += _differences(connection, name, table, books, rows)
                wrong = wrong_texts(connection, name, table, rows)
                found += [f"{column} is wrong in {count} of the first rows" for column, count in wrong.items()]
    return found


def _differences(connection: sa.Connection, name: str, table: Table, books: list[Book], rows: int) -> Iterator[str]:
    first = f"FROM {name} WHERE {table.key} <= {rows}"
    count, total = connection.execute(sa.text(f"SELECT count(*), coalesce(sum({COUNTED}), 0) {first}")).one()
    yield from _unequal(f"{name}: number of the first rows", count, rows)
    added = sum((book.added for book in books), Counter[int]())
    yield from _unequal(f"{name}: sum of the first rows", int(total), added.total())
    changed = connection.execute(sa.text(f"SELECT {table.key}, {COUNTED} {first} AND {COUNTED} <> 0")).all()
    yield from _unequal(f"{name}: what was added", dict(map(tuple, changed)), dict(added))
    wanted = {key: row for book in books for key, row in book.rows.items()}
    new = connection.execute(sa.text(f"SELECT * FROM {name} WHERE {table.key} > {rows}")).mappings()
    there = {row[table.key]: row for row in new}
    yield from _unequal(f"{name}: new rows", sorted(there), sorted(wanted))
    for key in there.keys() & wanted.keys():
        known = {column: value for column, value in wanted[key].items() if column in there[key]}
        yield from _unequal(f"{name}: row {key}", {column: there[key][column] for column in known}, known)


def _unequal(what: str, found: Any, wanted: Any) -> Iterator[str]:
    if found != wanted:
        yield f"{what}: {str(found)[:500]}, and not {str(wanted)[:500]}"
