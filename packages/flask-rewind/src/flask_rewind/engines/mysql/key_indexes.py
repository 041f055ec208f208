"""MariaDB and MySQL: the indexes that the server makes under foreign keys.

If a foreign key has no index, the server makes one. It gets the name of the key, or of the key's first column if the
script did not name the key. The server drops this index when another one can replace it: an index of the script, or the
one that it makes for the next foreign key on the same columns, under that key's name. No catalog tells whether the
server made an index, and after RENAME INDEX the server treats it as the script's. So the only way to get such an index
with a given name is to create a foreign key of that name, and to drop the key again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

from sqlalchemy import inspect

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.engines.access import DatabaseAccess
from flask_rewind.engines.key_indexes import KeyIndexes
from flask_rewind.engines.mysql.lines import (
    can_serve,
    columns_of_key,
    index_name,
    is_key,
    is_plain_index,
    listed,
    named,
)
from flask_rewind.engines.mysql.lock_timeouts import is_lock_timeout
from flask_rewind.engines.mysql.shown import definition_lines

_TWIN = "rewind_twin"
_PROBE = "rewind_probe"
_FOR_A_MOMENT = "rewind_key"
"""The name of a foreign key that exists only between two statements."""
_COUNTED = re.compile(r"(_\d+)?")


class MySQLKeyIndexes(KeyIndexes):
    """Keeps the names of the server's indexes."""

    def __init__(self, access: DatabaseAccess) -> None:
        super().__init__(access)
        self._names_of: dict[Place, dict[str, str]] = {}
        """The indexes of each table before foreign keys were created on it: name by columns."""
        self._made_by_script: set[Place] = set()
        """The tables to which the script of a downgrade adds a foreign key itself."""
        self._made_for_keys: list[tuple[Place, str]] = []
        """Indexes made by `drop_index`: they are dropped at the end of the crossing if their keys no longer exist."""

    def remember(self, table: Place, names: Mapping[str, str] | None = None) -> None:
        """Remember the names of a table's indexes, or `names` (by columns), for foreign keys that return to it."""
        if names is None:
            lines = definition_lines(self, table) if self._is_table(table) else []
            names = {listed(line): named(line)[0] for line in lines if is_plain_index(line)}
        self._names_of[table] = {**names, **self._names_of.get(table, {})}

    def expect_foreign_key(self, table: Place) -> None:
        self.remember(table)
        self._made_by_script.add(table)

    def settle(self) -> None:
        for table, index in self._made_for_keys:
            self._drop_spare(table, index)
        for table, names in self._names_of.items():
            if self._is_table(table):
                self._give_names(table, names)

    def drop_index(self, table: Place, index: str) -> bool:
        """Drop an index that a foreign key needs, and let the server make its own; return False for another index.

        A plain drop would fail with error 1553: when the script added this index, the server dropped its own one.
        """
        lines = definition_lines(self, table) if self._is_table(table) else []
        going = [line for line in lines if index_name(line).lower() == index.lower()]
        left = [line for line in lines if line not in going]
        for line in filter(is_key, lines):
            columns = columns_of_key(line)
            served = [each for each in going if can_serve(each, columns)]
            if served and not any(can_serve(each, columns) for each in left):
                key = named(line)[0]
                name = _own_name(table, key, columns)
                name = key if _has_index(left, name) else name
                self._make_index(table, line, name, [f"DROP INDEX {self.quote(named(served[0])[0])}"])
                self._made_for_keys.append((table, name))
                return True
        return False

    def made_by_server(self, table: Place, indexes: Sequence[str]) -> dict[str, str]:
        """Return which of these indexes of a table, given as its lines, the server made itself: name by columns.

        A temporary copy of the table gets further indexes on the same columns: there the server drops its own ones.
        """
        keys = {columns_of_key(line) for line in definition_lines(self, table) if is_key(line)}
        found = [line for line in indexes if is_plain_index(line) and listed(line) in keys]
        if not found:
            return {}
        adding = ", ".join(f"ADD INDEX {_PROBE}_{at} ({listed(line)})" for at, line in enumerate(found))
        with closing(self.connection.connection.cursor()) as cursor:  # the recorder does not see these statements
            try:
                cursor.execute(f"CREATE TEMPORARY TABLE {_TWIN} LIKE {self.table_of(table)}")
                cursor.execute(f"ALTER TABLE {_TWIN} {adding}")
                cursor.execute(f"SHOW CREATE TABLE {_TWIN}")
                left = [line.strip().rstrip(",") for _, text in cursor.fetchall() for line in text.splitlines()]
            except self.connection.dialect.loaded_dbapi.Error as error:
                if is_lock_timeout(error):
                    raise
                left = found  # too many indexes: they count as the script's
            finally:
                cursor.execute(f"DROP TEMPORARY TABLE IF EXISTS {_TWIN}")
        return {listed(line): named(line)[0] for line in found if line not in left}

    def _is_table(self, table: Place) -> bool:
        return bool(inspect(self.connection).has_table(table.table, table.schema))

    def _drop_spare(self, table: Place, index: str) -> None:
        """Drop an index that was made for a foreign key, if the key no longer exists."""
        lines = definition_lines(self, table) if self._is_table(table) else []
        found = [line for line in lines if is_plain_index(line) and named(line)[0] == index]
        if found and not any(is_key(line) and can_serve(found[0], columns_of_key(line)) for line in lines):
            self.run_literally(f"ALTER TABLE {self.table_of(table)} DROP INDEX {self.quote(index)}")

    def _give_names(self, table: Place, names: dict[str, str]) -> None:
        """Give the former names to indexes that the server has named after their foreign keys."""
        lines = definition_lines(self, table)
        indexes = {named(line)[0]: listed(line) for line in lines if is_plain_index(line)}
        for name, line in [named(line) for line in lines if is_key(line)]:
            columns = columns_of_key(line)
            wanted = self._wanted_name(table, name, columns, names)
            if indexes.get(name) == columns and not _has_index(lines, wanted):
                self._make_index(table, line, wanted)

    def _wanted_name(self, table: Place, key: str, columns: str, names: dict[str, str]) -> str:
        former, first = names.get(columns, ""), _plain(columns.split(",")[0])
        if table not in self._made_by_script:
            return former or key
        is_of_column = former.startswith(first) and _COUNTED.fullmatch(former.removeprefix(first))
        return former if is_of_column else _own_name(table, key, columns)

    def _make_index(self, table: Place, line: str, name: str, also: Sequence[str] = ()) -> None:
        """Let the server make the index of a foreign key, given as its line, under this name."""
        key, start = named(line)[0], f"ALTER TABLE {self.table_of(table)}"
        taken = self._foreign_keys()
        if name.lower() in taken - {key.lower()} or _FOR_A_MOMENT in taken:
            actions = also or [f"DROP INDEX {self.quote(key)}"]
            self.run_literally(f"{start} ADD INDEX {self.quote(name)} ({columns_of_key(line)}), {', '.join(actions)}")
            return
        passing = _FOR_A_MOMENT if name == key else name
        added = line.replace(f"CONSTRAINT {self.quote(key)} ", f"CONSTRAINT {self.quote(passing)} ", 1)
        with unchecked_keys(self):
            self.run_literally(f"{start} {', '.join([f'ADD {added}', *also])}")
            if name == key:  # recreate the key, so that the server names the index after it
                self.run_literally(f"{start} DROP FOREIGN KEY {self.quote(key)}")
                self.run_literally(f"{start} ADD {line}, DROP FOREIGN KEY {self.quote(passing)}")
            else:
                self.run_literally(f"{start} DROP FOREIGN KEY {self.quote(passing)}")

    def _foreign_keys(self) -> set[str]:
        """Return the names of all foreign keys of the database, in lower case: they must be unique in it."""
        names = self.run(
            "SELECT lower(constraint_name) FROM information_schema.referential_constraints"
            " WHERE constraint_schema = DATABASE()"
        )
        return {str(name) for (name,) in names}


