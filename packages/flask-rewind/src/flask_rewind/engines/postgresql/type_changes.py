"""Type changes of columns on PostgreSQL: the values are cast to the new type and back, and compared."""

import re
from contextlib import closing
from typing import Any

from sqlalchemy import Integer
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.types import TypeEngine

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import PostgreSQLColumnDetails
from flask_rewind.engines.postgresql.describing import without_casts
from flask_rewind.engines.postgresql.lock_timeouts import is_lock_timeout
from flask_rewind.engines.type_changes import TypeChanges
from flask_rewind.sql.changes import NewType
from flask_rewind.transactions import is_autocommit

_NUMBERS = ["smallint", "integer", "bigint"]
_TEXTS = {"character varying", "text"}
_ALSO_CALLED = {
    "varchar": "character varying",
    "int": "integer",
    "int4": "integer",
    "int8": "bigint",
    "int2": "smallint",
}


class PostgreSQLTypeChanges(TypeChanges):
    """Checks the values of columns before their types change."""

    def losses(self, place: Place, wanted: NewType) -> int:
        table, column = self.table_of(place), self.column_of(place)
        row = self.run(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = to_regclass(:table) AND attname = :column AND NOT attisdropped",
            table=table,
            column=place.column,
        ).first()
        new = re.split(r"\sCOLLATE\s", wanted.definition, flags=re.IGNORECASE)[0]
        if row is None or not _is_plain(wanted.using, place.column or "") or _holds_all_of(row[0], new):
            return 0
        value = wanted.using or column
        back = f"CAST(CAST(CAST({value} AS {new}) AS {row[0]}) AS text)"
        query = f"SELECT count(*) FROM {table} WHERE {back} IS DISTINCT FROM CAST({column} AS text)"
        # The recorder does not see this query. If a value cannot be cast, the type change itself will report the error.
        has_transaction = not is_autocommit(self.connection)
        with closing(self.connection.connection.cursor()) as cursor:
            if has_transaction:
                cursor.execute("SAVEPOINT rewind_probe")
            try:
                cursor.execute(query.replace("%", "%%"), ())
                count = sum(int(count) for (count,) in cursor.fetchall())
            except self.connection.dialect.loaded_dbapi.Error as error:
                if is_lock_timeout(error):
                    raise
                count = 0
            if has_transaction:
                cursor.execute("ROLLBACK TO SAVEPOINT rewind_probe")
                cursor.execute("RELEASE SAVEPOINT rewind_probe")
        return count

    def type_when_hidden(self, entry: Entry) -> TypeEngine[Any] | None:
        details = entry.details_as(PostgreSQLColumnDetails)
        if details.domain is None or not details.is_loose:
            return None
        return DOMAIN(details.domain.name, Integer())  # its base type is not compared


def _is_plain(using: str, column: str) -> bool:
    """Return whether the USING expression is the column itself or a cast of it."""
    value = re.sub(r"\bcast\s*\(|\sas\s.*", "", using.lower()) if using.upper().startswith("CAST") else using.lower()
    return not using or without_casts(value).strip().strip('"') == column.lower()


def _holds_all_of(old: str, new: str) -> bool:
    """Return whether every value of the old type fits the new type, so that no row has to be read."""
    (kind, length), (wanted, room) = (_kind_and_length(each) for each in (old, new))
    if kind in _NUMBERS and wanted in _NUMBERS:
        return _NUMBERS.index(wanted) >= _NUMBERS.index(kind)
    if {kind, wanted} <= _TEXTS:
        return room is None or (length is not None and room >= length)
    # jsonb only drops spaces and the order of keys, which have no meaning in JSON.
    return (kind, wanted) == ("json", "jsonb")


def _kind_and_length(kind: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"\s*(.*?)\s*(?:\(\s*(\d+)\s*\))?\s*", kind.lower())
    name, length = (match[1], match[2]) if match else (kind, None)
    return _ALSO_CALLED.get(name, name), None if length is None else int(length)
