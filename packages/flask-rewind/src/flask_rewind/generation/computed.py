"""Drop and add again a generated column whose expression changed: most engines cannot alter it.

Its indexes, its constraints, and the generated columns that use it are dropped before it and created after it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import renderers
from alembic.operations.ops import (
    AddColumnOp,
    AddConstraintOp,
    AlterColumnOp,
    CreateCheckConstraintOp,
    CreateForeignKeyOp,
    CreateIndexOp,
    DropColumnOp,
    DropConstraintOp,
    DropIndexOp,
    ExecuteSQLOp,
    MigrateOperation,
    ModifyTableOps,
    OpContainer,
)
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Connection,
    Constraint,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    inspect,
    literal_column,
)

from flask_rewind.alembic_private import directive_place, is_type_bound, reverse_of
from flask_rewind.engines.sqlite.clauses import spelling
from flask_rewind.generation.expressions import changed_expressions, expressions_there
from flask_rewind.generation.renamed_view import NewNames
from flask_rewind.generation.walking import containers, leave_out


class _CreateCheck(CreateCheckConstraintOp):
    """A CHECK to create, with a renderer: Alembic 1.16 has none."""


@renderers.dispatch_for(_CreateCheck)
def _render(context: AutogenContext, operation: _CreateCheck) -> str:
    prefix, arguments = directive_place(context, operation.table_name)
    sql = context.migration_context.impl.render_ddl_sql_expr(operation.to_constraint().sqltext)
    schema = [f"schema={operation.schema!r}"] if arguments and operation.schema else []
    arguments = [repr(str(operation.constraint_name)), *arguments, repr(sql), *schema]
    return f"{prefix}create_check_constraint({', '.join(arguments)})"


def replace_changed_columns(
    up: OpContainer, down: OpContainer, context: MigrationContext, names: NewNames | None = None
) -> None:
    """Add the changes of generated columns, which autogenerate leaves out, to a draft.

    Tables in which `names` renames something are left to the next draft: the engine itself rewrites the expressions.
    """
    if context.connection is None:
        return
    inspector = inspect(context.connection)
    for model in _models(context):
        is_renamed = names is not None and names.concern(model.schema, model.name)
        if not is_renamed and inspector.has_table(model.name, schema=model.schema):
            replacement = _Replacement(model, context.connection)
            replacement.find(up)
            if replacement.changed:
                replacement.write(up, down)


def _models(context: MigrationContext) -> Iterator[Table]:
    """Return the tables of the models that env.py's filters let autogenerate see."""
    metadata = context.opts["target_metadata"]
    include_object, include_name = context.opts.get("include_object"), context.opts.get("include_name")
    for each in [metadata] if isinstance(metadata, MetaData) else metadata or ():
        for table in each.tables.values():
            if include_name and not include_name(table.name, "table", {"schema_name": table.schema}):
                continue
            if not include_object or include_object(table, table.name, "table", False, None):
                yield table


