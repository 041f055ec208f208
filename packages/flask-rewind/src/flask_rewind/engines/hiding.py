"""What a hider of any engine can do."""

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    column,
    delete,
    func,
    inspect,
    literal_column,
    select,
    table,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from flask_rewind.attic_entries import PREFIX, Entry, Place
from flask_rewind.details import ColumnDetails, TableDetails
from flask_rewind.errors import Refused
from flask_rewind.places import Names
from flask_rewind.sql.changes import CreateIndex, NewType
from flask_rewind.sql.grammar import read

_STATES = {"57014", "55P03", "40P01", "40001"}
"""Cancelled, lock not available, deadlock, serialization failure (postgresql.org/docs/15/errcodes-appendix.html)."""
_NUMBERS = {1205, 1213, 1969, 2006, 2013, 3024}
"""The same, and a server gone away (mariadb.com/kb/en/mariadb-error-code-reference)."""
_ASKED_AT_ONCE = 500
"""Sums in one SELECT: a result of SQLite has no more columns than a table."""
DROP_THEM = "Drop these first, in the same revision."


@dataclass(frozen=True, slots=True)
class Restore:
    """An index or a constraint that went with a hidden thing; made again at the end of the crossing that returns it.

    At the end, because the script may make it by itself, and what it points to may return later.
    """

    kind: str
    """``index``, ``constraint``, ``trigger``, ``policy``; on SQLite ``part`` of a text, or ``key to`` a column.

    On PostgreSQL also ``parent``: the table that it is a partition of, or inherits from.
    """
    place: Place
    name: str
    sql: str
    needs: frozenset[str] = frozenset()
    """The columns of its table that it names, in small letters; of kind ``parent`` that table, as SQL names it."""
    more: tuple[str, ...] = ()
    """Statements that say the rest of it, such as its comment."""


def is_of_the_moment(error: DBAPIError) -> bool:
    """Return whether an error is of a lock, a time limit or the connection, and says nothing of the statement."""
    number = error.orig.args[0] if error.orig and error.orig.args else None
    is_of_server = getattr(error.orig, "sqlstate", None) in _STATES or number in _NUMBERS
    return error.connection_invalidated or is_of_server or "is locked" in str(error.orig)


def on_table(sql: str, dialect: str, table: str) -> str:
    """Return a CREATE INDEX statement for the quoted `table`, which may have had another name when it was written."""
    change = read(sql, dialect)
    if not isinstance(change, CreateIndex) or change.table.table == table.split(".")[-1].strip('"'):
        return sql
    former = re.escape(change.table.sql)
    return re.sub(rf"(\sON\s+(?:ONLY\s+)?){former}", lambda match: match[1] + table, sql, count=1)


def columns_of(inspector: Any, schema: str | None, table: str) -> dict[str, Any]:
    """Return the reflected columns of a table by name."""
    found = {column["name"]: column for column in inspector.get_columns(table, schema=schema)}
    if inspector.dialect.name in {"mysql", "mariadb"}:  # which reads `` in a name as two
        return {name.replace("``", "`"): column for name, column in found.items()}
    return found


