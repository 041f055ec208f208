"""The command line of `commands.attics`."""

from typing import Any

import click

from flask_rewind import commands as verbs
from flask_rewind import report
from flask_rewind.cli.options import Age, chosen_directory, command, json_option, yes_option
from flask_rewind.cli.printing import print_results, say


@command("attic")
@json_option
def attic(directory: str | None, as_json: bool) -> None:
    """List what is hidden and would come back."""
    kept = verbs.attic(chosen_directory(directory))
    print_results(kept, report.attic(kept), as_json)


@command("purge")
@click.option("--older-than", type=Age(), help="What was hidden longer ago, such as 30d, 12h or 2w.")
@click.option("--row", nargs=2, metavar="TABLE KEY", help="What is hidden of one row, by its primary key.")
@click.option("--all", "everything", is_flag=True, help="Everything in the attic.")
@yes_option
@click.argument("name", required=False)
def purge(directory: str | None, older_than: Any, row: Any, everything: bool, yes: bool, name: str | None) -> None:
    """Delete hidden data permanently: NAME is table, table.column, or a name in the attic."""
    if [name is not None, older_than is not None, row is not None, everything].count(True) != 1:
        raise click.UsageError(
            "Say what to delete: NAME, --older-than 30d, --row TABLE KEY, or --all. What there is: flask db attic"
        )
    if not yes:
        of_row = f"what is hidden of row {row[1]} of {row[0]}" if row else None
        what = name or of_row or ("everything in the attic" if everything else "what is older")
        click.confirm(f"Delete {what} permanently? No move will bring it back", abort=True)
    kept = verbs.purge(chosen_directory(directory), name, older_than=older_than, row=row, everything=everything)
    say(report.purged(kept))


@command("eject")
@click.option("--purge", is_flag=True, help="Delete what is hidden.")
@click.option("--restore", is_flag=True, help="Make what is hidden visible again.")
@yes_option
def eject(directory: str | None, purge: bool, restore: bool, yes: bool) -> None:
    """Leave Rewind: take its tables out of the database. The scripts stay as they are."""
    if not yes:
        what = " and everything hidden" if purge else ""
        click.confirm(f"Delete the journal{what} permanently?", abort=True)
    say(report.ejected(verbs.eject(chosen_directory(directory), purge=purge, restore=restore)))
