"""Convert text to values of primary keys."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.types import TypeEngine

from flask_rewind.errors import BadRequest


def as_key(kind: TypeEngine[Any], value: str) -> Any:
    """Return the text as a value of this column type.

    Raises:
        BadRequest: if the text is not such a value.
    """
    try:
        wanted = kind.python_type
    except NotImplementedError:
        return value
    try:
        found = _READ[wanted](value) if wanted in _READ else value
    except (ValueError, KeyError, ArithmeticError) as error:
        raise BadRequest(f"{value!r} cannot be a key: the key column has the type {wanted.__name__}.") from error
    if isinstance(found, int) and abs(found) >= _BEYOND:
        raise BadRequest(f"{value} cannot be a key: it is out of range.")
    return found


def _as_bool(value: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[value.lower()]


_BEYOND = 2**63
"""Beyond every integer type, except MySQL's BIGINT UNSIGNED, whose upper half no key reaches."""
_READ: dict[type, Callable[[str], Any]] = {
    int: int,
    float: float,
    Decimal: Decimal,
    bool: _as_bool,
    bytes: bytes.fromhex,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    time: time.fromisoformat,
    UUID: UUID,
}
"""How to convert text to each Python type; other types stay text."""
