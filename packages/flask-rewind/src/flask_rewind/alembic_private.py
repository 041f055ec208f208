"""Every private name of Alembic that Rewind uses, and nothing else; `test_alembic_private.py` tests them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, cast

import alembic.op
from alembic.autogenerate import compare, render
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, Operations
from alembic.operations.batch import ApplyBatchImpl
from alembic.operations.ops import DowngradeOps, MigrationScript, UpgradeOps
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep, StampStep
from alembic.script import Script, ScriptDirectory
from alembic.util import sqla_compat
from sqlalchemy import Inspector

from flask_rewind.errors import BadRequest


def publish_as_context(environment: type[EnvironmentContext]) -> None:
    """Let instances of a subclass be published as the module ``alembic.context``, like those of its base class."""
    environment._setups[environment] = EnvironmentContext._setups[EnvironmentContext]


def upgrade_steps(script: ScriptDirectory, target: str, current: Sequence[str]) -> list[RevisionStep]:
    """Return the revisions to cross upwards from `current` to `target`, in order."""
    return cast(list[RevisionStep], list(script._upgrade_revs(target, cast(str, current))))


def downgrade_steps(script: ScriptDirectory, target: str, current: Sequence[str]) -> list[RevisionStep]:
    """Return the revisions to cross downwards from `current` to `target`, in order."""
    return cast(list[RevisionStep], list(script._downgrade_revs(target, cast(str, current))))


def step_through(script: ScriptDirectory, revision: str, *, up: bool) -> RevisionStep:
    """Return the crossing of one revision.

    Raises:
        CommandError: where there is no script of it.
    """
    return RevisionStep(script.revision_map, script.get_revision(revision), up)


def forbid_autocommit(context: MigrationContext, error: Exception) -> None:
    """Raise `error` when a script asks for an autocommit block."""

    def refuse() -> None:
        raise error

    context.autocommit_block = refuse  # type: ignore[method-assign,assignment]


def before_autocommit(context: MigrationContext, note: Callable[[], None]) -> None:
    """Call `note` before a script's autocommit block commits what it did so far."""
    block = context.autocommit_block

    @contextmanager
    def noted() -> Iterator[None]:
        note()
        with block():
            yield

    context.autocommit_block = noted  # type: ignore[method-assign]


def add_revision(scripts: ScriptDirectory, revision: str, parents: Sequence[str], message: str) -> None:
    """Add a revision whose script is missing to a directory."""
    module = ModuleType(revision, message)
    module.__dict__.update(down_revision=tuple(parents) or None, upgrade=_no_script, downgrade=_no_script)
    scripts.revision_map.add_revision(Script(module, revision, ""))


def _no_script() -> None:
    raise BadRequest(
        "The script of this revision is missing.", "Go down by the journal: flask db downgrade --from-journal"
    )


def stamp_steps(script: ScriptDirectory, targets: Sequence[str], current: Sequence[str]) -> list[StampStep]:
    """Return the changes of the version table that lead to `targets`."""
    return cast(list[StampStep], list(script._stamp_revs(tuple(targets), tuple(current))))


def ensure_version_table(context: MigrationContext) -> None:
    """Create the version table if it is missing."""
    context._ensure_version_table()


def write_heads(context: MigrationContext, heads: Collection[str]) -> None:
    """Set the version table to `heads`, if it has others."""
    if context.connection is not None and {*context.get_current_heads()} != {*heads}:
        context.connection.execute(context._version.delete())
        for head in heads:
            context.connection.execute(context._version.insert().values(version_num=head))


def runs_in_callers_transaction(context: MigrationContext) -> bool:
    """Return whether env.py began the transaction itself, as the multidb template does."""
    return context._in_external_transaction


def runs_in_one_transaction(context: MigrationContext) -> bool:
    """Return whether all revisions of a run are in one transaction, of env.py's or by its option."""
    return context._in_external_transaction or not context._transaction_per_migration


