"""Places: the tables, columns and types that names in scripts mean. The engine decides which spellings are equal.

SQLite ignores the case of ASCII letters. MariaDB and MySQL ignore case in names of columns, indexes and constraints;
for tables ``lower_case_table_names`` decides. PostgreSQL compares names exactly. A name with the default schema is the
same place as the name without a schema.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import Connection, text

from flask_rewind.sql.catalogs import Fold, as_spelled, catalog_of

STANDS_FOR = "rewind_stands_for"
"""Key in the ``info`` of a connection to a stand-in: the name of the database that it stands in for."""


@dataclass(frozen=True, slots=True)
class Place:
    """A table, a column or a type, under the name that scripts use for it."""

    schema: str | None
    table: str
    """The name of the table, or of the type."""
    column: str | None = None
    is_type: bool = False
    """True for an enum type of PostgreSQL, and for a sequence that a default uses."""

    def __str__(self) -> str:
        return ".".join(part for part in (self.schema, self.table, self.column) if part)


class Names:
    """How the database of a connection compares names."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._catalog = catalog_of(connection.dialect.name)

    def ask(self) -> None:
        """Run all queries of this object now: after an error, PostgreSQL executes none."""
        _ = (self.default_schema, self.of_table)

    @cached_property
    def default_schema(self) -> str | None:
        """The schema of a table that is named without one."""
        query = self._catalog.default_schema
        return self._connection.scalar(text(query)) if query else None

    @cached_property
    def of_column(self) -> Fold:
        """Folds names of columns, indexes and constraints: names that the engine treats as equal become equal."""
        return self._catalog.fold

    @cached_property
    def of_table(self) -> Fold:
        """Folds names of tables and schemas in the same way."""
        query = self._catalog.tables_are_folded
        return self.of_column if not query or self._connection.scalar(text(query)) else as_spelled

    def plain(self, place: Place) -> Place:
        """Return the place without its schema if that is the default one."""
        if place.schema is None:
            return place
        default = (self.default_schema, self._connection.info.get(STANDS_FOR))
        is_default = self.of_table(place.schema) in {self.of_table(name) for name in default if name}
        return replace(place, schema=None) if is_default else place

    def key(self, place: Place) -> Place:
        """Return a place that is equal for every spelling of this one."""
        place = self.plain(place)
        column = place.column and self.of_column(place.column)
        schema = place.schema and self.of_table(place.schema)
        return replace(place, schema=schema, table=self.of_table(place.table), column=column)

    def same(self, one: Place, other: Place) -> bool:
        """Return whether two places are the same."""
        return self.key(one) == self.key(other)

    def found(self, place: Place) -> Place:
        """Return the place as the database spells it; names that it does not have stay as they are."""
        place = self.plain(place)
        if self.of_table is not as_spelled:
            place = replace(place, table=self._spelled(self._catalog.table_name, place, self.of_table, place.table))
        if place.column and self.of_column is not as_spelled:
            place = replace(place, column=self._spelled(self._catalog.column_name, place, self.of_column, place.column))
        return place

    def _spelled(self, query: str, place: Place, fold: Fold, name: str) -> str:
        statement = text(query)
        given = {"schema": place.schema, "table": place.table, "column": place.column}
        wanted = {key: value for key, value in given.items() if key in statement.compile().params}
        there = self._connection.scalars(statement, wanted)
        return next((str(each) for each in there if fold(str(each)) == fold(name)), name)

    def are_of(self, said: str, place: Place) -> bool:
        """Return whether `said`, which is ``table`` or ``table.column``, with or without a schema, means this place."""
        place = self.plain(place)
        prefixes = {"", f"{place.schema}."} - {""} if place.schema else {"", f"{self.default_schema}."}
        head, tail = said, ""
        if place.column:
            length = len(place.column)
            head, tail = said[: -length - 1], said[-length - 1 :]
        is_column = self.of_column(tail) == (f".{self.of_column(place.column)}" if place.column else "")
        return is_column and self.of_table(head) in {self.of_table(f"{prefix}{place.table}") for prefix in prefixes}
