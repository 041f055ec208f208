"""The command line: parse, call `commands`, print. Options and names are Flask-Migrate's, and Alembic's beyond."""

import itertools
import json
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import click
from flask import g
from flask.cli import with_appcontext

from flask_rewind import commands as verbs
from flask_rewind import report
from flask_rewind.errors import Refused
from flask_rewind.generation.defaults import Question
from flask_rewind.typed import as_typed

commands = click.Group("db")

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class _Command(click.Command):
    """A command whose arguments may be steps down, such as ``-1``, which Click takes for options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line, with what looks like a number of steps behind ``--``."""
        before, *behind = _split_at(args, "--")
        return super().parse_args(ctx, self._steps_last(before) + [each for part in behind for each in part])

    def _steps_last(self, args: list[str]) -> list[str]:
        options = [each for each in self.params if isinstance(each, click.Option) and not each.is_flag]
        values = {name: each.nargs for each in options for name in each.opts}
        rest: list[str] = []
        steps: list[str] = []
        left = iter(args)
        for arg in left:
            (steps if re.fullmatch(r"-\d+", arg) else rest).append(arg)
            rest += itertools.islice(left, values.get(arg, 0))
        return [*rest, "--", *steps]


def _split_at(args: list[str], separator: str) -> list[list[str]]:
    at = args.index(separator) if separator in args else len(args)
    return [args[:at], args[at + 1 :]]


