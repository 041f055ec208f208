"""Values of the database as JSON, the same for every engine."""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

BOOLEAN, INTEGER, TEXT, TIME, DATE, BYTES, DECIMAL, NUMBER = KINDS = (
    "boolean", "integer", "text", "time", "date", "bytes", "decimal", "number",
)  # fmt: skip
"""How the values of a column are written: `time` as ISO 8601 in UTC with microseconds, `date` as ISO 8601, `bytes` as
base64, `decimal` as text, the others as JSON has them."""

_BY_PYTHON_TYPE = {
    bool: BOOLEAN, int: INTEGER, str: TEXT, datetime: TIME, date: DATE, bytes: BYTES, Decimal: DECIMAL, float: NUMBER,
}  # fmt: skip
_INTEGERS = range(-(2**63), 2**63)


def kind_of(type_: TypeEngine[Any]) -> str:
    """Return the kind of a column by its type in the database.

    Raises:
        ValueError: if no kind fits.
    """
    if isinstance(type_, mysql.TINYINT) and type_.display_width == 1:  # how MariaDB and MySQL store a boolean
        return BOOLEAN
    try:
        return _BY_PYTHON_TYPE[type_.python_type]
    except (KeyError, NotImplementedError):
        raise ValueError(f"has the type {type_}, which a backup cannot hold") from None


def writers(kinds: Mapping[str, str]) -> dict[str, Callable[[Any], Any]]:
    """Return the functions that turn the values of columns, by name, into JSON; only those that change something."""
    return {name: _WRITERS[kind] for name, kind in kinds.items() if kind in _WRITERS}


def read(kind: str, value: Any, *, with_zone: bool) -> Any:
    """Return a value from JSON as the database driver takes it.

    Args:
        kind: one of `KINDS`.
        value: from JSON.
        with_zone: whether times get the zone UTC, as PostgreSQL wants them, or none.

    Raises:
        ValueError: if the value is not of this kind.
    """
    if value is None:
        return None
    if kind == TIME:
        moment = _read_time(value)
        return moment if with_zone else moment.replace(tzinfo=None)
    return _READERS[kind](value)


def _write_time(value: datetime) -> str:
    moment = value.astimezone(UTC) if value.tzinfo else value
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


_WRITERS: dict[str, Callable[[Any], Any]] = {
    BOOLEAN: bool,  # MariaDB and MySQL return an integer
    TIME: _write_time,
    DATE: date.isoformat,
    BYTES: lambda value: base64.b64encode(value).decode("ascii"),
    DECIMAL: str,
}


def _read_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(BOOLEAN, value)
    return value


def _read_integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in _INTEGERS:
        raise _wrong(INTEGER, value)
    return value


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(TEXT, value)
    value.encode()  # half of a surrogate pair raises UnicodeEncodeError, a ValueError
    return value


def _read_time(value: Any) -> datetime:
    if not isinstance(value, str) or not value.endswith("Z"):
        raise _wrong(TIME, value)
    return datetime.fromisoformat(value)


def _read_date(value: Any) -> date:
    if not isinstance(value, str):
        raise _wrong(DATE, value)
    return date.fromisoformat(value)


def _read_bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, binascii.Error):
        raise _wrong(BYTES, value) from None


def _read_decimal(value: Any) -> Decimal:
    try:
        return Decimal(_read_text(value))
    except InvalidOperation:
        raise _wrong(DECIMAL, value) from None


def _read_number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _wrong(NUMBER, value)
    return float(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    BOOLEAN: _read_boolean, INTEGER: _read_integer, TEXT: _read_text, DATE: _read_date, BYTES: _read_bytes,
    DECIMAL: _read_decimal, NUMBER: _read_number,
}  # fmt: skip


def _wrong(kind: str, value: Any) -> ValueError:
    return ValueError(f"{str(value)[:40]!r} is not of the kind {kind}")
