"""The tables of `operation_kinds` with a column that writers count up, and with as many rows as asked for.

Rows with keys from 1 up are there before anybody writes, and stay. Their texts follow from their keys, so that a query
finds those that have become wrong. Writers insert rows after them.
"""

from dataclasses import dataclass, field

import sqlalchemy as sa

COUNTED = "counted"
"""The column that writers count up."""
BODY = "body"
"""A column that makes the rows of the largest table long."""
_BODY_SIZE = 200
HIDDEN = "_attic_"


@dataclass(frozen=True)
class Table:
    """A table that is written to while it is moved."""

    names: tuple[str, ...]
    """What it is called at the revisions between which it is moved."""
    key: str = "id"
    words: dict[str, str] = field(default_factory=dict)
    """What is in each text column, before the key."""
    numbers: dict[str, str] = field(default_factory=dict)
    """What is in other columns, as SQL about the key, which is called ``n``."""


TABLES = {
    "author": Table(("author", "writer"), words={"name": "name"}),
    "post": Table(
        ("post",),
        words={"title": "title", "slug": "slug", "note": "note"},
        numbers={"author_id": "n", "score": "3"},
    ),
    "mark": Table(("mark", "star"), numbers={"post_id": "n"}),
    "pair": Table(("pair",), key="one", numbers={"other": "n + 1"}),
    "wide": Table(("wide",), words={f"c{number}": "text" for number in range(4)}),
}
"""A table comes after those that it refers to."""

_NUMBERS = {
    "mysql": "(SELECT seq AS n FROM seq_1_to_{}) AS numbers",
    "postgresql": "generate_series(1, {}) AS numbers(n)",
    "sqlite": "(WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < {}) SELECT n FROM up)",
}
_BODIES = {"mysql": "REPEAT('x', {})", "postgresql": "repeat('x', {})", "sqlite": "printf('%.{}c', 'x')"}
_UNEQUAL = {"mysql": "NOT ({} <=> {})", "postgresql": "{} IS DISTINCT FROM {}", "sqlite": "{} IS NOT {}"}


def fill(engine: sa.Engine, rows: int) -> None:
    """Put so many rows into each table, without sending them."""
    dialect = engine.dialect.name
    with engine.begin() as connection:
        for name, table in TABLES.items():
            values = {table.key: "n"} | table.numbers
            values |= {column: _text(dialect, word, "n") for column, word in table.words.items()}
            if name == "post":
                values[BODY] = _BODIES[dialect].format(_BODY_SIZE)
            insert = f"INSERT INTO {name} ({', '.join(values)}) SELECT {', '.join(values.values())}"
            connection.execute(sa.text(f"{insert} FROM {_NUMBERS[dialect].format(rows)}"))


def wrong_texts(connection: sa.Connection, name: str, table: Table, rows: int) -> dict[str, int]:
    """Return how many of the first rows have another text than `fill` gave them, for each column that is there."""
    dialect = connection.dialect.name
    there = {each["name"] for each in sa.inspect(connection).get_columns(name)}
    found = {}
    for column, word in table.words.items():
        if column in there:
            wrong = _UNEQUAL[dialect].format(column, _text(dialect, word, table.key))
            query = f"SELECT count(*) FROM {name} WHERE {table.key} <= {rows} AND {wrong}"
            found[f"{name}.{column}"] = connection.execute(sa.text(query)).scalar_one()
    return {column: count for column, count in found.items() if count}


def name_of(connection: sa.Connection, table: Table) -> str | None:
    """Return what a table is called now; None while there is no such table."""
    there = sa.inspect(connection).get_table_names()
    return next((name for name in table.names if name in there), None)


def _text(dialect: str, word: str, key: str) -> str:
    return f"CONCAT('{word} ', {key})" if dialect == "mysql" else f"'{word} ' || {key}"
