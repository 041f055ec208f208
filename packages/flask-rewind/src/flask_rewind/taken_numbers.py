"""Find the numbers of hidden names in the catalog.

The rows of `rewind_attic` do not have all of them: a table may have been dumped and restored without its entries.
"""

import re

from sqlalchemy import Connection, text

from flask_rewind.sql.catalogs import catalog_of

_NUMBERED = re.compile(r"_attic_(\d+)(?:_|\b)", re.IGNORECASE)


def taken_numbers(connection: Connection, schema: str | None) -> set[int]:
    """Return the numbers of all names such as ``_attic_1`` and ``_attic_1_side`` in a schema (None: the default)."""
    query = catalog_of(connection.dialect.name).attic_names
    if not query:
        return set()
    statement = text(query)
    names = connection.scalars(statement, {"schema": schema} if "schema" in statement.compile().params else {})
    return {int(number) for name in names for number in _NUMBERED.findall(name)}
