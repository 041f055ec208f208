"""Declare commands: their options, the app context, and arguments that look like options."""

import itertools
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import click
from flask import g
from flask.cli import with_appcontext

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class _Command(click.Command):
    """A command that accepts relative revisions such as ``-1`` as arguments; Click would parse them as options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line with ``--`` before arguments such as ``-1``."""
        before, *after = _split_at(args, "--")
        return super().parse_args(ctx, self._steps_last(before) + [each for part in after for each in part])

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


def command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Return a decorator that makes a command with the option ``-d`` and an app context."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        function = click.option("-d", "--directory", help="Where the revision scripts are.")(function)
        return click.command(name, cls=_Command)(with_appcontext(function))

    return decorate


def _options(*decorators: Decorator) -> Decorator:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


class Age(click.ParamType[timedelta]):
    """A number and a unit: ``12h``, ``30d``, ``2w``."""

    name = "age"

    def convert(self, value: Any, param: Any, ctx: Any) -> timedelta:
        """Return the length of time."""
        units = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
        number, unit = str(value)[:-1], units.get(str(value)[-1:])
        if unit is None or not (number.isascii() and number.isdigit() and len(number) < 6):
            self.fail(f"{value!r} is not an age. Write it as 12h, 30d or 2w.", param, ctx)
        return int(number) * unit


class Seconds(click.ParamType[float]):
    """A number of seconds or minutes: ``90``, ``90s``, ``3m``."""

    name = "seconds"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """Return the number of seconds."""
        found = re.fullmatch(r"(\d{1,6})([sm]?)", str(value), re.ASCII)
        if found is None:
            self.fail(f"{value!r} is no length of time. It looks like 90, 90s or 3m.", param, ctx)
        return float(found[1]) * (60 if found[2] == "m" else 1)


def _read_fills(ctx: Any, param: Any, values: tuple[str, ...]) -> dict[str, str]:
    fills = {}
    for value in values:
        place, separator, expression = value.partition("=")
        if not separator or "." not in place or not expression.strip():
            raise click.BadParameter(f"{value!r} is not of the form table.column=SQL, such as posts.subtitle=''")
        fills[place.strip()] = expression.strip()
    return fills


fill_option = click.option(
    "--fill",
    multiple=True,
    callback=_read_fills,
    help="table.column=SQL: the value for rows without one when the column returns. May be repeated.",
)


def _read_renames(ctx: Any, param: Any, values: tuple[str, ...]) -> dict[str, str]:
    renames = {}
    for value in values:
        old, separator, new = (part.strip() for part in value.partition("="))
        if not (separator and old and new) or old.count(".") != new.count("."):
            raise click.BadParameter(
                f"{value!r} is neither of the form posts.body=posts.text, for a column, nor posts=articles, for a table"
            )
        renames[old] = new
    return renames


rename_option = click.option(
    "--rename",
    multiple=True,
    callback=_read_renames,
    help="posts.body=posts.text or posts=articles: a rename, not a drop and an add. May be repeated.",
)
budget_option = click.option(
    "--budget", type=Seconds(), help="How long to wait for other sessions' locks: 90s, 3m; 0 tries once."
)
message_option = click.option("-m", "--message", help="What the revision does.")
sql_option = click.option("--sql", is_flag=True, help="Print the SQL instead of running it.")
with_drops_option = click.option(
    "--with-drops", is_flag=True, help="With --sql: also print the statements that delete columns and tables."
)
tag_option = click.option("--tag", help="A name that env.py can read.")
x_arg_option = click.option("-x", "--x-arg", multiple=True, help="A value that env.py reads; may be repeated.")
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Print more details.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask.")
branch_label_option = click.option("--branch-label", help="A label for the branch that begins here.")
rev_id_option = click.option("--rev-id", help="The id of the new revision, instead of a generated one.")
splice_option = click.option("--splice", is_flag=True, help="Allow a parent that is not a head.")

new_revision_options = _options(
    message_option,
    sql_option,
    click.option("--head", default="head", help="The parent: a revision, or <branch>@head."),
    splice_option,
    branch_label_option,
    click.option("--version-path", help="Which of the configured folders the script goes to."),
    rev_id_option,
    click.option("--depends-on", multiple=True, help="A revision that must be applied before; may be repeated."),
)


def chosen_directory(directory: str | None) -> str | None:
    """Return the directory given to the command, or else to its group."""
    return directory or g.get("directory")


def chosen_x_arg(x_arg: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values for env.py given to the command, or else to its group."""
    return x_arg or g.get("x_arg", ())
