"""Moves between schemas of PostgreSQL, which change only the catalog; indexes and sequences move with their table."""

from flask_rewind.attic_entries import Entry
from flask_rewind.details import PostgreSQLTableDetails, PostgreSQLTypeDetails
from flask_rewind.engines.schemas import Schemas


class PostgreSQLSchemas(Schemas):
    """Moves hidden tables and types between the schemas of a PostgreSQL database."""

    def is_out(self, entry: Entry) -> bool:
        schema = entry.place.schema
        return bool(schema) and not self._has(schema, entry.name) and self._has(self._default(), entry.name)

    def move_out(self, entry: Entry) -> None:
        schema = entry.place.schema
        if schema and self._has(schema, entry.name):
            self._move(entry, schema, self._default())

    def move_in(self, entry: Entry) -> None:
        if entry.place.schema and self.is_out(entry):
            self._move(entry, self._default(), entry.place.schema)

    def make(self, schema: str) -> None:
        self.run_literally(f"CREATE SCHEMA IF NOT EXISTS {self.quote(schema)}")

    def _move(self, entry: Entry, source: str, target: str) -> None:
        for kind, name in _relations(entry):
            self.run_literally(f"ALTER {kind} {self.name_of(source, name)} SET SCHEMA {self.quote(target)}")

    def _has(self, schema: str | None, name: str) -> bool:
        query = "SELECT COALESCE(CAST(to_regtype(:name) AS text), CAST(to_regclass(:name) AS text))"
        return self.run(query, name=self.name_of(schema, name)).scalar() is not None

    def _default(self) -> str:
        return str(self.run("SELECT current_schema()").scalar())


def _relations(entry: Entry) -> list[tuple[str, str]]:
    """Return kind and name of each thing to move; a partition is a table of its own."""
    if entry.place.is_type:
        return [(entry.details_as(PostgreSQLTypeDetails).kind, entry.name)]
    names = entry.details_as(PostgreSQLTableDetails).names
    partitions = [f"{entry.name}_{number}" for number, (kind, _) in enumerate(names, 1) if kind == "TABLE"]
    return [("TABLE", name) for name in [entry.name, *partitions]]
