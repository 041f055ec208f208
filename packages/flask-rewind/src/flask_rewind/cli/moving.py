"""The command line of `commands.moving`."""

from typing import Any

import click

from flask_rewind import commands as verbs
from flask_rewind import report
from flask_rewind.cli.options import (
    budget_option,
    chosen_directory,
    chosen_x_arg,
    command,
    fill_option,
    json_option,
    sql_option,
    tag_option,
    with_drops_option,
    x_arg_option,
)
from flask_rewind.cli.printing import print_move, print_results, say
from flask_rewind.errors import Refused


@command("upgrade")
@sql_option
@with_drops_option
@tag_option
@x_arg_option
@fill_option
@budget_option
@click.argument("revision", default="head")
def upgrade(directory: str | None, sql: bool, x_arg: tuple[str, ...], revision: str, **options: Any) -> None:
    """Move the database up, to the newest revision or the one named.

    REVISION is an id or its beginning, a branch label, head (the default), or a number of steps: +1, +2.
    """
    print_move(verbs.upgrade(chosen_directory(directory), revision, sql, x_arg=chosen_x_arg(x_arg), **options), sql)


@command("downgrade")
@sql_option
@with_drops_option
@tag_option
@x_arg_option
@fill_option
@budget_option
@click.option("--from-journal", is_flag=True, help="Undo what the journal recorded, without the scripts.")
@click.argument("revision", default="-1")
def downgrade(directory: str | None, sql: bool, x_arg: tuple[str, ...], revision: str, **options: Any) -> None:
    """Move the database down, by one revision or to the one named.

    REVISION is an id or its beginning, a branch label, base, or a number of steps: -1 (the default), -2.
    """
    print_move(verbs.downgrade(chosen_directory(directory), revision, sql, x_arg=chosen_x_arg(x_arg), **options), sql)


@command("checkout")
@tag_option
@x_arg_option
@fill_option
@budget_option
@click.argument("revision", default="head")
def checkout(directory: str | None, x_arg: tuple[str, ...], revision: str, **options: Any) -> None:
    """Move the database to a revision, up or down, whichever leads there.

    REVISION is an id or its beginning, a branch label, head (the default), base, or a number of steps: +1, -1.
    """
    print_move(verbs.checkout(chosen_directory(directory), revision, x_arg=chosen_x_arg(x_arg), **options), sql=False)


@command("resume")
@fill_option
@budget_option
def resume(directory: str | None, fill: dict[str, str], budget: float | None) -> None:
    """Finish a move that was interrupted, and go on to its target."""
    moved = verbs.resume(chosen_directory(directory), fill=fill, budget=budget)
    if moved.crossings:
        print_move(moved, sql=False)
    else:
        say(report.NOTHING_UNFINISHED)


@command("abort")
@budget_option
@json_option
def abort(directory: str | None, budget: float | None, as_json: bool) -> None:
    """Undo a move that was interrupted, and list the statements whose changes of rows stay."""
    aborted = verbs.abort(chosen_directory(directory), budget=budget)
    print_results(aborted, report.aborted(aborted), as_json)


@command("plan")
@tag_option
@x_arg_option
@fill_option
@json_option
@click.argument("revision", default="head")
def plan(directory: str | None, x_arg: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Show what a move would do, step by step, by trying it on a stand-in of the database."""
    planned = verbs.plan(chosen_directory(directory), x_arg=chosen_x_arg(x_arg), **options)
    print_results(planned, report.plan(planned), as_json)
    if planned.refused:
        raise Refused(planned.refused)


@command("stamp")
@sql_option
@tag_option
@click.option("--purge", is_flag=True, help="Empty the version table first.")
@click.argument("revisions", nargs=-1)
def stamp(directory: str | None, sql: bool, tag: str | None, purge: bool, revisions: tuple[str, ...]) -> None:
    """Set the revision in the version table, without running anything."""
    print_move(verbs.stamp(chosen_directory(directory), revisions or "head", sql, tag, purge), sql)