def _command(name: str) -> Decorator:
    """Make a command with ``-d``, and an app context."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        function = click.option("-d", "--directory", help="Where the revision scripts are.")(function)
        commands.command(name, cls=_Command)(with_appcontext(function))
        return function

    return decorate


def _options(*decorators: Decorator) -> Decorator:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


class _Age(click.ParamType[timedelta]):
    """A number and a unit: ``12h``, ``30d``, ``2w``."""

    name = "age"

    def convert(self, value: Any, param: Any, ctx: Any) -> timedelta:
        """Return the length of time."""
        units = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
        number, unit = str(value)[:-1], units.get(str(value)[-1:])
        if unit is None or not (number.isascii() and number.isdigit() and len(number) < 6):
            self.fail(f"{value!r} is not an age. It looks like 12h, 30d or 2w.", param, ctx)
        return int(number) * unit


def _read_fills(ctx: Any, param: Any, values: tuple[str, ...]) -> dict[str, str]:
    fills = {}
    for value in values:
        place, separator, expression = value.partition("=")
        if not separator or "." not in place or not expression.strip():
            raise click.BadParameter(f"{value!r} is not a fill. It looks like: posts.subtitle=''")
        fills[place.strip()] = expression.strip()
    return fills


_fill = click.option(
    "--fill",
    multiple=True,
    callback=_read_fills,
    help="table.column=SQL: what rows inserted meanwhile get when the column returns. May be given again.",
)
_message = click.option("-m", "--message", help="What the revision does.")
_sql = click.option("--sql", is_flag=True, help="Print the SQL instead of running it.")
_with_drops = click.option(
    "--with-drops", is_flag=True, help="With --sql: print the statements that delete columns and tables too."
)
_tag = click.option("--tag", help="A name that env.py can read.")
_x_arg = click.option("-x", "--x-arg", multiple=True, help="A value that env.py reads; may be given again.")
_verbose = click.option("-v", "--verbose", is_flag=True, help="Say more of each revision.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
_yes = click.option("-y", "--yes", is_flag=True, help="Do not ask.")
_branch_label = click.option("--branch-label", help="A label for the branch that begins here.")
_rev_id = click.option("--rev-id", help="The id of the new revision, instead of a made one.")
_splice = click.option("--splice", is_flag=True, help="Allow a parent that is not a head.")

_new_revision = _options(
    _message,
    _sql,
    click.option("--head", default="head", help="The parent: a revision, or <branch>@head."),
    _splice,
    _branch_label,
    click.option("--version-path", help="Which of the configured folders the script goes to."),
    _rev_id,
    click.option("--depends-on", multiple=True, help="A revision that must be applied before; may be given again."),
)


def _directory(directory: str | None) -> str | None:
    return directory or g.get("directory")


def _x(x_arg: tuple[str, ...]) -> tuple[str, ...]:
    return x_arg or g.get("x_arg", ())


def _say(text: str) -> None:
    if text and not g.get("quiet"):
        click.echo(as_typed(text, click.get_current_context()))


def _print(results: Any, text: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_data(results), ensure_ascii=False, indent=2))
    else:
        click.echo(as_typed(text, click.get_current_context()))


def _ask(question: Question) -> str | None:
    """Ask on a terminal; elsewhere nobody answers."""
    if not sys.stdin.isatty():
        return None
    click.echo(report.question(question))
    answer: str = click.prompt("Value as SQL", default=question.suggestion or None)
    return answer


@_command("list-templates")
@_json
def list_templates(directory: str | None, as_json: bool) -> None:
    """List the templates that `init` can start from."""
    templates = verbs.list_templates()
    _print(templates, report.templates(templates), as_json)


@_command("init")
@click.option("--multidb", is_flag=True, help="For an app with several databases.")
@click.option("-t", "--template", help='The template (default "flask"), or the path of one of your own.')
@click.option("--package", is_flag=True, help="Write empty __init__.py files too.")
def init(directory: str | None, multidb: bool, template: str | None, package: bool) -> None:
    """Make a migrations directory."""
    made = verbs.init(_directory(directory), multidb, template, package)
    _say(f"Made {made}/. Look at {made / 'alembic.ini'} and {made / 'env.py'}; then: flask db migrate")


@_command("revision")
@_new_revision
@click.option("--autogenerate", is_flag=True, help="Fill it with the difference between models and database.")
def revision(directory: str | None, **options: Any) -> None:
    """Write a new, empty revision script."""
    written = verbs.revision(_directory(directory), ask=_ask, **options)
    _say(report.written(written))


@_command("migrate")
@_new_revision
@_x_arg
def migrate(directory: str | None, x_arg: tuple[str, ...], **options: Any) -> None:
    """Write the revision that leads from the database to the models."""
    written = verbs.migrate(_directory(directory), x_arg=_x(x_arg), ask=_ask, **options)
    _say(report.written(written))


@_command("edit")
@click.argument("revision", default="head")
def edit(directory: str | None, revision: str) -> None:
    """Open a revision script in $EDITOR."""
    verbs.edit(_directory(directory), revision)


@_command("merge")
@_message
@_branch_label
@_rev_id
@_splice
@click.argument("revisions", nargs=-1)
def merge(directory: str | None, revisions: tuple[str, ...], **options: Any) -> None:
    """Join branches in a new revision; without names, all heads."""
    _say(report.written(verbs.merge(_directory(directory), revisions, **options)))


@_command("upgrade")
@_sql
@_with_drops
@_tag
@_x_arg
@_fill
@click.argument("revision", default="head")
def upgrade(directory: str | None, sql: bool, x_arg: tuple[str, ...], revision: str, **options: Any) -> None:
    """Move the database up, to the newest revision or the one named."""
    _moved(verbs.upgrade(_directory(directory), revision, sql, x_arg=_x(x_arg), **options), sql)


@_command("downgrade")
@_sql
@_with_drops
@_tag
@_x_arg
@_fill
@click.option("--from-journal", is_flag=True, help="Undo what the journal recorded, without the scripts.")
@click.argument("revision", default="-1")
def downgrade(directory: str | None, sql: bool, x_arg: tuple[str, ...], revision: str, **options: Any) -> None:
    """Move the database down, by one revision or to the one named."""
    _moved(verbs.downgrade(_directory(directory), revision, sql, x_arg=_x(x_arg), **options), sql)


@_command("checkout")
@_tag
@_x_arg
@_fill
@click.argument("revision", default="head")
def checkout(
    directory: str | None, tag: str | None, x_arg: tuple[str, ...], fill: dict[str, str], revision: str
) -> None:
    """Move the database to a revision, up or down, whichever leads there."""
    _moved(verbs.checkout(_directory(directory), revision, tag, _x(x_arg), fill=fill), sql=False)


@_command("plan")
@_tag
@_x_arg
@_fill
@_json
@click.argument("revision", default="head")
def plan(directory: str | None, x_arg: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Say what a move would do, step by step, by trying it on a stand-in of the database."""
    planned = verbs.plan(_directory(directory), x_arg=_x(x_arg), **options)
    _print(planned, report.plan(planned), as_json)
    if planned.refused:
        raise Refused(planned.refused)


@_command("status")
@_json
def status(directory: str | None, as_json: bool) -> None:
    """Say where the database is, what is pending, and whether a move is unfinished."""
    databases = verbs.status(_directory(directory))
    _print(databases, report.status(databases), as_json)


@_command("show")
@_json
@click.argument("revision", default="head")
def show(directory: str | None, as_json: bool, revision: str) -> None:
    """Show one revision."""
    found = verbs.show(_directory(directory), revision)
    _print(found, report.details(found), as_json)


@_command("history")
@click.option("-r", "--rev-range", help="[start]:[end]; `current` may stand for either.")
@_verbose
@click.option("-i", "--indicate-current", is_flag=True, help="Mark where the database is.")
@_json
def history(directory: str | None, rev_range: str | None, verbose: bool, indicate_current: bool, as_json: bool) -> None:
    """List the revisions, the newest first."""
    found = verbs.history(_directory(directory), rev_range, verbose, indicate_current)
    _print(found, report.listed(found, verbose), as_json)


