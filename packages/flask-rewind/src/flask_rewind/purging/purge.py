"""List the attics of all databases, and delete from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_rewind.attic_entries import Attic, Entry
from flask_rewind.engines.registry import engine_of
from flask_rewind.engines.side_tables import SideTables
from flask_rewind.errors import NotKept
from flask_rewind.journal import Journal, Request
from flask_rewind.purging.opened_attic import OpenedAttic, change_each_attic, read_each_attic
from flask_rewind.purging.rows import purge_row
from flask_rewind.results import Kept
from flask_rewind.revisions import Revisions


@dataclass(frozen=True, slots=True)
class Choice:
    """What to purge: by name, by age, or one row; everything if nothing is given."""

    place: str | None = None
    """``table``, ``table.column``, or a name ``_attic_<number>``."""
    older_than: timedelta | None = None
    row: tuple[str, str] | None = None
    """A table, and the primary key of a row; commas separate the columns of a composite key."""

    def __str__(self) -> str:
        if self.row is not None:
            return f"row {self.row[1]} of {self.row[0]}"
        if self.older_than is not None:
            return f"older than {self.older_than.total_seconds() / 3600:g} h"
        return "all" if self.place is None else self.place


def kept_in_attics(revisions: Revisions) -> tuple[Kept, ...]:
    """Return the hidden things of each database."""
    found: list[Kept] = []

    def read(attic: OpenedAttic, heads: tuple[str, ...]) -> None:
        found.extend(attic.kept(entry) for entry in attic.entries.entries())

    read_each_attic(revisions, read)
    return tuple(found)


def purge_attics(revisions: Revisions, choice: Choice) -> tuple[Kept, ...]:
    """Delete the chosen things, and record that in the journal.

    Raises:
        NotKept: if nothing of that name, or of that row, is hidden.
    """
    found: list[Kept] = []

    def purge(attic: OpenedAttic, heads: tuple[str, ...]) -> None:
        gone: list[Kept] = []
        try:
            gone.extend(purge_row(attic, *choice.row) if choice.row else _purge(attic, choice))
        except BaseException:
            if gone and engine_of(attic.connection).commits_each_ddl_statement:
                _note(Journal(attic.connection), str(choice), heads, gone)
                attic.connection.exec_driver_sql("COMMIT")
            raise
        attic.entries.drop_if_empty()
        if gone:
            _note(Journal(attic.connection), str(choice), heads, gone)
        found.extend(gone)

    change_each_attic(revisions, "Not everything was deleted", purge)
    if not found and (choice.place is not None or choice.row is not None):
        named = f"of {choice}" if choice.row else f"named {choice.place!r}"
        raise NotKept(f"The attic has nothing {named}.", "List what is hidden: flask db attic")
    return tuple(found)


def _purge(attic: OpenedAttic, choice: Choice) -> Iterator[Kept]:
    chosen = attic.with_what_is_inside(list(_chosen(attic.entries, choice)))
    kept = {entry.number: attic.kept(entry) for entry in chosen}
    # Newest first, side tables before the tables that they belong to, and types after the columns that use them.
    for entry in sorted(chosen, key=lambda each: (each.place.is_type, not SideTables.is_out(each), -each.number)):
        attic.purge(entry)
        yield kept[entry.number]


def _chosen(attic: Attic, choice: Choice) -> Iterator[Entry]:
    limit = datetime.now(UTC).replace(tzinfo=None) - choice.older_than if choice.older_than is not None else None
    for entry in attic.entries():
        named = choice.place
        if named is not None and named != entry.name and not attic.names.are_of(named, entry.place):
            continue
        if limit is None or entry.hidden_at < limit:
            yield entry


def _note(journal: Journal, asked: str, heads: tuple[str, ...], gone: list[Kept]) -> None:
    """Record in the journal what was purged, and by whom."""
    purged = [{"place": each.place, "kind": each.kind, "rows": each.rows, "since": each.since} for each in gone]
    move = journal.begin_move(Request("purge", asked, {"purged": purged}), heads)
    journal.end_move(move, "done", heads)
