"""Commands that list, copy and delete what is hidden, and the one that removes Rewind from the databases."""

from datetime import timedelta

from sqlalchemy import Connection

from flask_rewind.errors import BadRequest
from flask_rewind.purging import Choice, create, definition_of, kept_in_attics, purge_attics
from flask_rewind.purging import eject as leave
from flask_rewind.results import Ejected, Kept
from flask_rewind.revisions import Revisions


def attic(directory: str | None = None) -> tuple[Kept, ...]:
    """Return what is hidden in each database, the oldest first. Changes nothing."""
    return kept_in_attics(Revisions(directory))


def attic_definition(connection: Connection) -> str:
    """Return the definition of everything hidden in a database as JSON, for `create_attic`.

    A program that copies a database row by row copies these rows as well: those of the hidden tables, whose names begin
    with ``_attic_``, and in other tables the columns whose names do. The definition says how to create them.

    Args:
        connection: to the database, in the transaction in which the rows are read.

    Returns:
        An empty text if nothing is hidden.
    """
    return definition_of(connection)


def create_attic(definition: str, directory: str | None = None, *, bind: str = "") -> None:
    """Create what is hidden in another database here, without rows, under the same names.

    This database must be at the same revision, and nothing may be hidden in it. The definition contains SQL, which is
    executed here now and when something returns, so take it only from a database that you trust.

    Args:
        definition: from `attic_definition`.
        directory: where the scripts are.
        bind: the bind key of the database, empty for the default one.

    Raises:
        BadRequest: if this is no definition, or a newer version wrote it.
        Refused: if another engine hid these things, if something is hidden here, or if a hidden table has partitions
            or is in another schema. Nothing was changed.
    """
    create(Revisions(directory), definition, bind)


def purge(
    directory: str | None = None,
    place: str | None = None,
    *,
    older_than: timedelta | None = None,
    row: tuple[str, str] | None = None,
    everything: bool = False,
    budget: float | None = None,
) -> tuple[Kept, ...]:
    """Delete what is hidden, permanently, and return what it was.

    Args:
        directory: where the scripts are.
        place: ``table``, ``table.column``, or the name in the attic: these entries alone.
        older_than: what was hidden longer ago than this.
        row: a table and the primary key of a row (``"3"``, ``"3,en"``): what is hidden of this row alone.
        everything: all of it.
        budget: how many seconds it may wait for locks of other sessions, instead of ``REWIND_BUDGET``.

    Raises:
        BadRequest: where none or several of the four are given, or `row` gives no key of the table.
        NotKept: where nothing of that name, or of that row, is hidden.
        Blocked: where another session held a lock for too long; run again, it deletes the rest.
    """
    if sum([place is not None, older_than is not None, row is not None, everything]) != 1:
        raise BadRequest(
            "purge takes exactly one of place, older_than, row and everything.", "List what is hidden: flask db attic"
        )
    return purge_attics(Revisions(directory, budget=budget), Choice(place, older_than, row))


def eject(
    directory: str | None = None, *, purge: bool = False, restore: bool = False, budget: float | None = None
) -> tuple[Ejected, ...]:
    """Leave Rewind: take its tables out of each database, and return what became of what was hidden.

    Args:
        directory: where the scripts are; they stay, and run with Flask-Migrate or Alembic as before.
        purge: delete what is hidden.
        restore: make it visible again: under its old name, with ``_attic_<number>`` behind it where that is taken.
        budget: how many seconds it may wait for locks of other sessions, instead of ``REWIND_BUDGET``.

    Raises:
        Refused: where something is hidden and neither is asked for, or a crossing is unfinished.
        Blocked: where another session held a lock for too long; run again, it does the rest.
    """
    if purge and restore:
        raise BadRequest("eject takes --purge or --restore, not both.", "Leave one of the two out.")
    return leave(Revisions(directory, budget=budget), purge=purge, restore=restore)
