"""Give a new NOT NULL column a value for the existing rows, in both directions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alembic.operations.ops import (
    AddColumnOp,
    AlterColumnOp,
    CreateForeignKeyOp,
    CreateIndexOp,
    CreateUniqueConstraintOp,
    MigrateOperation,
    ModifyTableOps,
    OpContainer,
)
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, func, inspect, select, table, text, types

from flask_rewind.errors import DefaultNeeded
from flask_rewind.generation.renamed_view import NewNames
from flask_rewind.generation.walking import all_of


@dataclass(frozen=True, slots=True)
class Question:
    """A question for the value of a new NOT NULL column."""

    table: str
    column: str
    type: str
    rows: int
    """How many rows of the table would have no value."""
    suggestion: str
    """A SQL expression of the column's type; empty if there is none to suggest."""


Ask = Callable[[Question], str | None]
"""Returns the SQL expression for the existing rows, or None to give up."""


def fill_new_columns(up: OpContainer, context: MigrationContext, ask: Ask | None, names: NewNames) -> None:
    """Ask for the value of each new NOT NULL column without a default, unless its table is empty.

    Args:
        up: the draft.
        context: of the database.
        ask: asks for a value.
        names: the tables that the draft renames.

    Raises:
        DefaultNeeded: if there is nobody to ask, or no answer.
    """
    unanswered = []
    for operation in _not_null_without_default(up):
        question = _question(operation, _rows(operation, context, names), fits=not _is_constrained(operation, up))
        if not question.rows:
            continue
        answer = ask(question) if ask else None
        if answer is None:
            unanswered.append(question)
        else:
            _fill_once(up, operation, answer)
    if unanswered:
        raise DefaultNeeded(
            "\n".join(
                f"{each.table}.{each.column} is NOT NULL without a server_default, and {each.table} has "
                f"{each.rows} rows that would have no value for it."
                for each in unanswered
            ),
            "Nothing was written. Give the column a default in the model, for example:\n"
            + "\n".join(f"  {each.column}: server_default=sa.text({each.suggestion or '...'!r})" for each in unanswered)
            + "\nor make it nullable. On a terminal, flask db migrate asks for the value.",
        )


def fill_returning_columns(down: OpContainer) -> None:
    """Give each NOT NULL column that the downgrade adds the empty value of its type, since the table may have rows."""
    for operation in _not_null_without_default(down):
        suggestion = _empty_value(operation.column)
        if suggestion and not _is_constrained(operation, down):
            _fill_once(down, operation, suggestion)


def _not_null_without_default(operations: OpContainer) -> list[AddColumnOp]:
    return [
        operation
        for operation in all_of(operations, AddColumnOp)
        if not operation.column.nullable
        and operation.column.server_default is None
        and operation.column.computed is None
        and operation.column.identity is None
    ]


def _is_constrained(operation: AddColumnOp, operations: OpContainer) -> bool:
    """Return whether a foreign key or unique constraint on the column is added, which one value for all rows breaks."""
    name, table_name = operation.column.name, operation.table_name
    keys = (key for key in all_of(operations, CreateForeignKeyOp) if key.source_table == table_name)
    uniques = (unique for unique in all_of(operations, CreateUniqueConstraintOp) if unique.table_name == table_name)
    indexes = (index for index in all_of(operations, CreateIndexOp) if index.table_name == table_name and index.unique)
    return (
        any(name in key.local_cols for key in keys)
        or any(list(unique.columns) == [name] for unique in uniques)
        or any(list(index.columns) == [name] for index in indexes)
    )


def _fill_once(operations: OpContainer, operation: AddColumnOp, expression: str) -> None:
    """Add the column with the default, then drop the default in a separate batch block.

    In one block a SQLite rebuild would only see the result: no default, and no value for the rows.
    """
    column = operation.column
    filled: Column[object] = Column(column.name, column.type, server_default=text(expression), nullable=False)
    filled.comment = column.comment
    operation.column = filled
    drop = AlterColumnOp(
        operation.table_name,
        column.name,
        schema=operation.schema,
        modify_server_default=None,
        existing_type=column.type,
        existing_nullable=False,
        existing_comment=column.comment,
    )
    _stand_behind(operations, operation, drop)


def _stand_behind(operations: OpContainer, operation: AddColumnOp, drop: AlterColumnOp) -> None:
    block: MigrateOperation = ModifyTableOps(operation.table_name, [drop], schema=operation.schema)
    for place, each in enumerate(operations.ops):
        if each is operation or (isinstance(each, ModifyTableOps) and operation in each.ops):
            operations.ops.insert(place + 1, block)
            return


def _question(operation: AddColumnOp, rows: int, *, fits: bool) -> Question:
    column = operation.column
    suggestion = _empty_value(column) if fits else ""
    return Question(operation.table_name, column.name, str(column.type), rows, suggestion)


def _rows(operation: AddColumnOp, context: MigrationContext, names: NewNames) -> int:
    connection = context.connection
    name = names.old_table(operation.schema, operation.table_name)
    if connection is None or not inspect(connection).has_table(name, schema=operation.schema):
        return 0
    source = table(name, schema=operation.schema)
    return connection.scalar(select(func.count()).select_from(source)) or 0


def _empty_value(column: Column[object]) -> str:
    kind = column.type
    if isinstance(kind, types.Enum):
        return "'{}'".format(kind.enums[0].replace("'", "''"))
    for family, expression in _EMPTY_VALUES:
        if isinstance(kind, family):
            return expression
    return ""


_EMPTY_VALUES: list[tuple[type[types.TypeEngine[Any]], str]] = [
    (types.Boolean, "false"),
    (types.Integer, "0"),
    (types.Numeric, "0"),
    (types.Float, "0"),
    (types.String, "''"),
    (types.DateTime, "'2000-01-01 00:00:00'"),
    (types.Date, "'2000-01-01'"),
    (types.Time, "'00:00:00'"),
    (types.JSON, "'{}'"),
    (types.LargeBinary, "''"),
    (types.Interval, "'0'"),
    (types.ARRAY, "'{}'"),
    (types.Uuid, "'00000000000000000000000000000000'"),
]
