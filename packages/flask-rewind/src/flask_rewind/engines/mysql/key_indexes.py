"""MariaDB and MySQL: the indexes that the server makes under foreign keys.

A foreign key without an index gets one, called like the key, or like its first column where the script has not named
it. The server drops such an index when another one can do its work: an index of the script, or the one that it makes
for the next foreign key on these columns, under that key's name. Whether it made an index itself is written in no
catalog, and RENAME INDEX makes it forget that. So the only way to have such an index under a name is a foreign key of
this name, which goes again.
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
"""The name of a foreign key that is there between two statements."""
_COUNTED = re.compile(r"(_\d+)?")


class MySQLKeyIndexes(KeyIndexes):
    """Keeps the names of the server's indexes."""

    def __init__(self, access: DatabaseAccess) -> None:
        super().__init__(access)
        self._names_of: dict[Place, dict[str, str]] = {}
        """For each table what its indexes were called before keys were made on it: name by columns."""
        self._made_by_script: set[Place] = set()
        """The tables to which a script that goes down adds a foreign key by itself."""
        self._made_for_keys: list[tuple[Place, str]] = []
        """The server's indexes, which are dropped at the end of the crossing where their keys are gone."""

    def remember(self, table: Place, names: Mapping[str, str] | None = None) -> None:
        """Remember what the indexes of a table are called, or those of `names`, by columns: keys return to them."""
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
        """Drop an index that a foreign key needs, and let the server make one of its own; False for another index.

        A plain drop ends in error 1553. The server dropped its own index quietly when the script added this one.
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
        """Return which of these indexes of a table, as lines of it, the server made by itself: name by columns.

        It drops these on a twin of the table when that gets another index on the same columns.
        """
        keys = {columns_of_key(line) for line in definition_lines(self, table) if is_key(line)}
        found = [line for line in indexes if is_plain_index(line) and listed(line) in keys]
        if not found:
            return {}
        adding = ", ".join(f"ADD INDEX {_PROBE}_{at} ({listed(line)})" for at, line in enumerate(found))
        with closing(self.connection.connection.cursor()) as cursor:  # past the events of the recorder
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
        """Drop an index that was made for a foreign key, where that is gone by now."""
        lines = definition_lines(self, table) if self._is_table(table) else []
        found = [line for line in lines if is_plain_index(line) and named(line)[0] == index]
        if found and not any(is_key(line) and can_serve(found[0], columns_of_key(line)) for line in lines):
            self.run_literally(f"ALTER TABLE {self.table_of(table)} DROP INDEX {self.quote(index)}")

    def _give_names(self, table: Place, names: dict[str, str]) -> None:
        """Give the indexes that keys made under their own names the names that the former indexes had."""
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
        """Let the server make the index of a foreign key, its line of the table, under this name."""
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
            if name == key:  # made again, so that the server calls the index like it
                self.run_literally(f"{start} DROP FOREIGN KEY {self.quote(key)}")
                self.run_literally(f"{start} ADD {line}, DROP FOREIGN KEY {self.quote(passing)}")
            else:
                self.run_literally(f"{start} DROP FOREIGN KEY {self.quote(passing)}")

    def _foreign_keys(self) -> set[str]:
        """Return the names of all foreign keys of the database, in small letters: they are unique in it."""
        names = self.run(
            "SELECT lower(constraint_name) FROM information_schema.referential_constraints"
            " WHERE constraint_schema = DATABASE()"
        )
        return {str(name) for (name,) in names}


def remember_keys_to(indexes: MySQLKeyIndexes, entry: Entry) -> None:
    """Remember what the indexes of the tables are called whose foreign keys refer to a hidden thing."""
    for schema, other, *_ in entry.details.incoming:
        indexes.remember(Place(schema, other))


@contextmanager
def unchecked_keys(access: DatabaseAccess) -> Iterator[None]:
    """Let foreign keys be made without a look at the rows."""
    before = access.run_literally("SELECT @@SESSION.foreign_key_checks").scalar()
    access.run_literally("SET SESSION foreign_key_checks = 0")
    try:
        yield
    finally:
        access.run_literally(f"SET SESSION foreign_key_checks = {before}")


def _own_name(table: Place, key: str, columns: str) -> str:
    """Return what the server calls its index for a foreign key: like that, or like its first column if it has no name.

    The server names such a key after its table.
    """
    is_numbered = re.fullmatch(re.escape(table.table) + r"_ibfk_\d+", key, re.IGNORECASE)
    return _plain(columns.split(",")[0]) if is_numbered else key


def _has_index(lines: Sequence[str], name: str) -> bool:
    return name.lower() in [index_name(line).lower() for line in lines]


def _plain(quoted: str) -> str:
    return quoted[1:-1].replace("``", "`")
