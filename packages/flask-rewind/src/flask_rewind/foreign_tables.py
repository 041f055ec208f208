"""Tables that have the name of one of Flask-Rewind's tables, but belong to the app or to a newer version.

A command refuses such a database before it reads or writes anything.
"""

from sqlalchemy import Connection, Table, false, func, inspect, select, text

from flask_rewind.attic_entries import table as attic
from flask_rewind.errors import Refused
from flask_rewind.journal import LAYOUT, TABLES
from flask_rewind.layouts import refuse_newer
from flask_rewind.lease_table import table as lease

_MOVES = TABLES[0]
_OWN = (attic, *TABLES, lease)


def refuse_foreign_tables(connection: Connection) -> None:
    """Refuse a database in which a table has the name of one of Flask-Rewind's, but not its columns.

    Raises:
        Refused: with the name of the table, or where a newer version wrote the journal.
    """
    found = {table: _columns_there(connection, table) for table in _OWN}
    if "layout" in found[_MOVES]:
        refuse_newer(_MOVES.name, connection.scalar(select(func.max(_MOVES.c.layout))) or 0, LAYOUT)
    for table, there in found.items():
        if there and (missing := _columns_of_every_layout(table) - there):
            names = ", ".join(each.name for each in _OWN)
            raise Refused(
                f"this database has a table {table.name} that is not Flask-Rewind's: it has no column"
                f" {', '.join(sorted(missing))}.",
                f"Rename that table. Flask-Rewind keeps its records in tables of these names: {names}",
            )


def _columns_of_every_layout(table: Table) -> set[str]:
    """Return the columns that a table has in every layout: added columns are nullable or have a default."""
    return {each.name for each in table.columns if not each.nullable and each.server_default is None}


def _columns_there(connection: Connection, table: Table) -> set[str]:
    if not inspect(connection).has_table(table.name):
        return set()
    # Cheaper than reflection, which also reads types, defaults and comments.
    return {*connection.execute(select(text("*")).select_from(table).where(false())).keys()}
