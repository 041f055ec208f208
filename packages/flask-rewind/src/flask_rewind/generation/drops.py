"""Order the directives around foreign keys, and leave out needless drops of indexes, both for MariaDB."""

from alembic.operations.ops import (
    CreateForeignKeyOp,
    CreateTableOp,
    DropConstraintOp,
    DropIndexOp,
    DropTableOp,
    MigrateOperation,
    ModifyTableOps,
    OpContainer,
)

from flask_rewind.generation.walking import all_of, leave_out


def leave_indexes_to_their_table(operations: OpContainer) -> None:
    """Remove the drops of indexes whose table is dropped, too.

    Autogenerate drops the indexes first, which MariaDB refuses if a foreign key needs one (error 1553).
    """
    dropped = {(table.schema, table.table_name) for table in all_of(operations, DropTableOp)}
    leave_out(operations, lambda each: _is_index_of(each, dropped))


def order_around_foreign_keys(operations: OpContainer) -> None:
    """Create tables first and drop them last; in between, drop foreign keys first and add them last, over all tables.

    Then no index or unique constraint is dropped while a foreign key needs it, no table while a key refers to it, and
    nothing is missing when a key is created.
    """
    split = [part for each in operations.ops for part in _parts(each)]
    operations.ops[:] = sorted(split, key=_rank)


def _parts(operation: MigrateOperation) -> list[MigrateOperation]:
    """Split a block into up to three: the foreign keys that it drops, the rest, the foreign keys that it adds."""
    if not isinstance(operation, ModifyTableOps):
        return [operation]
    kinds: dict[int, list[MigrateOperation]] = {1: [], 2: [], 3: []}
    for each in operation.ops:
        kinds[_rank(each)].append(each)
    return [ModifyTableOps(operation.table_name, ops, schema=operation.schema) for ops in kinds.values() if ops]


def _is_index_of(operation: MigrateOperation, tables: set[tuple[str | None, str]]) -> bool:
    return isinstance(operation, DropIndexOp) and (operation.schema, operation.table_name) in tables


def _rank(operation: MigrateOperation) -> int:
    match operation:
        case CreateTableOp():
            return 0
        case DropTableOp():
            return 4
        case ModifyTableOps() if operation.ops:
            return _rank(operation.ops[0])
        case DropConstraintOp(constraint_type="foreignkey"):
            return 1
        case CreateForeignKeyOp():
            return 3
    return 2
