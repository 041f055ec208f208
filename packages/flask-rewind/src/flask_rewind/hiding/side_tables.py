"""Hidden values in a table of their own, beside a table that has all the columns which its engine allows.

A row of the side table has the primary key of the row that it belongs to, and follows it: on MariaDB and MySQL by a
foreign key that cascades, on SQLite by triggers. A row of the table without one there has no value of its own.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import PREFIX, SIDE, Entry, Place
from flask_rewind.details import ColumnDetails, MySQLColumnDetails, Side, SQLiteColumnDetails
from flask_rewind.hiding.base import Hider, columns_of
from flask_rewind.hiding.mysql import MySQLHider, as_nullable, without
from flask_rewind.hiding.mysql_room import has_room
from flask_rewind.hiding.sqlite import SQLiteHider
from flask_rewind.sql.tokens import tokens
from flask_rewind.sqlite import SQLiteTable, TableText, kinds_of

_STRICT = {"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES", "NO_ZERO_DATE", "NO_ZERO_IN_DATE", "TRADITIONAL"}
_OF_KEYS = {1025, 1217, 1451, 1553, 1833, 1846}
"""Errors where a foreign key needs what a statement changes (mariadb.com/kb/en/mariadb-error-code-reference)."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The table that the values of a side table belong to."""

    table: str
    key: list[str]
    """Its columns that the key of the side table is of, in that order."""


class SideTables:
    """Moves hidden columns out of their tables and back; the details of an entry say where one is.

    This one is of PostgreSQL, and moves none: there dropped columns count as well, so nobody has room for more.
    """

    _equals = "="

    def __init__(self, hider: Any) -> None:
        self._hider = hider

    @staticmethod
    def is_out(entry: Entry) -> bool:
        """Return whether the values of a hidden column are in a side table."""
        return isinstance(entry.details, ColumnDetails) and entry.details.side is not None

    @staticmethod
    def place_of(entry: Entry) -> Place:
        """Return where the values are while they are out."""
        return Place(entry.place.schema, f"{entry.name}{SIDE}", entry.name)

    @staticmethod
    def adding(entry: Entry) -> str:
        """Return the action of ALTER TABLE that makes a column again which is out."""
        return f"ADD COLUMN {entry.name} {SideTables.side_of(entry).definition}"

    @staticmethod
    def side_of(entry: Entry) -> Side:
        """Return how to make a column again which is out."""
        side = entry.details_as(ColumnDetails).side
        if side is None:
            raise ValueError(f"{entry.name} is in no side table")
        return side

    def _side(self, entry: Entry) -> str:
        return str(self._hider.table_of(self.place_of(entry)))

    def owner_of(self, entry: Entry) -> Owner | None:
        """Return the table that a side table belongs to, under its name of now; None where there is no such one."""
        return None

    def refuse_triggers(self, entry: Entry) -> None:
        """Refuse where a trigger would see the rows change when their values come back.

        Raises:
            Refused: before anything is done, since nothing could take it back.
        """
        return

    def copy_out(self, entry: Entry, key: Sequence[str]) -> ColumnDetails | None:
        """Copy the values of a hidden column into a side table, and return the details of its entry from then on.

        None where they must stay. The column itself is to be dropped afterwards.
        """
        return None

    def has_other_types(self, entry: Entry, owner: Owner) -> bool:
        """Return whether the key of a table has other types than when the values were copied."""
        return False

    def fits(self, entry: Entry) -> bool:
        """Return whether the table of `entry`, under its name of now, has room for a column that is out."""
        return True

    def is_in_the_way(self, error: DBAPIError) -> bool:
        """Return whether an error is of the kind that statements on the table of a side table end in."""
        return False

    def copy_in(self, entry: Entry) -> ColumnDetails:
        """Make the hidden column in its table again, with its values, and return the details of its entry as before.

        The side table is to be dropped afterwards.
        """
        self._add_column(entry)
        owner = self.owner_of(entry)
        key, side = owner.key if owner else [], self.place_of(entry)
        self._hider.fill_by_key(entry.place, side, key, key_of_side(key), equals=self._equals, column=entry.name)
        return replace(entry.details_as(ColumnDetails), side=None)

    def _add_column(self, entry: Entry) -> None:
        """Add the column as it was when it was copied, where it is not there."""
        raise NotImplementedError

    def _side_for(self, entry: Entry, definition: str, types: Sequence[str] = ()) -> Side:
        """Return what it takes to make a column again, where it stood."""
        columns = self._columns(entry)
        before = [column for column in columns[: columns.index(entry.name)] if not column.startswith(PREFIX)]
        return Side(definition, before[-1] if before else None, tuple(types))

    def _columns(self, entry: Entry) -> list[str]:
        """Return all columns of the table of an entry, in their order."""
        return [*columns_of(inspect(self._hider.connection), entry.place.schema, entry.place.table)]

    def drop(self, entry: Entry) -> None:
        """Drop a side table for good."""
        self._hider.run_literally(f"DROP TABLE IF EXISTS {self._side(entry)}")