@_command("heads")
@_verbose
@click.option("--resolve-dependencies", is_flag=True, help="Count what others depend on as a parent.")
@_json
def heads(directory: str | None, verbose: bool, resolve_dependencies: bool, as_json: bool) -> None:
    """List the newest revision of each branch."""
    found = verbs.heads(_directory(directory), verbose, resolve_dependencies)
    _print(found, report.listed(found, verbose), as_json)


@_command("branches")
@_verbose
@_json
def branches(directory: str | None, verbose: bool, as_json: bool) -> None:
    """List the revisions from which more than one goes on."""
    points = verbs.branches(_directory(directory), verbose)
    _print(points, report.branches(points, verbose), as_json)


@_command("current")
@_verbose
@click.option("-c", "--check-heads", is_flag=True, help="Fail where a database is not at all heads.")
@_json
def current(directory: str | None, verbose: bool, check_heads: bool, as_json: bool) -> None:
    """Say where each database is."""
    found = verbs.current(_directory(directory), verbose, check_heads=check_heads)
    _print(found, report.current(found, verbose), as_json)


@_command("stamp")
@_sql
@_tag
@click.option("--purge", is_flag=True, help="Empty the version table first.")
@click.argument("revisions", nargs=-1)
def stamp(directory: str | None, sql: bool, tag: str | None, purge: bool, revisions: tuple[str, ...]) -> None:
    """Write down that the database is at a revision, without running anything."""
    _moved(verbs.stamp(_directory(directory), revisions or "head", sql, tag, purge), sql)


@_command("check")
def check(directory: str | None) -> None:
    """Fail where the models say something the database does not."""
    verbs.check(_directory(directory))
    _say("No new upgrade operations detected.")


@_command("ensure_version")
@_sql
def ensure_version(directory: str | None, sql: bool) -> None:
    """Create the version table where it is missing."""
    _script(verbs.ensure_version(_directory(directory), sql))


@_command("attic")
@_json
def attic(directory: str | None, as_json: bool) -> None:
    """List what is hidden and would come back."""
    kept = verbs.attic(_directory(directory))
    _print(kept, report.attic(kept), as_json)


@_command("purge")
@click.option("--older-than", type=_Age(), help="What was hidden longer ago, such as 30d, 12h or 2w.")
@click.option("--row", nargs=2, metavar="TABLE KEY", help="What is hidden of one row, by its primary key.")
@click.option("--all", "everything", is_flag=True, help="Everything in the attic.")
@_yes
@click.argument("name", required=False)
def purge(directory: str | None, older_than: Any, row: Any, everything: bool, yes: bool, name: str | None) -> None:
    """Delete hidden data for good: NAME is table, table.column, or a name in the attic."""
    if [name is not None, older_than is not None, row is not None, everything].count(True) != 1:
        raise click.UsageError(
            "Say what to delete: NAME, --older-than 30d, --row TABLE KEY, or --all. What there is: flask db attic"
        )
    if not yes:
        of_row = f"what is hidden of row {row[1]} of {row[0]}" if row else None
        what = name or of_row or ("everything in the attic" if everything else "what is older")
        click.confirm(f"Delete {what} for good? No move will bring it back", abort=True)
    kept = verbs.purge(_directory(directory), name, older_than=older_than, row=row, everything=everything)
    _say(report.purged(kept))


@_command("eject")
@click.option("--purge", is_flag=True, help="Delete what is hidden.")
@click.option("--restore", is_flag=True, help="Make what is hidden visible again.")
@_yes
def eject(directory: str | None, purge: bool, restore: bool, yes: bool) -> None:
    """Leave Rewind: take its tables out of the database. The scripts stay as they are."""
    if not yes:
        what = " and everything hidden" if purge else ""
        click.confirm(f"Delete the journal{what} for good?", abort=True)
    _say(report.ejected(verbs.eject(_directory(directory), purge=purge, restore=restore)))


@_command("log")
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=10, help="How many moves (default: 10).")
@_verbose
@_json
def log(directory: str | None, limit: int, verbose: bool, as_json: bool) -> None:
    """List the moves that were made: who, when, how long, and with -v each statement in full."""
    moves = verbs.log(_directory(directory), limit=limit)
    _print(moves, report.log(moves, verbose), as_json)


def _moved(move: Any, sql: bool) -> None:
    if sql:
        _script(move.sql)
    else:
        _say(report.moved(move))


def _script(sql: str) -> None:
    click.echo(sql, nl=False)
