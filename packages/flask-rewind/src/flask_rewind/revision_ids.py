"""Columns that hold the id of a revision: as wide as any that a version table can hold."""

from sqlalchemy import Connection, String, Table, Text, text

_LONGEST = 768
"""Characters in the longest key of MariaDB and MySQL, and so in the longest id that ``alembic_version`` can hold."""
REVISION_ID = Text().with_variant(String(_LONGEST), "mysql", "mariadb")
_WIDTH = (
    "SELECT character_maximum_length FROM information_schema.columns"
    " WHERE table_schema = {} AND table_name = :table AND column_name = 'revision'"
)
_WIDTHS = {
    "mysql": _WIDTH.format("DATABASE()"),
    "mariadb": _WIDTH.format("DATABASE()"),
    "postgresql": "SELECT NULLIF(atttypmod, -1) FROM pg_attribute"
    " WHERE attrelid = to_regclass(:table) AND attname = 'revision'",
}
_WIDENING = {
    "mysql": "ALTER TABLE {} MODIFY revision VARCHAR({}) NOT NULL",
    "mariadb": "ALTER TABLE {} MODIFY revision VARCHAR({}) NOT NULL",
    "postgresql": "ALTER TABLE {} ALTER revision TYPE TEXT",
}


def widen_revision(connection: Connection, table: Table) -> None:
    """Make the column ``revision`` of a table of ours, made by an older version, as wide as it is now."""
    dialect = connection.dialect.name
    if dialect in _WIDTHS:
        width = connection.scalar(text(_WIDTHS[dialect]), {"table": table.name})
        if width is not None and width < _LONGEST:
            connection.exec_driver_sql(_WIDENING[dialect].format(table.name, _LONGEST))
