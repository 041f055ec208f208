"""``SHOW CREATE TABLE`` on MariaDB and MySQL."""

from flask_rewind.attic_entries import Place
from flask_rewind.engines.access import DatabaseAccess


def shown(access: DatabaseAccess, place: Place) -> str:
    """Return the result of ``SHOW CREATE TABLE``."""
    return str(access.run_literally(f"SHOW CREATE TABLE {access.table_of(place)}").one()[1])


def definition_lines(access: DatabaseAccess, place: Place) -> list[str]:
    """Return the lines inside the parentheses of ``SHOW CREATE TABLE``."""
    return [line.strip().rstrip(",") for line in shown(access, place).splitlines()[1:-1]]
