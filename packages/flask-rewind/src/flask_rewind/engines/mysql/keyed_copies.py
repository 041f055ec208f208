"""Keyed copies of MariaDB and MySQL."""

import re
from collections.abc import Sequence
from typing import Any

from flask_rewind.attic_entries import Place
from flask_rewind.engines.keyed_copies import KeyedCopies
from flask_rewind.engines.mysql.hider import MySQLHider
from flask_rewind.engines.mysql.shown import definition_lines


class MySQLKeyedCopies(KeyedCopies):
    """Keyed copies of MariaDB and MySQL. CREATE TABLE has the key, since a server may refuse tables without one."""

    _hider: MySQLHider

    def _create(self, copy: Place, place: Place, key: Sequence[str], rows: str) -> None:
        line = next(line for line in definition_lines(self._hider, place) if line.startswith("PRIMARY KEY "))
        columns = ", ".join(re.findall(r"`(?:[^`]|``)*`(?:\(\d+\))?", line))
        table = self._hider.table_of(copy)
        self._run(f"CREATE TABLE {table} (PRIMARY KEY ({columns})) ENGINE=InnoDB AS {rows}")

    def _add_key(self, copy: Place, key: Sequence[str]) -> None:
        return

    def _clean_up(self, copy: Place) -> None:
        if not self._hider.connection.invalidated:
            self._drop_former(copy)

    def _types(self, table: Place, names: Sequence[str]) -> list[Any]:
        rows = self._hider.run(
            "SELECT lower(column_name), data_type, collation_name FROM information_schema.columns"
            " WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :table",
            schema=table.schema,
            table=table.table,
        )
        types = {name: tuple(kind) for name, *kind in rows}
        return [types.get(name.lower()) for name in names]
