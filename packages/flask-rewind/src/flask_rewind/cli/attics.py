"""The command line of `commands.attics`."""

from datetime import timedelta
from typing import Any

import click

from flask_rewind import commands as verbs
from flask_rewind import report
from flask_rewind.cli.options import Age, budget_option, chosen_directory, command, json_option, yes_option
from flask_rewind.cli.printing import print_results, require_consent, say


@command("attic")
@json_option
def attic(directory: str | None, as_json: bool) -> None:
    """List what is hidden: columns, tables and types."""
    kept = verbs.attic(chosen_directory(directory))
    print_results(kept, report.attic(kept), as_json)


@command("purge")
@click.option("--older-than", type=Age(), help="What was hidden longer ago than this, such as 30d, 12h or 2w.")
@click.option("--row", nargs=2, metavar="TABLE KEY", help="The hidden values of one row, by its primary key.")
@click.option("--all", "everything", is_flag=True, help="Everything in the attic.")
@budget_option
@yes_option
@click.argument("name", required=False)
def purge(
    directory: str | None,
    older_than: Any,
    row: Any,
    everything: bool,
    budget: float | None,
    yes: bool,
    name: str | None,
) -> None:
    """Delete hidden data permanently. NAME is table, table.column, or a name in the attic."""
    if [name is not None, older_than is not None, row is not None, everything].count(True) != 1:
        raise click.UsageError(
            "Give exactly one of NAME, --older-than 30d, --row TABLE KEY and --all. See what is hidden: flask db attic"
        )
    if not yes:
        of_row = f"the hidden values of row {row[1]} of {row[0]}" if row else None
        what = of_row or ("everything in the attic" if everything else f"the hidden {name}")
        if older_than is not None:
            what = f"what was hidden more than {older_than / timedelta(hours=1):g} hours ago"
        require_consent(f"Delete {what} permanently? Nothing can bring it back")
    kept = verbs.purge(
        chosen_directory(directory), name, older_than=older_than, row=row, everything=everything, budget=budget
    )
    say(report.purged(kept))


@command("eject")
@click.option("--purge", is_flag=True, help="Delete what is hidden.")
@click.option("--restore", is_flag=True, help="Make what is hidden visible again.")
@budget_option
@yes_option
def eject(directory: str | None, purge: bool, restore: bool, budget: float | None, yes: bool) -> None:
    """Leave Flask-Rewind: drop its tables from the database. The scripts stay as they are."""
    if not yes:
        what = " and everything hidden" if purge else ""
        require_consent(f"Delete the journal{what} permanently?")
    say(report.ejected(verbs.eject(chosen_directory(directory), purge=purge, restore=restore, budget=budget)))
