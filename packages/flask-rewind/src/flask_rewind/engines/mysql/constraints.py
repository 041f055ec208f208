"""Constraints, indexes and triggers of MariaDB and MySQL."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from flask_rewind.attic_entries import PREFIX, Place
from flask_rewind.details import ForeignKey, Named
from flask_rewind.engines.constraints import Constraints, Restore
from flask_rewind.engines.mysql.key_indexes import unchecked_keys
from flask_rewind.engines.mysql.lines import is_key, named
from flask_rewind.engines.mysql.shown import definition_lines


class MySQLConstraints(Constraints):
    """Drops and creates constraints, indexes and triggers in a MariaDB or MySQL database."""

    key = "FOREIGN KEY"

    def has(self, restore: Restore) -> bool:
        if restore.kind == "trigger":
            found = self.run(
                "SELECT 1 FROM information_schema.triggers WHERE event_object_schema = COALESCE(:schema, DATABASE())"
                " AND event_object_table = :table AND trigger_name = :name",
                schema=restore.place.schema,
                table=restore.place.table,
                name=restore.name,
            )
            return found.first() is not None
        sought = (
            f" KEY {self.quote(restore.name)} ("
            if restore.kind == "index"
            else f"CONSTRAINT {self.quote(restore.name)} "
        )
        fold = self.names.of_column
        return any(fold(sought) in fold(f" {line}") for line in definition_lines(self, restore.place))

    def has_like(self, restore: Restore, own: Collection[str]) -> bool:
        def said(line: str, name: str) -> str:
            return line.replace(f"{self.quote(name)} ", "", 1)

        wanted = said(restore.sql.partition(" ADD ")[2], restore.name)
        lines = [line for line in definition_lines(self, restore.place) if line.startswith(("CONSTRAINT ", "UNIQUE "))]
        return wanted in [said(line, name) for name, line in map(named, lines) if name not in own]

    def trigger_named(self, name: str) -> tuple[str, str] | None:
        row = self.run(
            "SELECT event_object_table, action_timing, event_manipulation, action_statement"
            " FROM information_schema.triggers WHERE event_object_schema = DATABASE() AND trigger_name = :name",
            name=name,
        ).first()
        if row is None:
            return None
        table, timing, happening, body = row
        return table, f"CREATE TRIGGER {self.quote(name)} {timing} {happening} ON {table} FOR EACH ROW {body}"

    def referring_keys(self, place: Place) -> tuple[ForeignKey, ...]:
        """Return the foreign keys of other tables to a table, or of any table to a column."""
        rows = self.run(
            "SELECT DISTINCT NULLIF(table_schema, DATABASE()), table_name, constraint_name, referenced_table_name"
            " FROM information_schema.key_column_usage"
            " WHERE referenced_table_schema = COALESCE(:schema, DATABASE()) AND referenced_table_name = :table"
            f" AND table_name NOT LIKE '{PREFIX.replace('_', '|_')}%' ESCAPE '|'"  # side tables follow their table
            " AND CASE WHEN :column IS NULL THEN NOT (table_name = :table AND table_schema = referenced_table_schema)"
            " ELSE referenced_column_name = :column END ORDER BY 1, 2, 3",
            schema=place.schema,
            table=place.table,
            column=place.column,
        )
        found = []
        fold = self.names.of_table
        for schema, other, name, referred in rows.all():
            if fold(referred) != fold(place.table):  # information_schema ignores letter case
                continue
            lines = definition_lines(self, Place(schema, other))
            line = next(line for line in lines if is_key(line) and named(line)[0] == name)
            found.append(ForeignKey(schema, other, name, line))
        return tuple(found)

    @contextmanager
    def unchecked_keys(self) -> Iterator[None]:
        with unchecked_keys(self):
            yield


def restores_of_constraints(place: Place, constraints: Sequence[Named], table: str) -> list[Restore]:
    """Return the constraints that were dropped with a hidden column or table."""
    return [Restore("constraint", place, name, f"ALTER TABLE {table} ADD {line}") for name, line in constraints]