class _Replacement:
    """The columns of one table that are dropped and added again, and the directives for that."""

    def __init__(self, model: Table, connection: Connection) -> None:
        self._model = model
        self._connection = connection
        self._place: dict[str, Any] = {"table_name": model.name, "schema": model.schema}
        self._there = expressions_there(connection, model.name, model.schema)
        self.changed: set[str] = set()

    def find(self, up: OpContainer) -> None:
        """Find columns whose expression changed, that are generated on one side only, or altered, and their users."""
        generated = {column.name for column in self._model.columns if column.computed is not None}
        if not generated and not self._there:
            return
        now = {column["name"] for column in inspect(self._connection).get_columns(**self._place)}
        either = (generated | self._there.keys()) & now & {column.name for column in self._model.columns}
        both = either & generated & self._there.keys()
        self.changed = either - both
        self.changed |= changed_expressions(self._connection, self._model, self._there)
        self.changed |= {each.column_name for each in self._alterations(up)} & both
        while self.changed and (more := {name for name in both - self.changed if self._is_made_of_changed(name)}):
            self.changed |= more
        self.changed -= {column.name for column in self._model.primary_key}

    def _is_made_of_changed(self, name: str) -> bool:
        return bool({*spelling(self._there[name].sql)} & _lower(self.changed))

    def _alterations(self, up: OpContainer) -> list[AlterColumnOp]:
        return [
            each
            for container in containers(up)
            for each in container.ops
            if isinstance(each, AlterColumnOp) and self._is_of_table(each) and each.modify_type is not None
        ]

    def write(self, up: OpContainer, down: OpContainer) -> None:
        """Replace the columns in both directions: drops before, adds after the other directives of the draft."""
        now = self._table_now()
        for draft, old, new in ((up, now, self._model), (down, self._model, now)):
            leave_out(draft, self._is_replaced)
            before, after = self._drops(old), [*self._standing_on(new)]
            draft.ops[:] = [self._block(before), *draft.ops, self._block(self._adds(new, old))]
            draft.ops.extend(self._filled(new, old))
            draft.ops.extend([self._block(after)] if after else [])

    def _block(self, operations: list[MigrateOperation]) -> ModifyTableOps:
        return ModifyTableOps(self._model.name, operations, schema=self._model.schema)

    def _table_now(self) -> Table:
        table = Table(
            self._model.name, MetaData(), schema=self._model.schema, autoload_with=self._connection, resolve_fks=False
        )
        for column in table.columns:
            if column.computed is not None:  # SQLAlchemy may read only a part of the expression
                there = self._there[column.name]
                column.computed.sqltext, column.computed.persisted = literal_column(there.sql), there.persisted
        return table

    def _is_replaced(self, operation: MigrateOperation) -> bool:
        if not self._is_of_table(operation):
            return False
        if isinstance(operation, AlterColumnOp):
            return operation.column_name in self.changed
        made = reverse_of(operation) if isinstance(operation, DropIndexOp | DropConstraintOp) else operation
        return bool(_columns_of(made) & self.changed)

    def _is_of_table(self, operation: Any) -> bool:
        table = getattr(operation, "table_name", None) or getattr(operation, "source_table", None)
        schema = getattr(operation, "schema", None) or getattr(operation, "source_schema", None)
        return (table, schema) == (self._model.name, self._model.schema)

    def _drops(self, table: Table) -> list[MigrateOperation]:
        return [
            *(DropConstraintOp.from_constraint(each) for each in self._constraints_of(table)),
            *(DropIndexOp.from_index(each) for each in self._indexes_of(table)),
            *(
                DropColumnOp.from_column_and_tablename(table.schema, table.name, column)
                for column in reversed(self._in_order(table))
            ),
        ]

    def _adds(self, table: Table, other: Table) -> list[MigrateOperation]:
        return [
            AddColumnOp.from_column_and_tablename(table.schema, table.name, _added(column, other))
            for column in self._in_order(table)
        ]

    def _standing_on(self, table: Table) -> Iterator[MigrateOperation]:
        for index in self._indexes_of(table):
            yield CreateIndexOp.from_index(index)
        for constraint in self._constraints_of(table):
            kind = _CreateCheck if isinstance(constraint, CheckConstraint) else AddConstraintOp
            yield kind.from_constraint(constraint)

    def _filled(self, table: Table, other: Table) -> Iterator[MigrateOperation]:
        """Yield the directives that give a column that is no longer generated its former values."""
        quote = self._connection.dialect.identifier_preparer
        for column in self._in_order(table):
            expression = _by_name(other)[column.name].computed
            if column.computed is None and expression is not None:
                sql = self._sql(expression)
                yield ExecuteSQLOp(f"UPDATE {quote.format_table(table)} SET {quote.quote(column.name)} = {sql}")  # noqa: S608
                if not column.nullable:
                    alter = AlterColumnOp(
                        table.name, column.name, schema=table.schema, existing_type=column.type, modify_nullable=False
                    )
                    yield ModifyTableOps(table.name, [alter], schema=table.schema)

    def _sql(self, computed: Computed) -> str:
        compiler = self._connection.dialect.statement_compiler(self._connection.dialect, None)
        return str(compiler.process(computed.sqltext, include_table=False, literal_binds=True))

    def _in_order(self, table: Table) -> list[Column[Any]]:
        """Return the changed columns, each after the columns that it uses."""
        left = [column for column in table.columns if column.name in self.changed]
        ordered: list[Column[Any]] = []
        while left:
            names = _lower(column.name for column in left)
            free = [column for column in left if not self._words(column) & (names - {column.name.lower()})]
            ordered += free or left
            left = [column for column in left if free and column not in free]
        return ordered

    def _words(self, column: Column[Any]) -> set[str]:
        return set() if column.computed is None else {*spelling(self._sql(column.computed))}

    def _indexes_of(self, table: Table) -> list[Index]:
        found = [each for each in table.indexes if {column.name for column in each.columns} & self.changed]
        return sorted(found, key=lambda each: str(each.name))

    def _constraints_of(self, table: Table) -> list[Constraint]:
        """Return the constraints that depend on the changed columns; a CHECK names them in its text."""
        found = [each for each in table.constraints if isinstance(each, _KINDS) and self._is_under(each)]
        return sorted(found, key=lambda each: (str(each.name), str(each)))

    def _is_under(self, constraint: Constraint) -> bool:
        if isinstance(constraint, CheckConstraint):
            named = constraint.name and not is_type_bound(constraint)
            return bool(named and {*spelling(str(constraint.sqltext))} & _lower(self.changed))
        return bool({column.name for column in constraint.columns} & self.changed)  # type: ignore[attr-defined]


_KINDS = (CheckConstraint, ForeignKeyConstraint, UniqueConstraint)


def _added(column: Column[Any], other: Table) -> Column[Any]:
    """Return the column to add; one that was generated is nullable until it has its values."""
    if column.computed is not None or _by_name(other)[column.name].computed is None:
        return column
    return Column(column.name, column.type, server_default=column.server_default, nullable=True, comment=column.comment)


def _by_name(table: Table) -> dict[str, Column[Any]]:
    return {column.name: column for column in table.columns}


def _lower(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}


def _columns_of(operation: Any) -> set[str]:
    """Return the columns of a directive for an index or a constraint."""
    if isinstance(operation, CreateIndexOp):
        return {column.name for column in operation.to_index().columns}
    if isinstance(operation, CreateForeignKeyOp):
        return {*operation.local_cols}
    return {str(column) for column in getattr(operation, "columns", ())}
