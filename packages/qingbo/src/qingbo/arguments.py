"""What a request names in its address or form: the number of a row, and where a page of a list begins."""

from collections.abc import Iterable

from flask import abort, request

from qingbo.pagination import Cursor


def row_number(text: str) -> int | None:
    """Return the number of a row that a text says, None for another text; it fits into a column of numbers."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def row_numbers(texts: Iterable[str]) -> list[int]:
    """Return the numbers of rows among some texts."""
    return [number for text in texts if (number := row_number(text)) is not None]


def asked_row(name: str) -> int:
    """Return the number that the address of the request gives by a name, 0 without one; 404 for another text."""
    number = row_number(request.args.get(name, "0"))
    return abort(404) if number is None else number


def asked_cursor() -> Cursor:
    """Return where the page begins that the address of the request asks for; 404 for another text."""
    try:
        return Cursor.parse(request.args.get("older"), request.args.get("newer"))
    except ValueError:
        abort(404)