class Hider(ABC):
    """Hides and returns in one database."""

    key = "CONSTRAINT"
    """What the engine calls a foreign key where one is dropped."""
    ties_keys_again = False
    """Whether the keys to a dropped table are those of the next one of its name, where a script may drop it at all."""
    leaves_hidden_columns_out = False
    """Whether ``SELECT *`` and an INSERT without columns know nothing of hidden ones."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.names = Names(connection)

    @abstractmethod
    def look_at_column(self, place: Place) -> ColumnDetails | None:
        """Return what it takes to bring the column back; None where it holds no data of its own.

        Raises:
            Refused: where it cannot be hidden.
        """

    @abstractmethod
    def hide_column(self, entry: Entry) -> None:
        """Rename the column and let rows be inserted without it."""

    @abstractmethod
    def newborn_rows(self, entry: Entry) -> int:
        """Return how many rows have no value of their own in a hidden NOT NULL column without a default."""

    def insert_without_columns(self, entry: Entry) -> str:
        """Return what becomes of the app's ``INSERT INTO t VALUES …`` while a column is hidden; empty where nothing."""
        return ""

    def null_rows(self, entry: Entry) -> int:
        """Return how many rows have NULL in a hidden column."""
        return self.nulls_in(replace(entry.place, column=entry.name))

    def nulls_in(self, place: Place) -> int:
        """Return how many rows have NULL in a column."""
        statement = f"SELECT count(*) FROM {self.table_of(place)} WHERE {self.quote(str(place.column))} IS NULL"
        return int(self.run_literally(statement).scalar_one())

    @abstractmethod
    def return_column(self, entry: Entry, *, nullable: bool, fill: str | None) -> list[Restore]:
        """Bring the column back; rows without a value of their own get the SQL expression `fill`, else NULL."""

    def show_column(self, entry: Entry) -> None:
        """Give the column a name of its own again, for good, without what stood on it."""
        self.return_column(entry, nullable=not entry.details_as(ColumnDetails).is_numbered, fill=None)
        self.let_go()

    def primary_key(self, place: Place) -> list[str]:
        """Return the columns of the primary key of a table."""
        inspector = inspect(self.connection)
        key = inspector.get_pk_constraint(place.table, place.schema)["constrained_columns"]
        spelled = columns_of(inspector, place.schema, place.table)
        return [name if name in spelled else name.replace("``", "`") for name in key]

    @abstractmethod
    def look_at_table(self, place: Place) -> TableDetails:
        """Return what it takes to bring the table back.

        Raises:
            Refused: where it cannot be hidden.
        """

    @abstractmethod
    def hide_table(self, entry: Entry) -> None:
        """Rename the table, and what would act or keep a name taken from under the roof."""

    @abstractmethod
    def return_table(self, entry: Entry) -> list[Restore]:
        """Bring the table back."""

    def give_names_again(self) -> None:
        """Give what returned while its names were taken these names, where they are free by now."""
        return

    def expect_foreign_key(self, table: Place) -> None:
        """Note that a script which goes down is about to add a foreign key to a table."""
        return

    def settle_key_indexes(self) -> None:
        """Give the indexes that the server makes for foreign keys the names they had, and drop unused ones."""
        return

    def drop_index_of_key(self, table: Place, index: str) -> bool:
        """Drop an index that a foreign key needs, with another one in its place; return False where none does."""
        return False

    def let_go(self) -> None:
        """Drop what is of use only where a crossing fails behind a return."""
        return

    def hidden_names(self, schema: str | None) -> set[str]:
        """Return the names like ``_attic_1`` that tables and columns of a schema have, on MariaDB and MySQL."""
        return set()

    def clean_up(self, hidden: Sequence[Entry], returned: Sequence[Entry], gone: Sequence[Entry]) -> None:
        """Drop what a crossing that broke off has left beside what is hidden, before the crossing is taken back.

        Args:
            hidden: the entries of what is hidden.
            returned: those of what the crossing had brought back. What marks its new rows is kept until `let_go`.
            gone: those of what it was about to hide when it broke off.
        """
        return

    @abstractmethod
    def has(self, restore: Restore) -> bool:
        """Return whether the index or constraint is there already."""

    def has_like(self, restore: Restore, own: Collection[str]) -> bool:
        """Return whether the script has made the same constraint, or unique index, without a name.

        Args:
            restore: what would be made.
            own: the names of what returned by itself: two of these may say the same.
        """
        return False

    def make(self, restore: Restore) -> None:
        """Make an index or a constraint again."""
        for sql in (restore.sql, *restore.more):
            self.run_literally(sql)

    def is_relation(self, name: str) -> bool:
        """Return whether there is a table, index or sequence of this quoted name, on PostgreSQL."""
        return True

    @abstractmethod
    def is_temporary(self, place: Place) -> bool:
        """Return whether a table is one of the session, which goes with it whatever is done."""

    def dependants_on(self, place: Place) -> list[str]:
        """Return what CASCADE would drop with a column or a table, constraints left out."""
        return []

    def trigger_named(self, name: str) -> tuple[str, str] | None:
        """Return the table that has a trigger of that name, and what makes it, where names are the schema's."""
        return None

    def hidden_trigger(self, name: str) -> tuple[str, str] | None:
        """Return the hidden table that has a trigger of that name, and what makes it."""
        found = self.trigger_named(name)
        return found if found and found[0].startswith(PREFIX) else None

    def has_name(self, restore: Restore) -> bool:
        """Return whether a trigger of another table in sight has the name of one that is to be made."""
        found = self.trigger_named(restore.name)
        return found is not None and not found[0].startswith(PREFIX)

    def triggers_of(self, entry: Entry) -> list[Restore]:
        """Return the triggers whose names others took while their table was hidden."""
        table = self.table_of(entry.place)
        return [
            Restore("trigger", entry.place, name, re.sub(rf'"?\b{entry.name}\b"?', lambda _: table, sql, count=1))
            for name, sql in entry.details_as(TableDetails).triggers
        ]

    def keys_to(self, entry: Entry) -> list[Restore]:
        """Return the foreign keys to a hidden thing that were dropped with it; SQLite's wait for it."""
        return [
            Restore(
                "constraint", Place(schema, other), name, f"ALTER TABLE {self.name_of(schema, other)} ADD {definition}"
            )
            for schema, other, name, definition in entry.details.incoming
        ]

    def drop_keys_to(self, entry: Entry) -> None:
        """Drop the foreign keys to a thing that is about to be hidden."""
        for schema, other, name, _ in entry.details.incoming:
            self.run_literally(f"ALTER TABLE {self.name_of(schema, other)} DROP {self.key} {self.quote(name)}")

    def has_no_room(self, error: DBAPIError) -> bool:
        """Return whether an error says that a table cannot hold more columns, or longer ones."""
        return False

    def make_room(self, place: Place, actions: Sequence[str], staying: Collection[str] = ()) -> list[str]:
        """Let what is hidden in a table take less room in its rows, where actions of an ALTER TABLE need that.

        Returns the names of the hidden columns that must leave the table besides, the first of them first; those that
        are `staying` cannot.
        """
        return []

    @contextmanager
    def unchecked_keys(self) -> Iterator[None]:
        """Let foreign keys be made without a look at the rows, where the engine has that."""
        yield

    def one_drop_each(self, statement: str) -> list[str]:
        """Return a DROP of several types or sequences that hidden columns use as one statement for each."""
        return [statement]

    def type_to_hide(self, statement: str) -> tuple[Place, str] | None:
        """Return the type or sequence that a DROP statement names, where nothing but what is hidden uses it.

        With it comes what it is: ``TYPE`` or ``SEQUENCE``.
        """
        return None

    def has_type(self, entry: Entry) -> bool:
        """Return whether a hidden type or sequence is there still: a sequence may go with its column."""
        return False

    def has_label(self, statement: str) -> bool:
        """Return whether an enum type has the label already that a statement would add."""
        return False

    def hide_type(self, entry: Entry) -> str:
        """Return the statement that takes the name of a type away."""
        raise NotImplementedError

    def return_type(self, entry: Entry) -> str:
        """Return the statement that gives a hidden type its name back."""
        raise NotImplementedError

    def creates_type(self, statement: str, entry: Entry) -> bool:
        """Return whether a statement makes the very type, or the sequence, that `entry` hides."""
        return False

    @abstractmethod
    def purge_column(self, entry: Entry) -> None:
        """Drop the hidden column for good.

        Raises:
            Refused: where something still uses it.
        """

    def refuse_losses(self, place: Place, wanted: NewType) -> None:
        """Refuse another type for a column where values would be others for good.

        Raises:
            Refused: with their number.
        """
        if count := self.losses(place, wanted):
            raise Refused(
                f"{place} cannot become {wanted.definition}: {count} values would not come back from it as they are.",
                "Change these values by a statement of the revision first, or keep the type.",
            )

    def clauses_lost(self, place: Place, wanted: NewType) -> list[str]:
        """Return what is declared of a column besides its type, and a new definition drops by not repeating it."""
        return []

    def losses(self, place: Place, wanted: NewType) -> int:
        """Return how many values another type would change so that its own type does not bring them back."""
        return 0

    def without_column(self, details: TableDetails, column: str) -> TableDetails:
        """Return what it takes to bring a hidden table back, now that a column of it was dropped for good."""
        return details

    def measure(
        self, entry: Entry, columns: list[str], condition: ColumnElement[bool] | None = None
    ) -> tuple[int, int]:
        """Return how many rows hold a value of what an entry hides, and how many bytes these take.

        Args:
            entry: a hidden column or table that is there.
            columns: those of the hidden table.
            condition: what finds the rows; None for all.
        """
        place = entry.place
        names = [entry.name] if place.column else columns
        there = table(place.table if place.column else entry.name, *map(column, names), schema=place.schema)
        sizes: list[Any] = [
            func.coalesce(func.sum(literal_column(self.bytes_of(self.quote(name)))), 0) for name in names
        ]
        counted: Any = func.count(there.c[entry.name]) if place.column else func.count()
        rows = size = 0
        for first in range(0, max(len(sizes), 1), _ASKED_AT_ONCE):  # PostgreSQL has tables without columns
            query = select(counted, *sizes[first : first + _ASKED_AT_ONCE]).select_from(there)
            row = self.connection.execute(query if condition is None else query.where(condition)).one()
            rows, size = int(row[0]), size + sum(map(int, row[1:]))
        return rows, size

    def copy_rows(self, source: Place, target: Place, columns: list[str]) -> int:
        """Copy these columns of all rows from one table into another, and return the number of rows."""
        names = ", ".join(self.quote(name) for name in columns)
        done = self.run_literally(
            f"INSERT INTO {self.table_of(target)} ({names}) SELECT {names} FROM {self.table_of(source)}"
        )
        return int(done.rowcount)

    def delete_rows(self, hidden: Place, condition: ColumnElement[bool]) -> int:
        """Delete rows of a hidden table and return their number."""
        return self.connection.execute(delete(table(hidden.table, schema=hidden.schema)).where(condition)).rowcount

    def set_value(self, place: Place, values: dict[str, Any], condition: ColumnElement[bool]) -> int:
        """Give rows the values of SQL expressions, and return their number."""
        kept: dict[str, Any] = {name: column(name) for name in self.stamped_columns(place)}
        there = table(place.table, *map(column, {**values, **kept}), schema=place.schema)
        count = self.connection.scalar(select(func.count()).select_from(there).where(condition))
        if count:
            with self.unnoticed(place):
                self.connection.execute(update(there).where(condition).values(values | kept))
        return int(count or 0)

    def purge_table(self, entry: Entry) -> None:
        """Drop the hidden table, or type, for good."""
        self.run(f"DROP TABLE {self.name_of(entry.place.schema, entry.name)}")

    @abstractmethod
    def bytes_of(self, column: str) -> str:
        """Return the SQL expression for how many bytes the value of a quoted column takes."""

    def type_when_hidden(self, entry: Entry) -> TypeEngine[Any] | None:
        """Return the type a column had when it was hidden, where the engine may have made it a longer one since."""
        return None

    @abstractmethod
    def forget_value(self, entry: Entry, condition: ColumnElement[bool]) -> int:
        """Let rows be as if they were born while the column was hidden, and return their number."""

    def run(self, statement: str, **parameters: Any) -> Any:
        """Execute one statement with its parameters."""
        return self.connection.execute(text(statement), parameters)

    def run_literally(self, statement: str) -> Any:
        """Execute one statement as it stands, whatever signs it holds."""
        escaped = statement.replace("%", "%%") if self.connection.dialect.paramstyle in {"format", "pyformat"} else None
        return self.connection.exec_driver_sql(escaped or statement)

    def quote(self, name: str) -> str:
        """Return an identifier in quotes, whether it needs them or not."""
        # Not as this does it for drivers to which % means something: that is done where a statement is executed.
        quoted = self.connection.dialect.identifier_preparer.quote_identifier(name.replace("%", "\0"))
        return quoted.replace("\0", "%")

    def name_of(self, schema: str | None, name: str) -> str:
        """Return the quoted name of a table."""
        return f"{self.quote(schema)}.{self.quote(name)}" if schema else self.quote(name)

    def table_of(self, place: Place) -> str:
        """Return the quoted name of the table of `place`."""
        return self.name_of(place.schema, place.table)

    def column_of(self, place: Place) -> str:
        """Return the quoted name of the column of `place`."""
        return self.quote(place.column or "")

    def fill(self, place: Place, column: str, expression: str, condition: str) -> None:
        """Give the rows that `condition` finds the value of a SQL expression.

        Raises:
            Refused: where it has none.
        """
        stamps = [self.quote(name) for name in self.stamped_columns(place)]
        values = ", ".join([f"{self.quote(column)} = {expression}", *(f"{stamp} = {stamp}" for stamp in stamps)])
        with self.unnoticed(place):
            try:
                self.run_literally(f"UPDATE {self.table_of(place)} SET {values} WHERE {condition}")
            except DBAPIError as error:
                if is_of_the_moment(error):
                    raise
                raise Refused(
                    f"rows of {place.table} cannot get {expression} for {place}: {error.orig}",
                    f"Say what else they get, as SQL: --fill \"{place}=''\"",
                ) from error

    def fill_hidden(self, entry: Entry, expression: str, condition: str, *, nullable: bool) -> None:
        """Give rows that have no value in a hidden column that of a SQL expression.

        Raises:
            Refused: where it has none for a row, or NULL and that is not `nullable`.
        """
        self.fill(entry.place, entry.name, expression, condition)
        if not nullable and (count := self.null_rows(entry)):
            raise Refused(
                f"{entry.place} returns NOT NULL, and {expression} is NULL for {count} rows inserted meanwhile.",
                f"Say what else they get, as SQL: --fill \"{entry.place}=''\"",
            )

    def fill_by_key(
        self,
        place: Place,
        source: Place,
        key: Sequence[str],
        source_key: Sequence[str] | None = None,
        *,
        equals: str = "=",
        column: str | None = None,
        leave_nulls: bool = False,
    ) -> None:
        """Give a column the values that a column of another table has in the rows of the same key.

        Args:
            place: the column that is filled.
            source: the column that the values are in.
            key: columns that tell the rows apart.
            source_key: those of the other table, where they have other names there.
            column: the name of the column in the database, where it is hidden.
            equals: what compares a value of the other key with one of the key.
            leave_nulls: whether a NULL there leaves the value here.
        """
        # An alias that no table of an app has: it stands beside the name of the table that is filled.
        table, value = self.quote(place.table), f"rewind_source.{self.column_of(source)}"
        pairs = zip(source_key or key, key, strict=True)
        same = " AND ".join(
            f"rewind_source.{self.quote(there)} {equals} {table}.{self.quote(here)}" for there, here in pairs
        )
        rows = f"FROM {self.table_of(source)} rewind_source WHERE {same}"
        counting = f"{rows} AND {value} IS NOT NULL" if leave_nulls else rows
        filled = column or place.column or ""
        self.fill(place, filled, f"(SELECT {value} {rows})", f"EXISTS (SELECT 1 {counting})")

    def stamped_columns(self, place: Place) -> list[str]:
        """Return the columns that the engine sets by itself when a row changes."""
        return []

    @contextmanager
    def unnoticed(self, place: Place) -> Iterator[None]:
        """Let no trigger see the rows of a table change: what it would do is for changes that the app makes.

        Raises:
            Refused: where the engine cannot keep it quiet.
        """
        yield