def remember_keys_to(indexes: MySQLKeyIndexes, entry: Entry) -> None:
    """Remember the names of the indexes of all tables whose foreign keys refer to a hidden thing."""
    for schema, other, *_ in entry.details.incoming:
        indexes.remember(Place(schema, other))


@contextmanager
def unchecked_keys(access: DatabaseAccess) -> Iterator[None]:
    """Create foreign keys inside the block without checking the rows."""
    before = access.run_literally("SELECT @@SESSION.foreign_key_checks").scalar()
    access.run_literally("SET SESSION foreign_key_checks = 0")
    try:
        yield
    finally:
        access.run_literally(f"SET SESSION foreign_key_checks = {before}")


def _own_name(table: Place, key: str, columns: str) -> str:
    """Return the server's name for the index of a foreign key: the key's name, or its first column's if it has none.

    The server itself names a key without a name ``<table>_ibfk_<number>``.
    """
    is_numbered = re.fullmatch(re.escape(table.table) + r"_ibfk_\d+", key, re.IGNORECASE)
    return _plain(columns.split(",")[0]) if is_numbered else key


def _has_index(lines: Sequence[str], name: str) -> bool:
    return name.lower() in [index_name(line).lower() for line in lines]


def _plain(quoted: str) -> str:
    return quoted[1:-1].replace("``", "`")
