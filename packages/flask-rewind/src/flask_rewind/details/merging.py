"""Details of a thing that is hidden again, because the crossing that had brought it back failed."""

from dataclasses import replace
from typing import Any, TypeVar

from flask_rewind.details.classes import Details
from flask_rewind.details.parts import ForeignKey, Named

AnyDetails = TypeVar("AnyDetails", bound=Details)
_Row = Named | ForeignKey


def with_missing_parts(details: AnyDetails, former: Details) -> AnyDetails:
    """Return the details of a thing that is hidden again, completed with parts from its former details.

    The failed crossing may have brought it back without some of its indexes, constraints, foreign keys and triggers.
    """
    missing: dict[str, Any] = {
        field: (*_rows(details, field), *_missing(_rows(details, field), _rows(former, field)))
        for field in ("constraints", "indexes", "incoming", "triggers")
        if hasattr(details, field)
    }
    return replace(details, **missing)


def _rows(details: Details, field: str) -> tuple[_Row, ...]:
    found: tuple[_Row, ...] = getattr(details, field, ())
    return found


def _missing(there: tuple[_Row, ...], before: tuple[_Row, ...]) -> list[_Row]:
    names = [row[:-1] for row in there]
    texts = {_without_name(row) for row in there}  # a script may recreate a part under another name, or none
    return [row for row in before if row[:-1] not in names and _without_name(row) not in texts]


def _without_name(row: _Row) -> str:
    return row.sql.replace(f"`{row.name}`", "", 1)
