"""The command line of `commands.scripts`."""

from typing import Any

import click

from flask_rewind import commands as verbs
from flask_rewind import report
from flask_rewind.cli.options import (
    branch_label_option,
    chosen_directory,
    chosen_x_arg,
    command,
    json_option,
    message_option,
    new_revision_options,
    rename_option,
    rev_id_option,
    splice_option,
    sql_option,
    x_arg_option,
)
from flask_rewind.cli.printing import ask, ask_rename, print_results, print_script, say


@command("list-templates")
@json_option
def list_templates(directory: str | None, as_json: bool) -> None:
    """List the templates that `init` can start from."""
    templates = verbs.list_templates()
    print_results(templates, report.templates(templates), as_json)


@command("init")
@click.option("--multidb", is_flag=True, help="For an app with several databases.")
@click.option("-t", "--template", help='The template (default "flask"), or the path of your own.')
@click.option("--package", is_flag=True, help="Also write empty __init__.py files.")
def init(directory: str | None, multidb: bool, template: str | None, package: bool) -> None:
    """Create a migrations directory."""
    made = verbs.init(chosen_directory(directory), multidb, template, package)
    say(f"Created {made}/. Check {made / 'alembic.ini'} and {made / 'env.py'}; then run: flask db migrate")


@command("revision")
@new_revision_options
@click.option("--autogenerate", is_flag=True, help="Fill it with the difference between models and database.")
@rename_option
def revision(directory: str | None, **options: Any) -> None:
    """Write a new revision script, empty unless --autogenerate is given."""
    written = verbs.revision(chosen_directory(directory), ask=ask, ask_rename=ask_rename, **options)
    say(report.written(written))


@command("migrate")
@new_revision_options
@rename_option
@x_arg_option
def migrate(directory: str | None, x_arg: tuple[str, ...], **options: Any) -> None:
    """Write a revision script that takes the database to the models."""
    written = verbs.migrate(
        chosen_directory(directory), x_arg=chosen_x_arg(x_arg), ask=ask, ask_rename=ask_rename, **options
    )
    say(report.written(written))


@command("edit")
@click.argument("revision", default="head")
def edit(directory: str | None, revision: str) -> None:
    """Open a revision script in $EDITOR."""
    verbs.edit(chosen_directory(directory), revision)


@command("merge")
@message_option
@branch_label_option
@rev_id_option
@splice_option
@click.argument("revisions", nargs=-1)
def merge(directory: str | None, revisions: tuple[str, ...], **options: Any) -> None:
    """Merge revisions in a new one; all heads if none is named."""
    say(report.written(verbs.merge(chosen_directory(directory), revisions, **options)))


@command("check")
def check(directory: str | None) -> None:
    """Fail if the models differ from the database."""
    verbs.check(chosen_directory(directory))
    say("No new upgrade operations detected.")


@command("ensure_version")
@sql_option
def ensure_version(directory: str | None, sql: bool) -> None:
    """Create the version table if it is missing."""
    print_script(verbs.ensure_version(chosen_directory(directory), sql))
