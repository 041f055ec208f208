"""Type changes of columns on MariaDB and MySQL: tried on copies of the values in a temporary table."""

import re
import warnings
from collections.abc import Callable
from contextlib import closing
from typing import Any

from sqlalchemy.dialects.mysql import BINARY, CHAR, MEDIUMTEXT, TEXT, TINYTEXT, VARBINARY, VARCHAR
from sqlalchemy.types import TypeEngine

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import MySQLColumnDetails
from flask_rewind.engines.access import DatabaseAccess
from flask_rewind.engines.mysql.definitions import clauses_of, only_type
from flask_rewind.engines.mysql.lock_timeouts import is_lock_timeout
from flask_rewind.engines.mysql.shown import definition_lines, shown
from flask_rewind.engines.type_changes import TypeChanges
from flask_rewind.sql.changes import NewType
from flask_rewind.sql.tokenizer import tokens

_INTEGERS = ["tinyint", "smallint", "mediumint", "int", "bigint"]
_TYPE_PARTS = re.compile(r"(\w+)\s*(?:\(([^)]*)\))?(.*)", re.DOTALL)
_TEXTS: dict[str, type[TypeEngine[Any]]] = {"tinytext": TINYTEXT, "text": TEXT, "mediumtext": MEDIUMTEXT}
_STRINGS: dict[str, Callable[[int], TypeEngine[Any]]] = {
    "varchar": VARCHAR,
    "char": CHAR,
    "varbinary": VARBINARY,
    "binary": BINARY,
}
_VALUES = "rewind_values"
_NOT_KEPT = {"DEFAULT", "ON", "AUTO_INCREMENT", "COMMENT"}
"""First words of clauses that MODIFY and CHANGE drop unless they repeat them; scripts always state NOT NULL."""


class MySQLTypeChanges(TypeChanges):
    """Checks the values and clauses of columns before their types change."""

    def losses(self, place: Place, wanted: NewType) -> int:
        """Try the new type on copies of the values in a temporary table, and return how many do not come back."""
        column = self.column_of(place)
        old, new = only_type(_definition_of(self, place)), only_type(wanted.definition)
        if not old or _holds_all_of(old, new):
            return 0
        table = self.table_of(place)
        charset = " ".join(re.findall(r"(?:CHARSET|COLLATE)=\w+", shown(self, place).splitlines()[-1]))
        is_never_null = int("NOT NULL" in wanted.definition.upper())
        steps = [
            f"CREATE TEMPORARY TABLE {_VALUES} (o {old} NULL, n {new} NULL, b {old} NULL) {charset}",
            f"INSERT IGNORE INTO {_VALUES} (o, n) SELECT {column}, {column} FROM {table} WHERE {column} IS NOT NULL",
            f"UPDATE IGNORE {_VALUES} SET b = n",
        ]
        count = (
            f"SELECT count(*) + (SELECT count(*) FROM {table} WHERE {column} IS NULL AND {is_never_null})"
            f" FROM {_VALUES} WHERE NOT (BINARY o <=> BINARY b)"
        )
        # The recorder does not see these statements, and others do not see the temporary table.
        with closing(self.connection.connection.cursor()) as cursor, warnings.catch_warnings(action="ignore"):
            try:
                for step in (*steps, count):
                    cursor.execute(step)
                return sum(int(count) for (count,) in cursor.fetchall())
            except self.connection.dialect.loaded_dbapi.Error as error:
                if is_lock_timeout(error):
                    raise
                return 0  # the type change itself will report the error
            finally:
                cursor.execute(f"DROP TEMPORARY TABLE IF EXISTS {_VALUES}")

    def clauses_lost(self, place: Place, wanted: NewType) -> list[str]:
        repeated = {token.word for token in tokens(wanted.definition, "mysql")}
        declared = [(each, each.split()[0].upper()) for each in clauses_of(_definition_of(self, place))[1:]]
        return [each for each, word in declared if word in _NOT_KEPT - repeated and each.upper() != "DEFAULT NULL"]

    def type_when_hidden(self, entry: Entry) -> TypeEngine[Any] | None:
        kind, length, _ = _TYPE_PARTS.findall(entry.details_as(MySQLColumnDetails).definition)[0]
        if kind in _STRINGS:  # it may have become LONGTEXT or LONGBLOB to make room
            return _STRINGS[kind](int(length))
        return _TEXTS[kind]() if kind in _TEXTS else None  # CONVERT TO CHARACTER SET may choose the next longer type


def _definition_of(access: DatabaseAccess, place: Place) -> str:
    """Return the definition of a column as the server writes it; empty if there is no such column."""
    start = f"{access.column_of(place)} "
    lines = (line for line in definition_lines(access, place) if line.lower().startswith(start.lower()))
    return next(lines, start)[len(start) :]


def _holds_all_of(old: str, new: str) -> bool:
    """Return whether every value of the old type fits the new type, so that no row has to be read."""
    (kind, length, rest), (wanted, room, other) = (_TYPE_PARTS.findall(each.lower())[0] for each in (old, new))
    if kind in _INTEGERS and wanted in _INTEGERS and rest == other:
        return _INTEGERS.index(wanted) >= _INTEGERS.index(kind)
    return kind == wanted == "varchar" and rest == other and int(room) >= int(length)
