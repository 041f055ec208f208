"""The command line of `commands.inspecting`."""

import click

from flask_rewind import commands as verbs
from flask_rewind import report
from flask_rewind.cli.options import chosen_directory, command, json_option, verbose_option
from flask_rewind.cli.printing import print_results


@command("status")
@json_option
def status(directory: str | None, as_json: bool) -> None:
    """Show where the database is, what is pending, and whether a crossing is unfinished."""
    databases = verbs.status(chosen_directory(directory))
    print_results(databases, report.status(databases), as_json)


@command("show")
@json_option
@click.argument("revision", default="head")
def show(directory: str | None, as_json: bool, revision: str) -> None:
    """Show one revision."""
    found = verbs.show(chosen_directory(directory), revision)
    print_results(found, report.details(found), as_json)


@command("history")
@click.option("-r", "--rev-range", help="[start]:[end]; either may be `current`.")
@verbose_option
@click.option("-i", "--indicate-current", is_flag=True, help="Mark where the database is.")
@json_option
def history(directory: str | None, rev_range: str | None, verbose: bool, indicate_current: bool, as_json: bool) -> None:
    """List the revisions, the newest first."""
    found = verbs.history(chosen_directory(directory), rev_range, verbose, indicate_current)
    print_results(found, report.listed(found, verbose), as_json)


@command("heads")
@verbose_option
@click.option("--resolve-dependencies", is_flag=True, help="Count a revision that others depend on as their parent.")
@json_option
def heads(directory: str | None, verbose: bool, resolve_dependencies: bool, as_json: bool) -> None:
    """List the newest revision of each branch."""
    found = verbs.heads(chosen_directory(directory), verbose, resolve_dependencies)
    print_results(found, report.listed(found, verbose), as_json)


@command("branches")
@verbose_option
@json_option
def branches(directory: str | None, verbose: bool, as_json: bool) -> None:
    """List the revisions that have more than one child."""
    points = verbs.branches(chosen_directory(directory), verbose)
    print_results(points, report.branches(points, verbose), as_json)


@command("current")
@verbose_option
@click.option("-c", "--check-heads", is_flag=True, help="Fail if a database is not at all heads.")
@json_option
def current(directory: str | None, verbose: bool, check_heads: bool, as_json: bool) -> None:
    """Show where each database is."""
    found = verbs.current(chosen_directory(directory), verbose, check_heads=check_heads)
    print_results(found, report.current(found, verbose), as_json)


@command("log")
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=10, help="How many moves (default: 10).")
@verbose_option
@json_option
def log(directory: str | None, limit: int, verbose: bool, as_json: bool) -> None:
    """List past moves: who, when, how long, and each statement (in full with -v)."""
    moves = verbs.log(chosen_directory(directory), limit=limit)
    print_results(moves, report.log(moves, verbose), as_json)