def begin_again(context: MigrationContext) -> None:
    """Begin the transaction of the present revision again, where its script has rolled it back."""
    if context.connection is not None and context._transaction is not None and not context._transaction.is_active:
        context._transaction = context.connection.get_transaction() or context.connection.begin()


def extend_impl(context: MigrationContext, mixin: type) -> None:
    """Put `mixin` before the implementation class of this run only, without registering it with Alembic."""
    implementation = type(context.impl)
    context.impl.__class__ = type(f"Rewind{implementation.__name__}", (mixin, implementation), {})


@contextmanager
def operations_through(operations: Operations) -> Iterator[None]:
    """Let the directives of ``alembic.op`` use `operations` inside the block."""
    namespace = vars(alembic.op)
    before = namespace.get("_proxy")
    namespace["_proxy"] = operations
    try:
        yield
    finally:
        namespace["_proxy"] = before


def reverse_of(operation: Any) -> MigrateOperation | None:
    """Return the create directive that a drop directive of autogenerate keeps for its reverse."""
    return cast("MigrateOperation | None", getattr(operation, "_reverse", None))


def mark_current(revision: Any, is_current: bool) -> None:
    """Set whether Alembic's listing of a script prints ``(current)``."""
    revision._db_current_indicator = is_current


def default_text(impl: Any, column: Any) -> str | None:
    """Return a column's server default as SQL text, or None."""
    compiler = impl.dialect.ddl_compiler(impl.dialect, None)
    return cast("str | None", compiler.get_column_default_string(column))


def name_while_rebuilt(table: str) -> str:
    """Return the temporary name of a table that a batch block rebuilds."""
    return ApplyBatchImpl._calc_temp_name(table)


def rebuilds(batch: Any) -> bool:
    """Return whether a batch block rebuilds its table when it ends."""
    return bool(batch._should_recreate())


def extend_batch(batch: Any, mixin: type) -> None:
    """Put `mixin` before the implementation of one batch block."""
    implementation = type(batch.impl)
    batch.impl.__class__ = type(f"Rewind{implementation.__name__}", (mixin, implementation), {})


def compare_with(context: MigrationContext, inspector: Inspector) -> MigrationScript:
    """Return the differences between the database, as an inspector shows it, and the models."""
    comparison = AutogenContext(context, metadata=context.opts["target_metadata"])
    comparison.inspector = inspector
    draft = MigrationScript(rev_id=None, upgrade_ops=UpgradeOps([]), downgrade_ops=DowngradeOps([]))
    compare._populate_migration_script(comparison, draft)
    return draft


def is_type_bound(constraint: Any) -> bool:
    """Return whether a constraint belongs to a type such as Enum or Boolean."""
    return bool(sqla_compat._is_type_bound(constraint))


def rendered_type(kind: Any, context: AutogenContext) -> str:
    """Return a type as autogenerate writes it."""
    return render._repr_type(kind, context)


def directive_place(context: AutogenContext, table: str) -> tuple[str, list[str]]:
    """Return the prefix of a directive, such as ``op.``, and its first arguments: the table, outside a batch block."""
    prefix = render._alembic_autogenerate_prefix(context)
    return prefix, [] if context._has_batch else [repr(table)]


def rendered_default(default: Any, context: AutogenContext) -> str | None:
    """Return a server default as autogenerate writes it."""
    return render._render_server_default(default, context)


@contextmanager
def imports_through(script: ScriptDirectory, complete: Callable[[Callable[[str], str], str], str]) -> Iterator[None]:
    """Let `complete` change the imports of each script that is written inside the block.

    It gets a function that renders the script with given imports, and the imports that Alembic collected. It returns
    the imports to write, or raises before the file is written.
    """
    write = script._generate_template

    def write_completed(template: Any, path: Any, **values: Any) -> None:
        def text(imports: str) -> str:
            with TemporaryDirectory() as folder:
                draft = Path(folder) / "draft.py"
                write(template, draft, **values | {"imports": imports})
                return draft.read_text(script.output_encoding)

        if "imports" in values:
            values["imports"] = complete(text, values["imports"] or "")
        write(template, path, **values)

    script._generate_template = write_completed  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        del script._generate_template
