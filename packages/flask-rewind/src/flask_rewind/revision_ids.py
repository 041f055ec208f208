"""Columns for revision ids, wide enough for every id that a version table can hold."""

from sqlalchemy import Connection, String, Table, Text, text

from flask_rewind.sql.catalogs import catalog_of

_LONGEST = 768
"""Characters in the longest key of MariaDB and MySQL, and thus in the longest id in ``alembic_version``."""
REVISION_ID = Text().with_variant(String(_LONGEST), "mysql", "mariadb")


def widen_revision(connection: Connection, table: Table) -> None:
    """Widen the column ``revision`` of one of Rewind's tables, if an older version made it narrower."""
    catalog = catalog_of(connection.dialect.name)
    if catalog.revision_width:
        width = connection.scalar(text(catalog.revision_width), {"table": table.name})
        if width is not None and width < _LONGEST:
            connection.exec_driver_sql(catalog.widening_revision.format(table.name, _LONGEST))
