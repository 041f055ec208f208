"""Rules by which `migrate` changes the draft of autogenerate, so that its script runs down and up on every engine.

Each module is one rule, which changes directives in place. They neither read files nor print. Scripts stay plain
Alembic, and run without Rewind, too.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from alembic.operations.ops import MigrationScript, OpContainer
from alembic.runtime.migration import MigrationContext

from flask_rewind.alembic_private import compare_with
from flask_rewind.generation.computed import replace_changed_columns
from flask_rewind.generation.defaults import Ask, fill_new_columns, fill_returning_columns
from flask_rewind.generation.drops import leave_indexes_to_their_table, order_around_foreign_keys
from flask_rewind.generation.enums import create_and_drop_types
from flask_rewind.generation.hidden import leave_hidden_columns_out
from flask_rewind.generation.imports import complete_imports
from flask_rewind.generation.key_indexes import leave_indexes_of_dropped_keys, leave_indexes_under_keys
from flask_rewind.generation.names import NameLoan, name_constraints
from flask_rewind.generation.readable import ReadableTypes, make_readable
from flask_rewind.generation.renamed_view import NewNames, Rename, renamed_inspector
from flask_rewind.generation.renames import AskRename, RenameChooser, RenamedColumn
from flask_rewind.generation.renaming import write_renames


class Draft:
    """Rewrites one draft; Alembic calls `rewrite` once for each database."""

    def __init__(
        self, ask: Ask | None, rename: Mapping[str, str] | None = None, ask_rename: AskRename | None = None
    ) -> None:
        self._ask = ask
        self._chooser = RenameChooser(rename, ask_rename)
        self._loan = NameLoan()
        self._types = ReadableTypes()

    def rewrite(self, context: MigrationContext, revision: Any, scripts: list[MigrationScript]) -> None:
        """Apply the rules to the newest operations of the draft.

        Raises:
            DefaultNeeded: if existing rows would have no value for a new NOT NULL column.
        """
        script = scripts[-1]
        up, down = script.upgrade_ops_list[-1], script.downgrade_ops_list[-1]
        self._types.install(context)
        tables, columns = self._renames(up, down, context)
        names = NewNames([*tables, *(each.rename for each in columns)])
        leave_hidden_columns_out(down)
        replace_changed_columns(up, down, context, names)
        leave_indexes_of_dropped_keys(up, down, context)
        leave_indexes_under_keys(up, down, context, names)
        for operations in (up, down):
            name_constraints(operations, self._loan)
            leave_indexes_to_their_table(operations)
            order_around_foreign_keys(operations)
            make_readable(operations)
        fill_new_columns(up, context, self._ask, names)
        fill_returning_columns(down)
        create_and_drop_types(up, down, context)
        write_renames(up, down, tables, columns, context)

    def _renames(
        self, up: OpContainer, down: OpContainer, context: MigrationContext
    ) -> tuple[list[Rename], list[RenamedColumn]]:
        """Choose the renames, and draft the rest as if they were done."""
        tables = self._chooser.tables(up, context)
        if tables:
            _draft_anew(up, down, context, NewNames(tables))
        columns = self._chooser.columns(up, context)
        if columns:
            _draft_anew(up, down, context, NewNames([*tables, *(each.rename for each in columns)]))
        return tables, columns

    def refuse_unused_renames(self) -> None:
        """Raise `BadRequest` if a given rename fits nothing that any database's draft drops and adds."""
        self._chooser.refuse_unused()

    def complete_imports(self, render: Callable[[str], str], imports: str) -> str:
        """Return all imports that the script needs; see `generation.imports`."""
        return complete_imports(render, imports, self._types.seen)

    @contextmanager
    def names_borrowed(self) -> Iterator[None]:
        """Remove, at the end of the block, the names that unnamed constraints of the models got for the script."""
        try:
            yield
        finally:
            self._loan.take_back()


def _draft_anew(up: OpContainer, down: OpContainer, context: MigrationContext, names: NewNames) -> None:
    if context.connection is None:
        return
    draft = compare_with(context, renamed_inspector(context.connection, names))
    up.ops[:] = draft.upgrade_ops.ops if draft.upgrade_ops else []
    down.ops[:] = draft.downgrade_ops.ops if draft.downgrade_ops else []


def compare(context: MigrationContext, revision: Any, scripts: list[MigrationScript]) -> None:
    """Apply the rules that decide which differences `migrate` finds to a draft that is not written, for `check`."""
    script = scripts[-1]
    up, down = script.upgrade_ops_list[-1], script.downgrade_ops_list[-1]
    leave_indexes_of_dropped_keys(up, down, context)
    leave_indexes_under_keys(up, down, context)
    leave_hidden_columns_out(up)
    replace_changed_columns(up, down, context)
