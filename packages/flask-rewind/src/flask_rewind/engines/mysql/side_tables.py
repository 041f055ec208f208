"""Side tables of MariaDB and MySQL, which follow their tables by a cascading foreign key."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import ColumnDetails, MySQLColumnDetails
from flask_rewind.engines.mysql.definitions import as_nullable, without
from flask_rewind.engines.mysql.hider import MySQLHider
from flask_rewind.engines.mysql.markers import is_marked, marker_of
from flask_rewind.engines.mysql.room import has_room
from flask_rewind.engines.mysql.shown import definition_lines, shown
from flask_rewind.engines.side_tables import Owner, SideTables, key_of_side

_STRICT = {"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES", "NO_ZERO_DATE", "NO_ZERO_IN_DATE", "TRADITIONAL"}
_OF_KEYS = {1025, 1217, 1451, 1553, 1833, 1846}
"""Errors for changes of something that a foreign key needs (mariadb.com/kb/en/mariadb-error-code-reference)."""


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
        with self._hider.values.unnoticed(entry.place):
            return

    def copy_out(self, entry: Entry, key: Sequence[str]) -> ColumnDetails | None:
        hider, details, name = self._hider, entry.details_as(MySQLColumnDetails), entry.name
        definition = self._definition(entry)
        if not definition or details.numbered_by or not self._can_be_referred_to(entry.place):
            return None
        condition = "1 = 1"
        if is_marked(entry):
            definition, condition = as_nullable(without(definition, "DEFAULT")), f"{marker_of(entry)} = 0"
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
        is_loose = details.is_loose or is_marked(entry)
        return replace(details, is_loose=is_loose, side=self._side_for(entry, definition))

    @contextmanager
    def _as_it_is(self) -> Iterator[None]:
        """Allow values that the server's present SQL mode would refuse, such as a zero date, to be copied."""
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
        lines = [line for line in definition_lines(self._hider, entry.place) if line.startswith(f"`{entry.name}` ")]
        return lines[0].partition(" ")[2] if lines else ""

    def _can_be_referred_to(self, place: Place) -> bool:
        """Return whether foreign keys can refer to the primary key of a table."""
        last = shown(self._hider, place).rpartition("\n)")[2]
        key = next((line for line in definition_lines(self._hider, place) if line.startswith("PRIMARY KEY ")), "")
        is_plain = not any(words in last for words in ("PARTITION BY", "SYSTEM VERSIONING"))
        return "ENGINE=InnoDB" in last and is_plain and key.count("(") == 1

    def _add_column(self, entry: Entry) -> None:
        if not self._definition(entry):
            after = self.side_of(entry).after
            where = f"AFTER {self._hider.quote(after)}" if after and after in self._columns(entry) else ""
            table = self._hider.table_of(entry.place)
            self._hider.run_literally(f"ALTER TABLE {table} {self.adding(entry)} {where}")
