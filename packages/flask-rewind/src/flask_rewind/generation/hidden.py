"""Leave hidden columns out of the tables that a draft creates or drops."""

from typing import Any

from alembic.operations.ops import CreateTableOp, DropTableOp, OpContainer
from sqlalchemy import CheckConstraint, Column, Constraint

from flask_rewind.alembic_private import reverse_of
from flask_rewind.attic_entries import PREFIX
from flask_rewind.generation.walking import all_of


def leave_hidden_columns_out(operations: OpContainer) -> None:
    """Remove hidden columns, and the constraints that still use them, from tables that are created or dropped.

    Alembic passes a table that it drops to the filter of env.py, but not its columns.
    """
    created = all_of(operations, CreateTableOp)
    dropped = [reverse_of(each) for each in all_of(operations, DropTableOp)]
    for table in (*created, *dropped):
        if isinstance(table, CreateTableOp):
            table.columns = [item for item in table.columns if not _is_hidden(item)]


def _is_hidden(item: Any) -> bool:
    match item:
        case Column():
            return str(item.name).startswith(PREFIX)
        case CheckConstraint():
            return PREFIX in str(item.sqltext)
        case Constraint():
            return any(str(column.name).startswith(PREFIX) for column in getattr(item, "columns", ()))
    return False
