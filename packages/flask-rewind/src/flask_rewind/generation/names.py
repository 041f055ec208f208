"""Give every constraint a name, so that a downgrade or a later revision can drop it on any engine."""

from typing import Any

from alembic.operations.ops import (
    CreateForeignKeyOp,
    CreateTableOp,
    CreateUniqueConstraintOp,
    DropConstraintOp,
    OpContainer,
)
from sqlalchemy import CheckConstraint, Constraint, ForeignKeyConstraint, UniqueConstraint

from flask_rewind.alembic_private import reverse_of
from flask_rewind.constraint_names import fitting, key_name, referred_table, unique_name
from flask_rewind.generation.walking import all_of


class NameLoan:
    """Temporary names of unnamed constraints of the models, while a script is rendered."""

    def __init__(self) -> None:
        self._lent: list[Constraint] = []

    def lend(self, constraint: Constraint, name: str) -> None:
        """Name an unnamed constraint until `take_back`."""
        constraint.name = name
        self._lent.append(constraint)

    def take_back(self) -> None:
        """Remove the names again."""
        for constraint in self._lent:
            constraint.name = None
        self._lent.clear()


def name_constraints(operations: OpContainer, loan: NameLoan) -> None:
    """Name constraints that have no name, neither in the models nor by the naming convention of their metadata."""
    for table in all_of(operations, CreateTableOp):
        _name_those_of(table, loan)
    for unique in all_of(operations, CreateUniqueConstraintOp):
        unique.constraint_name = unique.constraint_name or _name_of(unique)
    for key in all_of(operations, CreateForeignKeyOp):
        key.constraint_name = key.constraint_name or _name_of(key)
    for drop in all_of(operations, DropConstraintOp):
        drop.constraint_name = drop.constraint_name or _name_of(reverse_of(drop))


def _name_those_of(table: CreateTableOp, loan: NameLoan) -> None:
    checks = 0
    for item in table.columns:
        if not isinstance(item, Constraint) or item.name is not None:
            continue
        if isinstance(item, UniqueConstraint):
            loan.lend(item, unique_name(table.table_name, [column.name for column in item.columns]))
        elif isinstance(item, ForeignKeyConstraint):
            loan.lend(item, key_name(table.table_name, item.column_keys, referred_table(item)))
        elif isinstance(item, CheckConstraint) and not getattr(item, "_type_bound", False):
            checks += 1
            loan.lend(item, fitting(f"ck_{table.table_name}_{checks}"))


def _name_of(operation: Any) -> str | None:
    if isinstance(operation, CreateUniqueConstraintOp):
        return unique_name(operation.table_name, operation.columns)
    if isinstance(operation, CreateForeignKeyOp):
        return key_name(operation.source_table, operation.local_cols, operation.referent_table)
    return None
