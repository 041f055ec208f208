"""Find the numbers of hidden names in the catalog.

The rows of `rewind_attic` do not have all of them: a table may have been dumped and restored without its entries.
"""

import re

from sqlalchemy import Connection, text

from flask_rewind.sql.catalogs import catalog_of

_NUMBERED = re.compile(r"_attic_(\d+)(?:_|\b)", re.IGNORECASE)


def taken_numbers(connection: Connection, schema: str | None) -> set[int]:
    """Return the numbers of all names such as ``_attic_1`` and ``_attic_1_side`` in a schema (None: the default)."""
    return {int(number) for name in attic_names(connection, schema) for number in _NUMBERED.findall(name)}


def attic_names(connection: Connection, schema: str | None) -> list[str]:
    """Return every name in a schema (None: the default) that has the number of a hidden thing."""
    query = catalog_of(connection.dialect.name).attic_names
    if not query:
        return []
    statement = text(query)
    return list(connection.scalars(statement, {"schema": schema} if "schema" in statement.compile().params else {}))
