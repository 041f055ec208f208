"""Values on PostgreSQL, where triggers are switched off while rows change."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, literal_column

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.engines.values import Values

_ON_UPDATE = 16
"""The bit of ``pg_trigger.tgtype`` (TRIGGER_TYPE_UPDATE in PostgreSQL's catalog/pg_trigger.h)."""


class PostgreSQLValues(Values):
    """Reads and changes values in a PostgreSQL database."""

    def copy_rows(self, source: Place, target: Place, columns: list[str]) -> int:
        count = super().copy_rows(source, target, columns)
        table = self.table_of(target)
        for name in columns:  # the next number comes after the copied ones
            numbers = self.run("SELECT pg_get_serial_sequence(:table, :column)", table=table, column=name).scalar()
            last = self.run_literally(f"SELECT max({self.quote(name)}) FROM {table}").scalar() if numbers else None
            if last is not None:  # not by setval(), which no rollback undoes
                self.run_literally(f"ALTER SEQUENCE {numbers} RESTART WITH {last + 1}")
        return count

    @contextmanager
    def unnoticed(self, place: Place) -> Iterator[None]:
        table = self.table_of(place)
        triggers = self.run(
            "SELECT quote_ident(tgname), CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END FROM pg_trigger"
            " WHERE tgrelid = CAST(:table AS regclass) AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
            " AND tgtype & :on_update <> 0 ORDER BY 1",
            table=table,
            on_update=_ON_UPDATE,
        ).all()
        for name, _ in triggers:
            self.run_literally(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        yield
        for name, enable in triggers:
            self.run_literally(f"ALTER TABLE {table} {enable} TRIGGER {name}")

    def bytes_of(self, column: str) -> str:
        return f"pg_column_size({column})"

    def forget(self, entry: Entry, condition: ColumnElement[bool]) -> int:
        return self.set_value(entry.place, {entry.name: literal_column("DEFAULT")}, condition)
