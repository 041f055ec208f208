"""Keyed copies of PostgreSQL: key columns must have the same type and collation."""

from collections.abc import Sequence
from typing import Any

from flask_rewind.attic_entries import Place
from flask_rewind.engines.keyed_copies import KeyedCopies


class PostgreSQLKeyedCopies(KeyedCopies):
    """Keyed copies of PostgreSQL."""

    def _types(self, table: Place, names: Sequence[str]) -> list[Any]:
        rows = self._hider.run(
            "SELECT attname, atttypid, attcollation FROM pg_attribute WHERE attrelid = CAST(:table AS regclass)",
            table=self._hider.table_of(table),
        )
        types = {name: tuple(kind) for name, *kind in rows}
        return [types.get(name) for name in names]
