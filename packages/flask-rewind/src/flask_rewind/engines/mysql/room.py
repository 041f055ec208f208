"""The room in a row of MariaDB and MySQL, which counts what is hidden as well.

The columns of a row may take 65,535 bytes together, each with the longest value it can have; a LONGTEXT or LONGBLOB
counts 12 of these however long it is (dev.mysql.com/doc/refman/8.4/en/column-count-limit.html). A table may have
1,017 columns.
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
"""ER_CANT_CREATE_TABLE: InnoDB, where a column is one too many."""
_WIDE = re.compile(rf"`({HIDDEN.pattern})` (varchar|char|varbinary|binary)\((\d+)\)(.*)", re.DOTALL)
_PAGE = 8_126
_MOST_COLUMNS = 1_017
_LENGTH = re.compile(r"\((\d+)")
_HIDDEN_LINE = re.compile(rf"`({HIDDEN.pattern})` ")


@dataclass(frozen=True, slots=True)
class RoomChange:
    """What makes a hidden column take less room."""

    name: str
    sql: str
    """The action of ALTER TABLE."""
    goes: bool = False
    """Whether it leaves the table; else it becomes a LONGTEXT or LONGBLOB, its values unchanged."""
    length: int = 0
    """Of a wide one, in characters or bytes."""


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
        # Where one returns, that itself cannot be another type, and the others stay.
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
    """Return whether an error of the driver says that a table cannot hold more columns, or longer ones."""
    number, message = error.args[:2] if error and len(error.args) > 1 else (0, "")
    return number in _NO_ROOM or (number == _CANNOT_CREATE and "Too many columns" in str(message))


def wide_columns(lines: Sequence[str]) -> list[RoomChange]:
    """Return the hidden columns that can be longer types, the longest first, from the lines of SHOW CREATE TABLE."""
    found = [match for match in map(_WIDE.fullmatch, lines) if match]
    columns = [
        RoomChange(name, _longer(name, kind, rest), length=int(length))
        for name, kind, length, rest in (match.groups() for match in found)
    ]
    return sorted(columns, key=lambda column: -column.length)


def may_be_full(lines: Sequence[str], actions: Sequence[str]) -> bool:
    """Return whether it is worth a try if a table takes these actions: no small one needs it.

    A character takes up to 4 bytes, no type without a length more than 40, and a page of InnoDB holds 8,126.
    """
    columns = [*(line for line in lines if line.startswith("`")), *actions]
    longest = sum(4 * int(length) + 40 for column in columns for length in _LENGTH.findall(column) or ["0"])
    return longest > _PAGE


def is_at_most_columns(lines: Sequence[str], actions: Sequence[str]) -> bool:
    """Return whether a table may have too many columns by these actions, however short these are."""
    return sum(line.startswith("`") for line in lines) + len(actions) > _MOST_COLUMNS


def removable_columns(lines: Sequence[str]) -> list[RoomChange]:
    """Return the hidden columns, with the columns that mark new rows for them, as they would leave the table."""
    names = [match[1] for line in lines if (match := _HIDDEN_LINE.match(line)) and "AUTO_INCREMENT" not in line]
    marked = {name for name in names if any(line.startswith(f"`{name}_new` ") for line in lines)}
    names.sort(key=lambda name: int(name.removeprefix(PREFIX)))  # the oldest first
    return [
        RoomChange(name, f"DROP COLUMN {name}{f', DROP COLUMN {name}_new' if name in marked else ''}", goes=True)
        for name in names
    ]


def _longer(name: str, kind: str, rest: str) -> str:
    rest = re.sub(r"DEFAULT ('(?:[^']|'')*')", r"DEFAULT (\1)", rest)  # all that MySQL takes of these types
    return f"MODIFY {name} {'LONGTEXT' if kind in {'varchar', 'char'} else 'LONGBLOB'}{rest}"


def has_room(connection: Connection, table: str, actions: str) -> bool:
    """Try actions of an ALTER TABLE on an empty twin of the quoted `table`, one of the session.

    What fails there for another reason has room: the statement itself will say what is wrong.
    """
    error = connection.dialect.loaded_dbapi.Error
    with closing(connection.connection.cursor()) as cursor:  # past the events of the recorder; it commits nothing
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
