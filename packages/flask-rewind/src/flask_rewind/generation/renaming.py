"""Write renames into a draft: first on the way up, last on the way down."""

from collections.abc import Sequence

from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import renderers
from alembic.operations.ops import (
    AlterColumnOp,
    CreateIndexOp,
    DropIndexOp,
    MigrateOperation,
    ModifyTableOps,
    OpContainer,
    RenameTableOp,
)
from alembic.runtime.migration import MigrationContext

from flask_rewind.alembic_private import directive_place
from flask_rewind.engines.registry import engine_named
from flask_rewind.generation.renamed_view import Rename
from flask_rewind.generation.renames import RenamedColumn, is_same_type
from flask_rewind.generation.walking import containers


@renderers.dispatch_for(RenameTableOp)
def _render(context: AutogenContext, operation: RenameTableOp) -> str:
    prefix, _ = directive_place(context, operation.table_name)
    schema = f", schema={operation.schema!r}" if operation.schema else ""
    return f"{prefix}rename_table({operation.table_name!r}, {operation.new_table_name!r}{schema})"


def write_renames(
    up: OpContainer,
    down: OpContainer,
    tables: Sequence[Rename],
    columns: Sequence[RenamedColumn],
    context: MigrationContext,
) -> None:
    """Add the directives to a draft that was made as if the names were new already."""
    there = [RenameTableOp(each.old, each.new, schema=each.schema) for each in tables]
    back = [RenameTableOp(each.new, each.old, schema=each.schema) for each in tables]
    there_too = [_column(each, each.rename.old, each.rename.new, context) for each in columns]
    back_too = [_column(each, each.rename.new, each.rename.old, context) for each in columns]
    for operations in (up, down) if tables or columns else ():
        _create_indexes_before_drops(operations)
    up.ops[:] = [*there, *there_too, *up.ops]
    down.ops[:] = [*down.ops, *reversed(back_too), *reversed(back)]


def _column(column: RenamedColumn, old: str, new: str, context: MigrationContext) -> MigrateOperation:
    """Return a rename with everything that MariaDB has to repeat in the definition of the column."""
    rename, reflected = column.rename, column.old
    comments = column.new if not context.dialect.supports_comments else reflected
    alter = AlterColumnOp(
        rename.table,
        old,
        schema=rename.schema,
        modify_name=new,
        # The models' type is the same on every engine; the reflected one may be of this engine only.
        existing_type=column.new.type if is_same_type(reflected, column.new, context) else reflected.type,
        existing_nullable=reflected.nullable,
        existing_server_default=reflected.server_default,
        existing_comment=comments.comment,
    )
    if reflected.autoincrement is True and engine_named(context.dialect.name).repeats_definitions:
        alter.kw["autoincrement"] = True
    return ModifyTableOps(rename.table, [alter], schema=rename.schema)


def _create_indexes_before_drops(operations: OpContainer) -> None:
    """Create an index with its new name before the old one is dropped: MariaDB needs one under each foreign key."""
    for container in containers(operations):
        dropped = {each.index_name for each in container.ops if isinstance(each, DropIndexOp)}
        new = [each for each in container.ops if isinstance(each, CreateIndexOp) and each.index_name not in dropped]
        if new and dropped:
            rest = [each for each in container.ops if each not in new]
            at = next(place for place, each in enumerate(rest) if isinstance(each, DropIndexOp))
            container.ops[:] = [*rest[:at], *new, *rest[at:]]
