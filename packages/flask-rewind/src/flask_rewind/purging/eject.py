"""Remove Rewind from the databases: drop its tables, and delete hidden things or make them visible again."""

from dataclasses import replace

from sqlalchemy import inspect

from flask_rewind.attic_entries import HIDDEN, Entry, Place
from flask_rewind.engines.side_tables import SideTables
from flask_rewind.errors import Refused
from flask_rewind.journal import JournalLog, JournalTables
from flask_rewind.lease_table import table as lease_table
from flask_rewind.purging.opened_attic import OpenedAttic, change_each_attic, read_each_attic
from flask_rewind.results import Ejected
from flask_rewind.revisions import Revisions


def eject(revisions: Revisions, *, purge: bool, restore: bool) -> tuple[Ejected, ...]:
    """Drop Rewind's tables in each database, after deleting hidden things or making them visible again.

    Raises:
        Refused: if something is hidden and neither `purge` nor `restore` is set, or something cannot be made visible,
            or a crossing is unfinished. Nothing was changed.
        Blocked: if another session held a lock for too long.
    """

    def ask(attic: OpenedAttic, heads: tuple[str, ...]) -> None:
        _refuse_to_leave(attic, purge or restore)
        if restore:
            _refuse_what_cannot_be_shown(attic)

    read_each_attic(revisions, ask)
    found: list[Ejected] = []

    def leave(attic: OpenedAttic, heads: tuple[str, ...]) -> None:
        # Types come before the columns that use them, and tables before the columns hidden in them.
        entries = sorted(attic.entries.entries(), key=lambda each: (not each.place.is_type, bool(each.place.column)))
        kept = [(entry, attic.kept(entry)) for entry in entries]
        gone: list[Ejected] = []
        for entry, what in reversed(kept) if purge else kept:
            there = attic.found(entry)
            if purge or there is None:
                attic.purge(entry)
                gone.append(Ejected(what, ""))
            else:
                gone.append(Ejected(what, _show(attic, there)))
        attic.entries.drop_if_empty()
        JournalTables(attic.connection).drop()
        lease_table.drop(attic.connection, checkfirst=True)  # last: others may take the lease from here on
        found.extend(gone)

    change_each_attic(revisions, "Flask-Rewind was not removed", leave)
    return tuple(found)


def _refuse_to_leave(attic: OpenedAttic, is_decided: bool) -> None:
    if unfinished := JournalLog(attic.connection).unfinished():
        raise Refused(
            f"the crossing of {unfinished.revision} going {unfinished.direction} is unfinished.",
            "See how to finish it: flask db status",
        )
    if (entries := attic.entries.entries()) and not is_decided:
        count = "1 entry" if len(entries) == 1 else f"{len(entries)} entries"
        raise Refused(
            f"the attic still has {count}: flask db attic",
            "Delete what is hidden with --purge, or make it visible again with --restore.",
        )


def _refuse_what_cannot_be_shown(attic: OpenedAttic) -> None:
    """Refuse if another engine hid something, or a table has no room for the return of a column.

    Raises:
        Refused: with what to purge.
    """
    for entry in attic.entries.entries():
        if attic.found(entry):
            entry.refuse_other_engine(attic.entries.engine)
        there = attic.found(entry) if SideTables.is_out(entry) else None
        if there and not attic.sides.fits(there):
            raise Refused(
                f"{entry.place} cannot be made visible again: its table has no room for another column.",
                f"Delete it permanently, then run the same command again: flask db purge {entry.place}",
            )


def _show(attic: OpenedAttic, entry: Entry) -> str:
    """Make a hidden thing visible, under its old name if that is free, and return the name."""
    if SideTables.is_out(entry):
        entry = _moved_in(attic, entry)
    place, hider = entry.place, attic.hider
    shown = replace(entry, place=_free(attic, entry))
    if place.is_type:
        hider.run_literally(hider.types.bring_back(shown))
    elif place.column:
        hider.columns.show(shown)
        hider.drop_markers()
    else:
        columns = attic.columns_in(Place(place.schema, entry.name))
        hider.tables.bring_back(shown)
        attic.entries.follow({name: shown.place.table for name in columns if HIDDEN.fullmatch(name)})
    attic.entries.forget(entry)
    return str(shown.place)


def _moved_in(attic: OpenedAttic, entry: Entry) -> Entry:
    details = attic.sides.copy_in(entry)
    attic.sides.drop(entry)
    return replace(entry, details=details)


def _free(attic: OpenedAttic, entry: Entry) -> Place:
    place, inspector = entry.place, inspect(attic.connection)
    if place.column:
        fold = attic.entries.names.of_column
        taken = fold(place.column) in {fold(name) for name in attic.columns_in(place)}
        return Place(place.schema, place.table, f"{place.column}{entry.name}" if taken else place.column)
    taken = not place.is_type and inspector.has_table(place.table, place.schema)
    name = f"{place.table}{entry.name}" if taken else place.table
    return Place(place.schema, name, None, place.is_type)
