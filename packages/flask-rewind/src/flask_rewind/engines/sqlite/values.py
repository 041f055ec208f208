"""Values on SQLite, where triggers are dropped while rows change, and then recreated."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, literal_column

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.engines.values import Values


class SQLiteValues(Values):
    """Reads and changes values in a SQLite database."""

    @contextmanager
    def unnoticed(self, place: Place) -> Iterator[None]:
        statement = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = lower(:table)"
        triggers = self.run(f"{statement} ORDER BY rowid", table=place.table).all()
        for name, _ in triggers:
            self.run_literally(f"DROP TRIGGER {self.quote(name)}")
        yield
        for _, sql in triggers:
            self.run_literally(sql)

    def bytes_of(self, column: str) -> str:
        return f"length(CAST({column} AS BLOB))"

    def forget(self, entry: Entry, condition: ColumnElement[bool]) -> int:
        default = self.run(
            "SELECT dflt_value FROM pragma_table_xinfo(:table) WHERE name = :column",
            table=entry.place.table,
            column=entry.name,
        ).scalar()
        return self.set_value(entry.place, {entry.name: literal_column(default or "NULL")}, condition)
