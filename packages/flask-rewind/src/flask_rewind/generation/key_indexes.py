"""MariaDB and MySQL: the index that the server made for a foreign key stays when the key is dropped.

No model declares it, so autogenerate would write a drop of it, which fails on engines that made no such index.
"""

from alembic.operations.ops import CreateIndexOp, DropIndexOp, MigrateOperation, OpContainer
from alembic.runtime.migration import MigrationContext

from flask_rewind.describing import Made
from flask_rewind.engines.registry import engine_named
from flask_rewind.generation.walking import leave_out
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
