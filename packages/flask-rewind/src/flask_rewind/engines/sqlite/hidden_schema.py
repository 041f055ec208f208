"""What is hidden in a SQLite database, in the texts of ``sqlite_master``."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from flask_rewind.attic_entries import PREFIX
from flask_rewind.describing import Part
from flask_rewind.engines.hidden_schema import HiddenSchema
from flask_rewind.engines.sqlite.table import SQLiteTable
from flask_rewind.engines.sqlite.text import TableText
from flask_rewind.own_names import is_hidden


class SQLiteHiddenSchema(HiddenSchema):
    """Hidden tables with their indexes, hidden columns, triggers, and the last numbers of hidden tables."""

    def read(self) -> Iterator[Part]:
        query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
        rows = self.run(query).all()
        tables = {name: sql for kind, name, _, sql in rows if kind == "table"}
        hidden = {name: sql for name, sql in tables.items() if is_hidden(name)}
        for name, sql in hidden.items():
            yield Part("table", name, "", "", name, sql)
        for name in (name for name, sql in tables.items() if name not in hidden and PREFIX in sql):
            yield from _columns(name, TableText(tables[name]))
        for kind, name, table, sql in rows:
            if kind in {"index", "trigger"} and (table in hidden or is_hidden(name)):
                yield Part(kind, table, name, "", name, sql)
        yield from filter(None, map(self._numbers, hidden))

    def _numbers(self, table: str) -> Part | None:
        last = SQLiteTable(self.hider.connection, table).last_number()
        return None if last is None else Part("numbers", table, "", str(last))

    def create(self, parts: Sequence[Part]) -> None:
        for table, columns in groupby((each for each in parts if each.kind == "column"), lambda each: each.table):
            self._add(table, list(columns))
        for part in parts:
            if part.kind == "numbers":
                self.run(
                    "INSERT INTO sqlite_sequence VALUES (:table, :last)", table=part.table, last=int(part.definition)
                )
            elif part.kind != "column":
                self.run_literally(part.sql)

    def _add(self, name: str, columns: list[Part]) -> None:
        table = SQLiteTable(self.hider.connection, name)
        text = TableText(table.text)
        for column in columns:
            text.add_column(column.sql, column.called)
        table.rebuild(text)  # ADD COLUMN does not allow every default


def _columns(table: str, text: TableText) -> Iterator[Part]:
    before = ""
    for name, definition in text.definitions.items():
        if is_hidden(name):
            yield Part("column", table, name, "", before, definition.strip())
        before = name
