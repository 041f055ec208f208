"""Arguments in the address or form of a request: row numbers, and where a page of a list begins."""

from collections.abc import Iterable

from flask import abort, request

from qingbo.pagination import Cursor


def row_number(text: str) -> int | None:
    """Return the row number in a text, or None if the text is not a number that fits into an id column."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def row_numbers(texts: Iterable[str]) -> list[int]:
    """Return the valid row numbers among some texts."""
    return [number for text in texts if (number := row_number(text)) is not None]


def asked_row(name: str) -> int:
    """Return the row number in an argument of the address, 0 if it is missing; answer 404 if it is not a number."""
    number = row_number(request.args.get(name, "0"))
    return abort(404) if number is None else number


def asked_cursor() -> Cursor:
    """Return the cursor in the address, where the requested page begins; answer 404 if it is invalid."""
    try:
        return Cursor.parse(request.args.get("older"), request.args.get("newer"))
    except ValueError:
        abort(404)
