"""Side tables of SQLite, which follow their tables by triggers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from flask_rewind.attic_entries import Entry
from flask_rewind.details import ColumnDetails, SQLiteColumnDetails
from flask_rewind.engines.side_tables import Owner, SideTables, key_of_side
from flask_rewind.engines.sqlite.clauses import kinds_of
from flask_rewind.engines.sqlite.hider import SQLiteHider
from flask_rewind.engines.sqlite.table import SQLiteTable
from flask_rewind.engines.sqlite.text import TableText
from flask_rewind.sql.tokenizer import tokens


class SQLiteSideTables(SideTables):
    """Side tables of SQLite."""

    _hider: SQLiteHider
    _equals = "= +"  # + removes the key's affinity, with which SQLite would not use the index of the side table
    _TRIGGERS: ClassVar[dict[str, str]] = {
        "new": "AFTER INSERT ON {table} BEGIN DELETE FROM {side} WHERE {is_new}; END",  # INSERT OR REPLACE
        "moved": "AFTER UPDATE ON {table} WHEN NOT ({is_same}) BEGIN"
        " DELETE FROM {side} WHERE {is_new}; UPDATE {side} SET {set_new} WHERE {is_old}; END",
        "gone": "AFTER DELETE ON {table} BEGIN DELETE FROM {side} WHERE {is_old}; END",
    }

    def owner_of(self, entry: Entry) -> Owner | None:
        found = self._hider.constraints.trigger_named(f"{entry.name}_gone")
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
        if details.is_numbered or hider.columns.users_of(entry) or not (is_never_null or "WITHOUT" in text.options):
            return None
        # Without types: a type could convert a key's value, or make the key the row id.
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
        return self._hider.room.excess_of(entry.place.table, 1) == 0

    def _add_column(self, entry: Entry) -> None:
        table = SQLiteTable(self._hider.connection, entry.place.table)
        text, side = TableText(table.text), self.side_of(entry)
        text.add_column(side.definition, side.after)
        table.rebuild(text)  # ADD COLUMN does not allow every default

    def drop(self, entry: Entry) -> None:
        for called in self._TRIGGERS:
            self._hider.run_literally(f"DROP TRIGGER IF EXISTS {entry.name}_{called}")
        super().drop(entry)


def _conditions(quoted: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    pairs = [*zip(quoted, names, strict=True)]
    return {
        "is_old": " AND ".join(f"{k} = +OLD.{column}" for column, k in pairs),
        "is_new": " AND ".join(f"{k} = +NEW.{column}" for column, k in pairs),
        "is_same": " AND ".join(f"OLD.{column} IS NEW.{column} COLLATE BINARY" for column in quoted),
        "set_new": ", ".join(f"{k} = NEW.{column}" for column, k in pairs),
    }
