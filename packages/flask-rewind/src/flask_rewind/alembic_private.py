"""Every private name of Alembic that Rewind uses, and nothing else; `test_alembic_private.py` is its contract."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, cast

import alembic.op
from alembic.autogenerate import render
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, Operations
from alembic.operations.batch import ApplyBatchImpl
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep, StampStep
from alembic.script import Script, ScriptDirectory
from alembic.util import sqla_compat

from flask_rewind.errors import BadRequest


def publish_as_context(environment: type[EnvironmentContext]) -> None:
    """Let a subclass stand behind the module ``alembic.context``, as the class it extends does."""
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
    """Let a script that asks for an autocommit block get `error` instead."""

    def refuse() -> None:
        raise error

    context.autocommit_block = refuse  # type: ignore[method-assign,assignment]


def add_revision(scripts: ScriptDirectory, revision: str, parents: Sequence[str], message: str) -> None:
    """Let a directory know a revision whose script it does not have."""
    module = ModuleType(revision, message)
    module.__dict__.update(down_revision=tuple(parents) or None, upgrade=_no_script, downgrade=_no_script)
    scripts.revision_map.add_revision(Script(module, revision, ""))


def _no_script() -> None:
    raise BadRequest(
        "The script of this revision is gone.", "Go back by the journal: flask db downgrade --from-journal"
    )


def stamp_steps(script: ScriptDirectory, targets: Sequence[str], current: Sequence[str]) -> list[StampStep]:
    """Return the changes of the version table that lead to `targets`."""
    return cast(list[StampStep], list(script._stamp_revs(tuple(targets), tuple(current))))


def ensure_version_table(context: MigrationContext) -> None:
    """Create the version table where it is missing."""
    context._ensure_version_table()


def write_heads(context: MigrationContext, heads: Collection[str]) -> None:
    """Let the version table say `heads` again, where it says something else."""
    if context.connection is not None and {*context.get_current_heads()} != {*heads}:
        context.connection.execute(context._version.delete())
        for head in heads:
            context.connection.execute(context._version.insert().values(version_num=head))


def runs_in_callers_transaction(context: MigrationContext) -> bool:
    """Return whether env.py began the transaction itself, as the multidb template does."""
    return context._in_external_transaction


def extend_impl(context: MigrationContext, mixin: type) -> None:
    """Put `mixin` before the implementation of this run alone; no registry of Alembic's learns of it."""
    implementation = type(context.impl)
    context.impl.__class__ = type(f"Rewind{implementation.__name__}", (mixin, implementation), {})


@contextmanager
def operations_through(operations: Operations) -> Iterator[None]:
    """Let the directives of ``alembic.op`` go through `operations` for a while."""
    namespace = vars(alembic.op)
    before = namespace.get("_proxy")
    namespace["_proxy"] = operations
    try:
        yield
    finally:
        namespace["_proxy"] = before


def reverse_of(operation: Any) -> MigrateOperation | None:
    """Return what a drop directive of autogenerate remembers of the thing dropped."""
    return cast("MigrateOperation | None", getattr(operation, "_reverse", None))


def mark_current(revision: Any, is_current: bool) -> None:
    """Let a script's own listing say ``(current)``."""
    revision._db_current_indicator = is_current


def default_text(impl: Any, column: Any) -> str | None:
    """Return a column's server default as SQL text, None where it has none."""
    compiler = impl.dialect.ddl_compiler(impl.dialect, None)
    return cast("str | None", compiler.get_column_default_string(column))


def name_while_rebuilt(table: str) -> str:
    """Return the name under which a batch block makes a table anew."""
    return ApplyBatchImpl._calc_temp_name(table)


def rebuilds(batch: Any) -> bool:
    """Return whether a batch block makes its table anew when it ends."""
    return bool(batch._should_recreate())


def extend_batch(batch: Any, mixin: type) -> None:
    """Put `mixin` before the implementation of one batch block."""
    implementation = type(batch.impl)
    batch.impl.__class__ = type(f"Rewind{implementation.__name__}", (mixin, implementation), {})


def is_type_bound(constraint: Any) -> bool:
    """Return whether a constraint belongs to a type such as Enum or Boolean."""
    return bool(sqla_compat._is_type_bound(constraint))


def rendered_type(kind: Any, context: AutogenContext) -> str:
    """Return a type as autogenerate writes it."""
    return render._repr_type(kind, context)


def directive_place(context: AutogenContext, table: str) -> tuple[str, list[str]]:
    """Return what stands before the name of a directive, and its first arguments: its table, outside of a block."""
    prefix = render._alembic_autogenerate_prefix(context)
    return prefix, [] if context._has_batch else [repr(table)]


def rendered_default(default: Any, context: AutogenContext) -> str | None:
    """Return a server default as autogenerate writes it."""
    return render._render_server_default(default, context)


@contextmanager
def imports_through(script: ScriptDirectory, complete: Callable[[Callable[[str], str], str], str]) -> Iterator[None]:
    """Let `complete` have a say in the imports of each script that is written.

    It gets a function that returns the text of the script with some imports, and the imports that Alembic has
    collected; it returns those to write, or raises before there is a file.
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