class MySQLSideTables(SideTables):
    """Side tables of MariaDB and MySQL."""

    _hider: MySQLHider

    def owner_of(self, entry: Entry) -> Owner | None:
        place = self.place_of(entry)
        rows = self._hider.run(
            "SELECT referenced_table_name, referenced_column_name FROM information_schema.key_column_usage"
            " WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :table"
            " AND referenced_table_name IS NOT NULL ORDER BY ordinal_position",
            schema=place.schema,
            table=place.table,
        ).all()
        return Owner(str(rows[0][0]), [str(name) for _, name in rows]) if rows else None

    def refuse_triggers(self, entry: Entry) -> None:
        with self._hider.unnoticed(entry.place):
            return

    def copy_out(self, entry: Entry, key: Sequence[str]) -> ColumnDetails | None:
        hider, details, name = self._hider, entry.details_as(MySQLColumnDetails), entry.name
        definition = self._definition(entry)
        if not definition or details.numbered_by or not self._can_be_referred_to(entry.place):
            return None
        condition = "1 = 1"
        if hider.is_marked(entry):
            definition, condition = as_nullable(without(definition, "DEFAULT")), f"{name}_new = 0"
        elif details.is_loose:
            condition = f"{name} IS NOT NULL"
        table, side = hider.table_of(entry.place), self._side(entry)
        quoted = [hider.quote(column) for column in key]
        names = key_of_side(key)
        selected = ", ".join([*(f"{column} AS {k}" for column, k in zip(quoted, names, strict=True)), name])
        self.drop(entry)
        try:
            with self._as_it_is():
                hider.run_literally(
                    f"CREATE TABLE {side} ENGINE=InnoDB AS SELECT {selected} FROM {table} WHERE {condition}"
                )
            hider.run_literally(
                f"ALTER TABLE {side} ADD PRIMARY KEY ({', '.join(names)}), ADD FOREIGN KEY ({', '.join(names)})"
                f" REFERENCES {table} ({', '.join(quoted)}) ON DELETE CASCADE ON UPDATE CASCADE"
            )
        except BaseException:
            self.drop(entry)
            raise
        is_loose = details.is_loose or hider.is_marked(entry)
        return replace(details, is_loose=is_loose, side=self._side_for(entry, definition))

    @contextmanager
    def _as_it_is(self) -> Iterator[None]:
        """Let values be copied that the server would not take today, such as a zero date."""
        before = str(self._hider.run_literally("SELECT @@SESSION.sql_mode").scalar())
        loose = ",".join(mode for mode in before.split(",") if mode not in _STRICT)
        self._hider.run_literally(f"SET SESSION sql_mode = '{loose}'")
        try:
            yield
        finally:
            self._hider.run_literally(f"SET SESSION sql_mode = '{before}'")

    def fits(self, entry: Entry) -> bool:
        return has_room(self._hider.connection, self._hider.table_of(entry.place), self.adding(entry))

    def is_in_the_way(self, error: DBAPIError) -> bool:
        return bool(error.orig and error.orig.args and error.orig.args[0] in _OF_KEYS)

    def copy_in(self, entry: Entry) -> ColumnDetails:
        try:
            with self._as_it_is():
                return super().copy_in(entry)
        except BaseException:
            if not self._hider.connection.invalidated and self._definition(entry):
                self._hider.run_literally(f"ALTER TABLE {self._hider.table_of(entry.place)} DROP COLUMN {entry.name}")
            raise

    def _definition(self, entry: Entry) -> str:
        lines = [line for line in self._hider.definition_lines(entry.place) if line.startswith(f"`{entry.name}` ")]
        return lines[0].partition(" ")[2] if lines else ""

    def _can_be_referred_to(self, place: Place) -> bool:
        """Return whether the primary key of a table can be that of foreign keys."""
        last = self._hider.shown(place).rpartition("\n)")[2]
        key = next((line for line in self._hider.definition_lines(place) if line.startswith("PRIMARY KEY ")), "")
        is_plain = not any(words in last for words in ("PARTITION BY", "SYSTEM VERSIONING"))
        return "ENGINE=InnoDB" in last and is_plain and key.count("(") == 1

    def _add_column(self, entry: Entry) -> None:
        if not self._definition(entry):
            after = self.side_of(entry).after
            where = f"AFTER {self._hider.quote(after)}" if after and after in self._columns(entry) else ""
            table = self._hider.table_of(entry.place)
            self._hider.run_literally(f"ALTER TABLE {table} {self.adding(entry)} {where}")


