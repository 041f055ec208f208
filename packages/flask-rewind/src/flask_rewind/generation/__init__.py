"""Rules by which `migrate` changes the draft of autogenerate, so that its script runs down and up on every engine.

Each module is one rule, which changes directives in place. They neither read files nor print. Scripts stay plain
Alembic, and run without Rewind, too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from alembic.operations.ops import MigrationScript
from alembic.runtime.migration import MigrationContext

from flask_rewind.generation.computed import replace_changed_columns
from flask_rewind.generation.defaults import Ask, fill_new_columns, fill_returning_columns
from flask_rewind.generation.drops import leave_indexes_to_their_table, order_around_foreign_keys
from flask_rewind.generation.enums import create_and_drop_types
from flask_rewind.generation.hidden import leave_hidden_columns_out
from flask_rewind.generation.imports import complete_imports
from flask_rewind.generation.key_indexes import leave_indexes_of_dropped_keys
from flask_rewind.generation.names import NameLoan, name_constraints
from flask_rewind.generation.readable import ReadableTypes, make_readable


class Draft:
    """Rewrites one draft; Alembic calls `rewrite` once for each database."""

    def __init__(self, ask: Ask | None) -> None:
        self._ask = ask
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
        leave_hidden_columns_out(down)
        replace_changed_columns(up, down, context)
        leave_indexes_of_dropped_keys(up, down, context)
        for operations in (up, down):
            name_constraints(operations, self._loan)
            leave_indexes_to_their_table(operations)
            order_around_foreign_keys(operations)
            make_readable(operations)
        fill_new_columns(up, context, self._ask)
        fill_returning_columns(down)
        create_and_drop_types(up, down, context)

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


def compare(context: MigrationContext, revision: Any, scripts: list[MigrationScript]) -> None:
    """Apply the rules that decide which differences `migrate` finds to a draft that is not written, for `check`."""
    script = scripts[-1]
    up, down = script.upgrade_ops_list[-1], script.downgrade_ops_list[-1]
    leave_indexes_of_dropped_keys(up, down, context)
    leave_hidden_columns_out(up)
    replace_changed_columns(up, down, context)
