"""Statements that mean all columns of a table: the columns that the script knows are named instead."""

import re

from sqlalchemy import inspect

from flask_rewind.attic_entries import PREFIX, Place
from flask_rewind.engines.access import columns_of
from flask_rewind.errors import Refused
from flask_rewind.keeper import Keeper
from flask_rewind.script.driver_sql import DriverSQL
from flask_rewind.sql.changes import Name
from flask_rewind.sql.star_expansion import CannotName, with_columns_named
from flask_rewind.sql.tokenizer import shortened

_OF_ALL = re.compile(r"\*|\bINTO\b|\bTABLE\s", re.IGNORECASE)


def may_mean_all_columns(statement: str) -> bool:
    """Return whether a statement may mean all columns of a table without naming them."""
    return _OF_ALL.search(statement) is not None


class NamedColumns:
    """Names columns in statements, so that they leave the hidden ones out."""

    def __init__(self, keeper: Keeper, sql: DriverSQL) -> None:
        self._crossing = keeper.crossing
        self._lookup = keeper.lookup
        self._sql = sql

    def named_in(self, statement: str) -> str:
        """Return a statement with the columns named that it means without naming them.

        Raises:
            Refused: where that cannot be done.
        """
        if not may_mean_all_columns(statement):
            return statement
        try:
            return with_columns_named(
                statement, self._crossing.dialect, self._has_hidden, self._columns, self._sql.quoted
            )
        except CannotName as error:
            schema, table = error.args
            names = ", ".join(map(self._sql.quoted, self._columns(schema, table)))
            raise Refused(
                f"* would include the hidden columns of {table}: {shortened(statement)}",
                f"List the columns in the script: {names}",
            ) from error

    def _has_hidden(self, schema: str | None, table: str) -> bool:
        place = self._place(schema, table)
        return any(self._crossing.is_of(place, each) for each in self._lookup.tables_with_hidden_columns())

    def _columns(self, schema: str | None, table: str) -> dict[str, bool]:
        place = self._place(schema, table)
        there = columns_of(inspect(self._crossing.connection), place.schema, place.table)
        return {name: "computed" in each for name, each in there.items() if not name.startswith(PREFIX)}

    def _place(self, schema: str | None, table: str) -> Place:
        return self._crossing.place_of(Name(schema, table, table))
