"""The full-text index of each engine, and searches for the newest matching rows.

An indexed row has a number, a place and its words. MariaDB and PostgreSQL index the words in the table; on SQLite an
FTS5 table does, which triggers keep up to date (revision 0006).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    cast,
    column,
    delete,
    exists,
    insert,
    select,
    table,
)
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.orm import InstrumentedAttribute, Session

from qingbo.search.expressions import Every, Expression, for_boolean_mode, for_fts5, for_tsquery
from qingbo.search.places import Stretch, spans_between, tokens_of_place

Words = (
    Text()
    .with_variant(mysql.MEDIUMTEXT(charset="ascii", collation="ascii_bin"), "mysql", "mariadb")
    .with_variant(postgresql.TSVECTOR(), "postgresql")
)
"""The type of a column of tokens separated by spaces."""
Place = BigInteger()
FIRST_WINDOW = 512
"""How many of the newest rows the first query searches."""
WIDER = 16
"""How many times as far back the second query searches."""


@dataclass(frozen=True, slots=True)
class FullTextIndex:
    """A table of indexed rows."""

    number: InstrumentedAttribute[int]
    place: InstrumentedAttribute[int]
    words: InstrumentedAttribute[str]
    fts5: str
    """The name of the FTS5 table on SQLite."""


@dataclass(frozen=True, slots=True)
class Found:
    """A row that matches."""

    number: int
    place: int


Narrowed = Callable[[Select[Any]], Select[Any]]
"""Joins the rows with the posts or comments, and filters them."""


def newest_with(
    session: Session,
    index: FullTextIndex,
    wanted: Expression,
    stretch: Stretch,
    most: int,
    narrowed: Narrowed = lambda statement: statement,
) -> list[Found]:
    """Return the newest rows of a stretch that match, at most `most`."""
    found: list[Found] = []
    for window in _windows(session, index, stretch):
        here = wanted
        if window.lowest > stretch.lowest:
            here = Every([wanted, spans_between(window.lowest, window.before - 1)])
        statement = narrowed(_rows(session, index, here, window)).limit(most - len(found))
        found += [Found(row.number, row.place) for row in session.execute(statement)]
        if len(found) >= most:
            break
    return found


def put_rows(session: Session, index: FullTextIndex, rows: Sequence[tuple[int, int, Iterable[str]]]) -> None:
    """Insert or replace rows of number, place and tokens."""
    if not rows:
        return
    model = index.number.class_
    session.execute(delete(model).where(index.number.in_([number for number, _place, _tokens in rows])))
    values = [
        {index.number.key: number, "place": place, "words": " ".join(sorted({*tokens, *tokens_of_place(place)}))}
        # In order: FTS5 writes out what it has in memory when a place is lower than the one before.
        for number, place, tokens in sorted(rows, key=itemgetter(1))
    ]
    session.execute(insert(model), values)


def without_row(index: FullTextIndex, number: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that the index has no row with a number."""
    return ~exists(select(index.number).where(index.number == number))


def _windows(session: Session, index: FullTextIndex, stretch: Stretch) -> Iterator[Stretch]:
    """Yield parts of the stretch, the newest first: a small one, a larger one, the rest. On SQLite yield it whole."""
    before = stretch.before
    if not _is_sqlite(session):
        places = select(index.place).where(index.place >= stretch.lowest, index.place < before)
        places = places.order_by(index.place.desc()).limit(1)
        ends = (places.scalar_subquery(), places.offset(FIRST_WINDOW).scalar_subquery())
        newest, last = session.execute(select(*ends)).one()
        if last is not None:
            yield Stretch(last, before)
            wider = newest - WIDER * (newest - last)
            if wider > stretch.lowest:
                yield Stretch(wider, last)
                last = wider
            before = last
    yield Stretch(stretch.lowest, before)


def _rows(session: Session, index: FullTextIndex, wanted: Expression, window: Stretch) -> Select[Any]:
    if _is_sqlite(session):
        return _rows_by_fts5(index, wanted, window)
    order: ColumnElement[int] = index.place.expression
    if session.get_bind().dialect.name == "postgresql":
        has: ColumnElement[bool] = index.words.bool_op("@@")(cast(for_tsquery(wanted), postgresql.TSQUERY))
        # An expression, so that PostgreSQL does not use the index on places: for a rare word it would check all rows.
        order = index.place + 0
    else:
        has = mysql.match(index.words.expression, against=for_boolean_mode(Every([wanted]))).in_boolean_mode()
    rows = _columns(index).where(has, index.place >= window.lowest, index.place < window.before)
    return rows.order_by(order.desc())


def _rows_by_fts5(index: FullTextIndex, wanted: Expression, window: Stretch) -> Select[Any]:
    fts5 = table(index.fts5, column("rowid"), column(index.fts5))
    rows: Select[Any] = _columns(index).select_from(fts5)
    rows = rows.join(index.place.class_, index.place == fts5.c.rowid)
    rows = rows.where(fts5.c[index.fts5].op("MATCH")(for_fts5(wanted)))
    rows = rows.where(fts5.c.rowid >= window.lowest, fts5.c.rowid < window.before)
    return rows.order_by(fts5.c.rowid.desc())  # FTS5 reads rows in this order, and stops when there are enough


def _columns(index: FullTextIndex) -> Select[Any]:
    columns: Sequence[ColumnElement[Any]] = (index.number.label("number"), index.place.label("place"))
    return select(*columns)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
