"""The attic of one database: list its hidden things, find and delete them."""

from collections.abc import Callable
from dataclasses import replace

from alembic.runtime.migration import MigrationContext
from sqlalchemy import ColumnElement, Connection, inspect

from flask_rewind.attic_entries import Attic, Entry, Place
from flask_rewind.details import TableDetails, TypeDetails
from flask_rewind.engines.access import columns_of
from flask_rewind.engines.hider import Hider
from flask_rewind.engines.registry import hider_of, side_tables_of
from flask_rewind.engines.side_tables import SideTables
from flask_rewind.errors import BadRequest, Refused
from flask_rewind.purging.locks import with_brief_waits
from flask_rewind.recovery import Recovery
from flask_rewind.results import Kept
from flask_rewind.revisions import Revisions, commit, live_connection


class OpenedAttic:
    """The attic of one database, for listing and deleting."""

    def __init__(self, connection: Connection, bind: str) -> None:
        self.connection = connection
        self.bind = bind
        self.entries = Attic(connection)

    @property
    def hider(self) -> Hider:
        """The hider of the engine; only an attic with entries needs it."""
        found = hider_of(self.connection)
        if found is None:
            raise BadRequest(f"Flask-Rewind cannot hide or restore anything on {self.connection.dialect.name}.")
        return found

    @property
    def sides(self) -> SideTables:
        """The side tables that hold hidden columns."""
        return side_tables_of(self.hider)

    def kept(self, entry: Entry, condition: ColumnElement[bool] | None = None) -> Kept:
        """Return the hidden thing of an entry as a result; its size is measured in the rows that `condition` finds."""
        place = entry.place
        kind = "column" if place.column else "table"
        kind = entry.details_as(TypeDetails).kind.lower() if place.is_type else kind
        found = self.found(entry)
        rows, size = self._size(found, condition) if found and not place.is_type else (0, 0)
        since = f"{entry.hidden_at.isoformat()}Z"
        return Kept(
            self.bind,
            entry.name,
            kind,
            _full(place),
            place.column or "",
            entry.revision,
            entry.direction,
            since,
            rows,
            size,
        )

    def _size(self, entry: Entry, condition: ColumnElement[bool] | None) -> tuple[int, int]:
        """Return how many rows have a value, and how many bytes the values take."""
        place = entry.place
        columns = [] if place.column else sorted(self.columns_in(Place(place.schema, entry.name)))
        return self.hider.values.measure(replace(entry, place=self.values_of(entry)), columns, condition)

    def values_of(self, entry: Entry) -> Place:
        """Return the table that has the hidden values, with the column if the entry hides one."""
        if SideTables.is_out(entry):
            return self.sides.place_of(entry)
        return entry.place if entry.place.column else Place(entry.place.schema, entry.name)

    def found(self, entry: Entry) -> Entry | None:
        """Return an entry with the present place of its thing; None if that no longer exists.

        A hidden column may be in a hidden table, while another table has that table's former name.
        """
        if not entry.place.column and entry.details.engine == self.entries.engine and self.hider.schemas.is_out(entry):
            return replace(entry, place=replace(entry.place, schema=None))
        place, entries = entry.place, self.entries.entries()
        if place.is_type:
            return entry if self.hider.types.is_there(entry) else None
        if place.column is None:
            return entry if inspect(self.connection).has_table(entry.name, place.schema) else None
        if SideTables.is_out(entry):
            owner = self.sides.owner_of(entry)
            return replace(entry, place=replace(place, table=owner.table)) if owner else None
        named = [each.place.table for each in entries if each.number == entry.number]
        of_table = Place(place.schema, place.table)
        roofs = [each.name for each in entries if self.entries.names.same(each.place, of_table)]
        places = [Place(place.schema, name) for name in [*named, *roofs]] + [Place(None, name) for name in roofs]
        for there in (replace(each, column=place.column) for each in places):
            if entry.name in self.columns_in(there):
                return replace(entry, place=there)
        return None

    def columns_in(self, place: Place) -> set[str]:
        """Return the names of a table's columns; none if the table does not exist."""
        inspector = inspect(self.connection)
        if not inspector.has_table(place.table, place.schema):
            return set()
        return set(columns_of(inspector, place.schema, place.table))

    def with_what_is_inside(self, chosen: list[Entry]) -> list[Entry]:
        """Return the chosen entries, and those of columns that are hidden in the chosen tables."""
        roofs = {entry.name for entry in chosen}
        found = [(entry, self.found(entry)) for entry in self.entries.entries()]
        inside = [entry for entry, now in found if now and now.place.column and now.place.table in roofs]
        return sorted({entry.number: entry for entry in [*chosen, *inside]}.values(), key=lambda each: each.number)

    def purge(self, entry: Entry) -> None:
        """Delete the hidden thing of an entry, and the entry."""
        found = self.found(entry)
        if SideTables.is_out(entry):
            self.sides.drop(entry)
        elif found and found.place.column:
            self.hider.columns.purge(found)
            for roof in self.entries.entries():
                if roof.name == found.place.table:
                    left = self.hider.tables.without_column(roof.details_as(TableDetails), entry.name)
                    self.entries.rewrite(roof, left)
        elif found:
            self.hider.tables.purge(found)
        self.entries.forget(entry)


def _full(place: Place) -> str:
    return f"{place.schema}.{place.table}" if place.schema else place.table


Visit = Callable[[OpenedAttic, tuple[str, ...]], None]
"""Does something with the attic of a database that is at these revisions."""


def read_each_attic(revisions: Revisions, visit: Visit) -> None:
    """Visit the attic of each database of a directory of scripts; nothing is changed."""

    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        visit(_opened(revisions, context), heads)
        return ()

    revisions.run(work, moves=False, dont_mutate=True)


def change_each_attic(revisions: Revisions, failed: str, visit: Visit) -> None:
    """Visit the attic of each database of a directory of scripts, in order to change it.

    Args:
        revisions: the directory.
        failed: how the message begins if a visit did not get its locks.
        visit: leaves nothing but changes of the database if it fails.

    Raises:
        Blocked: where another session held a lock for too long.
    """

    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        _recover(revisions, context)
        attic = _opened(revisions, context)
        with_brief_waits(attic.connection, revisions.patience, failed, lambda: visit(attic, heads))
        commit(context)
        return ()

    revisions.run(work, moves=True, dont_mutate=True)


def _opened(revisions: Revisions, context: MigrationContext) -> OpenedAttic:
    return OpenedAttic(live_connection(context), revisions.bind_of(context))


def _recover(revisions: Revisions, context: MigrationContext) -> None:
    """Take an interrupted crossing back.

    Raises:
        Refused: where it can be finished forward alone.
    """
    paused = Recovery(context, {}, revisions.state.settings.derived, revisions.patience).run()
    if paused:
        raise Refused(
            f"revision {paused.begun.revision} was interrupted going {paused.begun.direction}, and rows that it has "
            "changed stay changed.",
            "Finish it: flask db resume; or keep the rows as they are: flask db abort",
        )
