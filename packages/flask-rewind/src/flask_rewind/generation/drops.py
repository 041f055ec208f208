"""Drops in an order, and of a number, that MariaDB takes: an index under a foreign key goes with its table."""

from alembic.operations.ops import (
    CreateForeignKeyOp,
    DropConstraintOp,
    DropIndexOp,
    DropTableOp,
    MigrateOperation,
    ModifyTableOps,
    OpContainer,
)

from flask_rewind.generation.walking import all_of, containers


def leave_indexes_to_their_table(operations: OpContainer) -> None:
    """Take out the drops of indexes whose table is dropped too.

    Autogenerate drops them first, which MariaDB refuses where a foreign key stands on one (error 1553).
    """
    dropped = {(table.schema, table.table_name) for table in all_of(operations, DropTableOp)}
    for container in containers(operations):
        container.ops[:] = [each for each in container.ops if not _is_index_of(each, dropped)]
    operations.ops[:] = [each for each in operations.ops if not (isinstance(each, ModifyTableOps) and not each.ops)]


def order_around_foreign_keys(operations: OpContainer) -> None:
    """Within one table drop foreign keys first and add them last, so that no index goes from under one."""
    for table in all_of(operations, ModifyTableOps):
        table.ops.sort(key=_rank)


def _is_index_of(operation: MigrateOperation, tables: set[tuple[str | None, str]]) -> bool:
    return isinstance(operation, DropIndexOp) and (operation.schema, operation.table_name) in tables


def _rank(operation: MigrateOperation) -> int:
    if isinstance(operation, DropConstraintOp) and operation.constraint_type == "foreignkey":
        return 0
    return 2 if isinstance(operation, CreateForeignKeyOp) else 1
