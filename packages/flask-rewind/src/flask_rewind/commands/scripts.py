"""Commands that write, open or check revision scripts."""

import argparse
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import alembic.command
from alembic.runtime.migration import MigrationContext

from flask_rewind import alembic_private
from flask_rewind.errors import BadRequest, RewindError
from flask_rewind.generation.defaults import Ask
from flask_rewind.generation.renames import AskRename
from flask_rewind.listing import as_revision, as_revisions
from flask_rewind.moves import heads_of_databases
from flask_rewind.results import Revision, Template
from flask_rewind.revisions import Config, Revisions, XArg, commit
from flask_rewind.state import current_state
from flask_rewind.translation import alembic_errors_translated
from flask_rewind.writing import merge_revisions, refuse_differences, write_revision


def list_templates() -> tuple[Template, ...]:
    """Return the templates `init` can start from; the first line of each README is its synopsis."""
    folder = Path(Config().get_template_directory())
    readmes = sorted(folder.glob("*/README"))
    return tuple(Template(path.parent.name, path.read_text("utf-8").splitlines()[0]) for path in readmes)


def init(
    directory: str | None = None, multidb: bool = False, template: str | None = None, package: bool = False
) -> Path:
    """Make a migrations directory and return its path.

    Args:
        directory: where; the extension's own by default.
        multidb: start from ``flask-multidb`` instead of ``flask``.
        template: the name of one of Rewind's templates, or the path of a folder of your own (with a slash in it).
        package: also write empty ``__init__.py`` files.

    Raises:
        BadRequest: where the directory is not empty, or there is no such template.
    """
    state = current_state()
    directory = str(directory or state.directory)
    folder = None
    if template is not None and ("/" in template or "\\" in template):
        path = Path(template)
        folder, template = str(path.parent), path.name
    config = Config(template_directory=folder)
    config.set_main_option("script_location", directory.replace("%", "%%"))
    config.config_file_name = str(Path(directory) / "alembic.ini")
    config.cmd_opts = argparse.Namespace(quiet=True)
    config = state.migrate.call_configure_callbacks(config)
    with alembic_errors_translated(config), redirect_stdout(StringIO()):  # Alembic prints each file it makes
        name = template or ("flask-multidb" if multidb else "flask")
        alembic.command.init(config, directory, template=name, package=package)
    return Path(directory)


def revision(
    directory: str | None = None,
    message: str | None = None,
    autogenerate: bool = False,
    sql: bool = False,
    head: str = "head",
    splice: bool = False,
    branch_label: str | None = None,
    version_path: str | None = None,
    rev_id: str | None = None,
    *,
    depends_on: Sequence[str] | None = None,
    x_arg: XArg = None,
    rename: Mapping[str, str] | None = None,
    ask: Ask | None = None,
    ask_rename: AskRename | None = None,
) -> Revision | None:
    """Write a new revision script and return it; None where `autogenerate` found nothing to write.

    Autogenerate cannot tell a rename from a drop and an add. `rename` gives the new names of columns and tables by the
    old ones, ``{"posts.body": "posts.text", "tags": "topics"}``. `ask_rename` is called with each other pair that looks
    like a rename, and returns whether it is one.

    Raises:
        BadRequest: where `rename` names nothing that the script would drop and add, or an id is taken.
        DefaultNeeded: where it would add a NOT NULL column to a table with rows, and `ask` gives no value.
        NotAtHead: where `autogenerate` is asked for and revisions are pending.
    """
    revisions = Revisions(directory, x_arg, ["autogenerate"] if autogenerate else [])
    written = write_revision(
        revisions,
        ask,
        rename=rename,
        ask_rename=ask_rename,
        message=message,
        autogenerate=autogenerate,
        sql=sql,
        head=head,
        splice=splice,
        branch_label=branch_label,
        version_path=version_path,
        rev_id=rev_id,
        depends_on=depends_on,
    )
    return as_revision(written) if written else None


def migrate(
    directory: str | None = None,
    message: str | None = None,
    sql: bool = False,
    head: str = "head",
    splice: bool = False,
    branch_label: str | None = None,
    version_path: str | None = None,
    rev_id: str | None = None,
    x_arg: XArg = None,
    *,
    depends_on: Sequence[str] | None = None,
    rename: Mapping[str, str] | None = None,
    ask: Ask | None = None,
    ask_rename: AskRename | None = None,
) -> Revision | None:
    """Write the revision that leads from the database to the models; see `revision`."""
    return revision(
        directory,
        message,
        True,
        sql,
        head,
        splice,
        branch_label,
        version_path,
        rev_id,
        depends_on=depends_on,
        x_arg=x_arg,
        rename=rename,
        ask=ask,
        ask_rename=ask_rename,
    )


def edit(directory: str | None = None, revision: str = "current") -> tuple[Revision, ...]:
    """Open scripts in ``$EDITOR`` and return them: those of a symbol, or of the database's own revisions."""
    revisions = Revisions(directory)
    found = revisions.find(heads_of_databases(revisions) if revision == "current" else revision)
    if not found:
        raise RewindError(f"{revision!r} names no revision to edit.", "List the revisions: flask db history")
    with revisions.errors_translated():
        for script in found:
            alembic.command.edit(revisions.config, script.revision)
    return as_revisions(found)


def merge(
    directory: str | None = None,
    revisions: str | Sequence[str] = "",
    message: str | None = None,
    branch_label: str | None = None,
    rev_id: str | None = None,
    *,
    splice: bool = False,
) -> Revision:
    """Join revisions (ids, or ``heads``) in a new one and return it; all heads where none is named."""
    opened = Revisions(directory)
    wanted = revisions or opened.script.get_heads()
    if not revisions and len(wanted) < 2:
        count = "one head" if wanted else "no revisions"
        raise BadRequest(f"There is nothing to merge: the history has {count}.", "List the heads: flask db heads")
    return as_revision(merge_revisions(opened, wanted, message, branch_label, rev_id, splice=splice))


def check(directory: str | None = None) -> None:
    """Return where the models and the databases agree.

    Raises:
        ModelsDiffer: with what `migrate` would write.
        NotAtHead: where revisions are pending.
    """
    refuse_differences(Revisions(directory, opts=["autogenerate"]))


def ensure_version(directory: str | None = None, sql: bool = False) -> str:
    """Create the version table where it is missing; with `sql`, return the statement instead."""
    revisions = Revisions(directory)
    revisions.config.output_buffer = buffer = StringIO()

    def work(applied: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        alembic_private.ensure_version_table(context)
        if not sql:
            commit(context)
        return ()

    revisions.run(work, moves=not sql, as_sql=sql)
    return buffer.getvalue()
