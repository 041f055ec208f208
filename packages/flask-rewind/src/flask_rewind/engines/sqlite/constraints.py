"""Constraints of SQLite: they are parts of their table's text. Indexes and triggers have their own statements."""

from collections.abc import Sequence

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import KeyText, Named, SQLiteColumnDetails
from flask_rewind.engines.access import DatabaseAccess
from flask_rewind.engines.constraints import Constraints, Restore, on_table
from flask_rewind.engines.sqlite.parts import kind_of
from flask_rewind.engines.sqlite.table import SQLiteTable
from flask_rewind.engines.sqlite.text import TableText


class SQLiteConstraints(Constraints):
    """Drops and creates constraints, indexes and triggers in a SQLite database."""

    def has(self, restore: Restore) -> bool:
        if restore.kind in {"part", "key to"}:
            text = TableText(self._table(restore.place.table).text)
            return text.has_constraint(restore.sql, behind=restore.place.column or "")
        if restore.kind == "constraint":
            there = TableText(self._table(restore.place.table).text).constraints()
            return restore.name.lower() in {(each.name or "").lower() for each in there}
        found = self.run(
            "SELECT 1 FROM sqlite_master WHERE type = :kind AND lower(name) = lower(:name)"
            " AND (type = 'index' OR lower(tbl_name) = lower(:table))",
            kind=restore.kind,
            name=restore.name,
            table=restore.place.table,
        )
        return found.first() is not None

    def make(self, restore: Restore) -> None:
        if restore.kind not in {"part", "key to"}:
            super().make(restore)
            return
        place = restore.place
        text = TableText(self._table(place.table).text)
        if not restore.needs <= {name.lower() for name in text.columns}:
            return  # the comparison of the schema shows that it is missing
        if restore.kind == "key to":
            text.put_keys([[place.column or "", restore.sql]])
            self._table(place.table).write_text(str(text))
            return
        kind = kind_of(restore.sql)
        if kind == "PRIMARY KEY":
            text.drop_primary_key()
            text.be_as(TableText(restore.more[0]))
        text.parts.append(restore.sql)
        self._table(place.table).change_text(
            str(text), moves_rows=kind in {"UNIQUE", "PRIMARY KEY"}, asks_rows=kind == "CHECK"
        )

    def trigger_named(self, name: str) -> tuple[str, str] | None:
        statement = "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND lower(name) = lower(:name)"
        row = self.run(statement, name=name).first()
        return tuple(row) if row is not None else None

    def drop_keys_to(self, entry: Entry) -> None:
        details = entry.details_as(SQLiteColumnDetails)
        for name, _ in details.keys_to:
            text = TableText(self._table(name).text)
            take_keys(text, entry.place, details.primary_key)
            self._table(name).write_text(str(text))

    def _table(self, name: str) -> SQLiteTable:
        return SQLiteTable(self.connection, name)


def indexes_of(access: DatabaseAccess, place: Place) -> tuple[Named, ...]:
    """Return the indexes of a table that were created by CREATE INDEX."""
    rows = access.run(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        " AND lower(tbl_name) = lower(:t) ORDER BY name",
        t=place.table,
    )
    return tuple(Named(*row) for row in rows)


def take_keys(text: TableText, place: Place, is_primary: bool) -> tuple[KeyText, ...]:
    """Remove the foreign keys to a column from the text of a table, and return them."""
    taken = text.take_keys_to(place.table, {(place.column or "").lower(), *([None] if is_primary else [])})
    return tuple(KeyText(column, sql) for column, sql in taken)


def restores_of_indexes(place: Place, indexes: Sequence[Named], table: str) -> list[Restore]:
    """Return the indexes that were dropped with a hidden column or table."""
    return [Restore("index", place, name, on_table(sql, "sqlite", table)) for name, sql in indexes]
