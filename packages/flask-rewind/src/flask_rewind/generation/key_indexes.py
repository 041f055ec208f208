"""MariaDB and MySQL make an index for a foreign key, which no model declares, so autogenerate would drop it.

The drop fails as long as the key is there, and it fails on engines that made no such index.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from alembic.operations.ops import CreateIndexOp, DropConstraintOp, DropIndexOp, MigrateOperation, OpContainer
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Inspector

from flask_rewind.describing import Made
from flask_rewind.engines.registry import engine_named
from flask_rewind.generation.renamed_view import NewNames, renamed_inspector
from flask_rewind.generation.walking import all_of, leave_out
from flask_rewind.journal import PastCrossings


def leave_indexes_of_dropped_keys(up: OpContainer, down: OpContainer, context: MigrationContext) -> None:
    """Remove the indexes of foreign keys that the journal records as dropped; they have the key's or column's name."""
    if not engine_named(context.dialect.name).makes_key_indexes or context.connection is None:
        return
    changes = [
        change for text in PastCrossings(context.connection).all_changes_up() for change in Made.read(text).changes
    ]
    keys = [change.before for change in changes if change.before and change.before.kind == "foreign key"]
    names = {(key.table, name) for key in keys for name in (key.called, key.columns[0])}

    def is_of_key(each: MigrateOperation) -> bool:
        if not isinstance(each, CreateIndexOp | DropIndexOp) or each.schema is not None:
            return False
        return (each.table_name, each.index_name) in names

    for operations in (up, down):
        leave_out(operations, is_of_key)


def leave_indexes_under_keys(
    up: OpContainer, down: OpContainer, context: MigrationContext, names: NewNames | None = None
) -> None:
    """Remove the drops of indexes that are the only ones under a foreign key that stays.

    Such an index has the name of the key's column; after a rename of the column it has the column's old name.
    """
    if not engine_named(context.dialect.name).makes_key_indexes or context.connection is None:
        return
    inspector = renamed_inspector(context.connection, names or NewNames([]))
    needed = [drop for drop in all_of(up, DropIndexOp) if _is_needed(drop, up, inspector)]
    places = {(drop.schema, drop.table_name, drop.index_name) for drop in needed}

    def is_needed(each: MigrateOperation) -> bool:
        if not isinstance(each, CreateIndexOp | DropIndexOp):
            return False
        return (each.schema, each.table_name, each.index_name) in places

    for operations in (up, down):
        leave_out(operations, is_needed)


def _is_needed(drop: DropIndexOp, up: OpContainer, inspector: Inspector) -> bool:
    table, schema = str(drop.table_name), drop.schema
    drops = {each.index_name for each in all_of(up, DropIndexOp) if (each.schema, each.table_name) == (schema, table)}
    indexes: dict[Any, list[Any]] = {
        each["name"]: [*each["column_names"]] for each in inspector.get_indexes(table, schema)
    }
    stay = [columns for name, columns in indexes.items() if name not in drops]
    stay += [inspector.get_pk_constraint(table, schema)["constrained_columns"], *_created(up, table, schema)]
    dropped_keys = {each.constraint_name for each in all_of(up, DropConstraintOp)}
    return any(
        _begins(indexes.get(drop.index_name, []), key["constrained_columns"])
        and not any(_begins(columns, key["constrained_columns"]) for columns in stay)
        for key in inspector.get_foreign_keys(table, schema)
        if key["name"] not in dropped_keys
    )


def _created(up: OpContainer, table: str, schema: str | None) -> Iterator[list[Any]]:
    for each in all_of(up, CreateIndexOp):
        if (each.schema, each.table_name) == (schema, table):
            yield [getattr(column, "name", column) for column in each.columns]


def _begins(index: Sequence[Any], key: Sequence[Any]) -> bool:
    return [*index[: len(key)]] == [*key]