class SQLiteSideTables(SideTables):
    """Side tables of SQLite."""

    _hider: SQLiteHider
    _equals = "= +"  # without the type of the key, by which SQLite would not use the index of the side table
    _TRIGGERS: ClassVar[dict[str, str]] = {
        "new": "AFTER INSERT ON {table} BEGIN DELETE FROM {side} WHERE {is_new}; END",  # INSERT OR REPLACE
        "moved": "AFTER UPDATE ON {table} WHEN NOT ({is_same}) BEGIN"
        " DELETE FROM {side} WHERE {is_new}; UPDATE {side} SET {set_new} WHERE {is_old}; END",
        "gone": "AFTER DELETE ON {table} BEGIN DELETE FROM {side} WHERE {is_old}; END",
    }

    def owner_of(self, entry: Entry) -> Owner | None:
        found = self._hider.trigger_named(f"{entry.name}_gone")
        if found is None:
            return None
        table, sql = found
        said = tokens(sql)
        return Owner(table, [said[at + 2].name for at, token in enumerate(said) if token.word == "OLD"])

    def copy_out(self, entry: Entry, key: Sequence[str]) -> ColumnDetails | None:
        hider, details, name = self._hider, entry.details_as(SQLiteColumnDetails), entry.name
        quoted, names = [hider.quote(column) for column in key], key_of_side(key)
        table, side = hider.table_of(entry.place), self._side(entry)
        text = TableText(SQLiteTable(hider.connection, entry.place.table).text)
        is_never_null = text.has_number_key or all("NOT NULL" in kinds_of(text.definition(column)) for column in key)
        if details.is_numbered or hider.users_of(entry) or not (is_never_null or "WITHOUT" in text.options):
            return None
        # Without types, which would make another value of a key, or the row id.
        hider.run_literally(f"CREATE TABLE {side} ({', '.join([*names, name])}, PRIMARY KEY ({', '.join(names)}))")
        condition = f" WHERE {name} IS NOT NULL" if details.not_null and not details.has_default else ""
        hider.run_literally(f"INSERT INTO {side} SELECT {', '.join([*quoted, name])} FROM {table}{condition}")
        for called, trigger in self._TRIGGERS.items():
            sql = trigger.format(table=table, side=side, **_conditions(quoted, names))
            hider.run_literally(f"CREATE TRIGGER {name}_{called} {sql}")
        types = self._types(entry.place.table, key)
        return replace(details, side=self._side_for(entry, text.definition(name), types))

    def _types(self, table: str, key: Sequence[str]) -> list[str]:
        rows = self._hider.run("SELECT name, upper(type) FROM pragma_table_info(:table)", table=table)
        types = {name.lower(): kind for name, kind in rows}
        return [types.get(column.lower(), "") for column in key]

    def has_other_types(self, entry: Entry, owner: Owner) -> bool:
        return self._types(owner.table, owner.key) != [*self.side_of(entry).types]

    def fits(self, entry: Entry) -> bool:
        return self._hider.excess_of(entry.place.table, 1) == 0

    def _add_column(self, entry: Entry) -> None:
        table = SQLiteTable(self._hider.connection, entry.place.table)
        text, side = TableText(table.text), self.side_of(entry)
        text.add_column(side.definition, side.after)
        table.rebuild(text)  # ADD COLUMN takes not every default

    def drop(self, entry: Entry) -> None:
        for called in self._TRIGGERS:
            self._hider.run_literally(f"DROP TRIGGER IF EXISTS {entry.name}_{called}")
        super().drop(entry)


def key_of_side(key: Sequence[str]) -> list[str]:
    """Return the columns of the side table for those of a key: others may have the name that one of these has."""
    return [f"k{number}" for number in range(1, len(key) + 1)]


def _conditions(quoted: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    pairs = [*zip(quoted, names, strict=True)]
    return {
        "is_old": " AND ".join(f"{k} = +OLD.{column}" for column, k in pairs),
        "is_new": " AND ".join(f"{k} = +NEW.{column}" for column, k in pairs),
        "is_same": " AND ".join(f"OLD.{column} IS NEW.{column} COLLATE BINARY" for column in quoted),
        "set_new": ", ".join(f"{k} = NEW.{column}" for column, k in pairs),
    }


_OF_DIALECT: dict[str, type[SideTables]] = {
    "sqlite": SQLiteSideTables,
    "mysql": MySQLSideTables,
    "mariadb": MySQLSideTables,
}


def side_tables_of(hider: Hider) -> SideTables:
    """Return what moves hidden columns out of their tables."""
    return _OF_DIALECT.get(hider.connection.dialect.name, SideTables)(hider)
