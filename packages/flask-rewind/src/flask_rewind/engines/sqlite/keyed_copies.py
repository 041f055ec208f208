"""Keyed copies of SQLite."""

from collections.abc import Sequence
from typing import Any

from flask_rewind.attic_entries import Place
from flask_rewind.engines.keyed_copies import KeyedCopies
from flask_rewind.engines.sqlite.clauses import affinity


class SQLiteKeyedCopies(KeyedCopies):
    """Keyed copies of SQLite, where a key may be NULL, and the affinity of columns decides how values compare."""

    def _add_key(self, copy: Place, key: Sequence[str]) -> None:
        index = self._hider.quote(f"{copy.table}_key")
        self._run(f"CREATE UNIQUE INDEX {index} ON {self._hider.table_of(copy)} ({self._listed(key)})")

    def _types(self, table: Place, names: Sequence[str]) -> list[Any]:
        rows = self._hider.run("SELECT lower(name), type FROM pragma_table_info(:table)", table=table.table)
        types = {name: affinity(kind) for name, kind in rows}
        return [types.get(name.lower()) for name in names]
