"""Columns for revision ids, wide enough for every id that a version table can hold."""

import re

from sqlalchemy import Connection, String, Table, Text, text

from flask_rewind.sql.catalogs import catalog_of

_LONGEST = 768
"""Characters in the longest key of MariaDB and MySQL, and thus in the longest id in ``alembic_version``."""
_VERSION_LENGTH = 32
"""Characters of ``alembic_version.version_num``, as Alembic makes it."""
REVISION_ID = Text().with_variant(String(_LONGEST), "mysql", "mariadb")


def widen_revision(connection: Connection, table: Table) -> None:
    """Widen the column ``revision`` of one of Rewind's tables, if an older version made it narrower."""
    catalog = catalog_of(connection.dialect.name)
    if catalog.revision_width:
        width = connection.scalar(text(catalog.revision_width), {"table": table.name})
        if width is not None and width < _LONGEST:
            connection.exec_driver_sql(catalog.widening_revision.format(table.name, _LONGEST))


def remedy_for_long_id(statement: str | None) -> str:
    """Return what to do about an id that Alembic's version table does not take, empty where none is too long."""
    texts = re.findall("'([^']*)'", statement) if statement and "version_num" in statement else []
    found = next((each for each in texts if len(each) > _VERSION_LENGTH), None)
    if found is None:
        return ""
    return (
        f"The id {found} has {len(found)} characters, and Alembic's version table is made for {_VERSION_LENGTH}: "
        "give the revision a shorter id, or make the column version_num longer in an earlier revision."
    )
