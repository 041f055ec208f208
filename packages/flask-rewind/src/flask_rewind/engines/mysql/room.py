"""The room in a row of MariaDB and MySQL, where hidden columns count, too.

The columns of a row may take 65,535 bytes together, each counted at its maximum length. A LONGTEXT or LONGBLOB counts
12 bytes, however long it is (dev.mysql.com/doc/refman/8.4/en/column-count-limit.html). A table may have 1,017 columns.
"""

import re
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import HIDDEN, PREFIX, Place
from flask_rewind.engines.mysql.lock_timeouts import is_lock_timeout
from flask_rewind.engines.mysql.shown import definition_lines
from flask_rewind.engines.room import Room

_TWIN = "rewind_room"
_NO_ROOM = {1117, 1118}
"""ER_TOO_MANY_FIELDS, ER_TOO_BIG_ROWSIZE (mariadb.com/kb/en/mariadb-error-code-reference)."""
_CANNOT_CREATE = 1005
"""ER_CANT_CREATE_TABLE: InnoDB's error for too many columns."""
_WIDE = re.compile(rf"`({HIDDEN.pattern})` (varchar|char|varbinary|binary)\((\d+)\)(.*)", re.DOTALL)
_PAGE = 8_126
_MOST_COLUMNS = 1_017
_LENGTH = re.compile(r"\((\d+)")
_HIDDEN_LINE = re.compile(rf"`({HIDDEN.pattern})` ")


@dataclass(frozen=True, slots=True)
class RoomChange:
    """A change of a hidden column so that it takes less room."""

    name: str
    sql: str
    """The ALTER TABLE action."""
    goes: bool = False
    """Whether it leaves the table; if not, it becomes a LONGTEXT or LONGBLOB with the same values."""
    length: int = 0
    """The length of a column that becomes a LONGTEXT or LONGBLOB, in characters or bytes."""


class MySQLRoom(Room):
    """Makes room in the tables of a MariaDB or MySQL database."""

    def is_lacking(self, error: DBAPIError) -> bool:
        return is_about_room(error.orig)

    def make(self, place: Place, actions: Sequence[str], staying: Collection[str] = ()) -> list[str]:
        table, lines = self.table_of(place), definition_lines(self, place)
        if not may_be_full(lines, actions):
            return []
        changes: dict[str, RoomChange] = {}

        def fits() -> bool:
            return has_room(self.connection, table, ", ".join([*(each.sql for each in changes.values()), *actions]))

        longer = [] if is_at_most_columns(lines, actions) else wide_columns(lines)
        # If a hidden column (`place.column`) returns, its own type stays, and no other column leaves the table.
        going = [] if place.column else [each for each in removable_columns(lines) if each.name not in staying]
        for change in [*longer, *going]:
            if fits():
                break
            if change.name != place.column:
                changes[change.name] = change
        if not changes or not fits():
            return []
        if modified := [change.sql for change in changes.values() if not change.goes]:
            self.run_literally(f"ALTER TABLE {table} {', '.join(modified)}")
        return [change.name for change in changes.values() if change.goes]


def is_about_room(error: BaseException | None) -> bool:
    """Return whether a driver's error says that a table cannot hold more columns, or longer ones."""
    number, message = error.args[:2] if error and len(error.args) > 1 else (0, "")
    return number in _NO_ROOM or (number == _CANNOT_CREATE and "Too many columns" in str(message))


def wide_columns(lines: Sequence[str]) -> list[RoomChange]:
    """Return the hidden columns that can become LONGTEXT or LONGBLOB, longest first, from the lines of the table."""
    found = [match for match in map(_WIDE.fullmatch, lines) if match]
    columns = [
        RoomChange(name, _longer(name, kind, rest), length=int(length))
        for name, kind, length, rest in (match.groups() for match in found)
    ]
    return sorted(columns, key=lambda column: -column.length)


def may_be_full(lines: Sequence[str], actions: Sequence[str]) -> bool:
    """Return whether a table may be too full for these actions, so that they must be tried.

    A character takes up to 4 bytes, a type without a length up to 40, and a row in a page of InnoDB up to 8,126.
    """
    columns = [*(line for line in lines if line.startswith("`")), *actions]
    longest = sum(4 * int(length) + 40 for column in columns for length in _LENGTH.findall(column) or ["0"])
    return longest > _PAGE


def is_at_most_columns(lines: Sequence[str], actions: Sequence[str]) -> bool:
    """Return whether a table may have too many columns after these actions, however short the columns are."""
    return sum(line.startswith("`") for line in lines) + len(actions) > _MOST_COLUMNS


def removable_columns(lines: Sequence[str]) -> list[RoomChange]:
    """Return the changes that remove hidden columns and their markers from the table, oldest first."""
    names = [match[1] for line in lines if (match := _HIDDEN_LINE.match(line)) and "AUTO_INCREMENT" not in line]
    marked = {name for name in names if any(line.startswith(f"`{name}_new` ") for line in lines)}
    names.sort(key=lambda name: int(name.removeprefix(PREFIX)))  # the oldest first
    return [
        RoomChange(name, f"DROP COLUMN {name}{f', DROP COLUMN {name}_new' if name in marked else ''}", goes=True)
        for name in names
    ]


def _longer(name: str, kind: str, rest: str) -> str:
    rest = re.sub(r"DEFAULT ('(?:[^']|'')*')", r"DEFAULT (\1)", rest)  # MySQL only allows expressions for these types
    return f"MODIFY {name} {'LONGTEXT' if kind in {'varchar', 'char'} else 'LONGBLOB'}{rest}"


def has_room(connection: Connection, table: str, actions: str) -> bool:
    """Try actions of an ALTER TABLE on an empty temporary copy of the quoted `table`.

    Return True if they fail for another reason: the real statement will report it.
    """
    error = connection.dialect.loaded_dbapi.Error
    with closing(connection.connection.cursor()) as cursor:  # the recorder does not see it; nothing is committed
        try:
            cursor.execute(f"CREATE TEMPORARY TABLE {_TWIN} LIKE {table}")
            cursor.execute(f"ALTER TABLE {_TWIN} {actions}")
        except error as found:
            if is_lock_timeout(found):
                raise
            return not is_about_room(found)
        finally:
            cursor.execute(f"DROP TEMPORARY TABLE IF EXISTS {_TWIN}")
    return True
