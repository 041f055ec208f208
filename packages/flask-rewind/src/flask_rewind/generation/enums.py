"""Create PostgreSQL enum types before the columns that use them, and drop them after the last such column."""

from collections.abc import Iterable, Iterator

from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import renderers
from alembic.operations.ops import (
    AddColumnOp,
    CreateTableOp,
    DropColumnOp,
    DropTableOp,
    MigrateOperation,
    OpContainer,
)
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Enum, MetaData
from sqlalchemy.dialects import postgresql

from flask_rewind.alembic_private import reverse_of
from flask_rewind.generation.walking import all_of

_PREPARER = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]

Types = dict[str, Enum]
"""Enum types by their full, quoted name."""


class PostgreSQLStatement(MigrateOperation):
    """A statement that the script runs only on PostgreSQL."""

    def __init__(self, sql: str) -> None:
        self.sql = sql


@renderers.dispatch_for(PostgreSQLStatement)
def _render(context: AutogenContext, operation: PostgreSQLStatement) -> list[str]:
    # The empty line ends the `if` block for Mako's printer.
    return ["if op.get_context().dialect.name == 'postgresql':", f"op.execute({operation.sql!r})", ""]


def create_and_drop_types(up: OpContainer, down: OpContainer, context: MigrationContext) -> None:
    """Add the statements in both directions.

    ``op.create_table`` creates the types of its columns, ``op.add_column`` does not. No directive drops a type.
    """
    new, gone = _types_added(up), _types_dropped(up)
    elsewhere = _types_elsewhere(up, context)
    _begin_with(up, _only_by_column(up, new, elsewhere))
    _begin_with(down, _only_by_column(down, _types_added(down), elsewhere))
    _end_with(down, {name: kind for name, kind in new.items() if name not in elsewhere})
    _end_with(up, {name: kind for name, kind in gone.items() if name not in elsewhere and name not in new})


def _begin_with(operations: OpContainer, types: Types) -> None:
    for name, kind in reversed(types.items()):
        labels = ", ".join(f"'{label.replace(chr(39), chr(39) * 2)}'" for label in kind.enums)
        operations.ops.insert(0, PostgreSQLStatement(f"CREATE TYPE {name} AS ENUM ({labels})"))


def _end_with(operations: OpContainer, types: Types) -> None:
    operations.ops.extend(PostgreSQLStatement(f"DROP TYPE IF EXISTS {name}") for name in types)


def _only_by_column(operations: OpContainer, added: Types, elsewhere: Types) -> Types:
    by_table = dict(_types(_columns_of_tables(all_of(operations, CreateTableOp))))
    return {name: kind for name, kind in added.items() if name not in by_table and name not in elsewhere}


def _types_added(operations: OpContainer) -> Types:
    columns = [operation.column for operation in all_of(operations, AddColumnOp)]
    return dict(_types([*columns, *_columns_of_tables(all_of(operations, CreateTableOp))]))


def _types_dropped(operations: OpContainer) -> Types:
    tables = (reverse_of(operation) for operation in all_of(operations, DropTableOp))
    columns = (reverse_of(operation) for operation in all_of(operations, DropColumnOp))
    dropped = [operation.column for operation in columns if isinstance(operation, AddColumnOp)]
    created = [operation for operation in tables if isinstance(operation, CreateTableOp)]
    return dict(_types([*dropped, *_columns_of_tables(created)]))


def _types_elsewhere(up: OpContainer, context: MigrationContext) -> Types:
    """Return the types of the models' columns that this revision does not add."""
    metadata = context.opts["target_metadata"]
    tables = {(each.schema, each.table_name) for each in all_of(up, CreateTableOp)}
    columns = {(each.schema, each.table_name, each.column.name) for each in all_of(up, AddColumnOp)}
    kept = (
        column
        for each in ([metadata] if isinstance(metadata, MetaData) else metadata or ())
        for table in each.tables.values()
        if (table.schema, table.name) not in tables
        for column in table.columns
        if (table.schema, table.name, column.name) not in columns
    )
    return dict(_types(kept))


def _columns_of_tables(tables: Iterable[CreateTableOp]) -> Iterator[Column[object]]:
    return (item for table in tables for item in table.columns if isinstance(item, Column))


def _types(columns: Iterable[Column[object]]) -> Iterator[tuple[str, Enum]]:
    for column in columns:
        kind = column.type
        if isinstance(kind, Enum) and kind.native_enum and kind.name:
            schema = f"{_PREPARER.quote(kind.schema)}." if kind.schema else ""
            yield f"{schema}{_PREPARER.quote(kind.name)}", kind
