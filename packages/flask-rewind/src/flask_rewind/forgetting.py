"""Reading the attics of all databases, deleting from them for good, and leaving Rewind altogether."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from alembic.runtime.migration import MigrationContext
from sqlalchemy import ColumnElement, Connection, and_, column, inspect
from sqlalchemy.types import TypeEngine

from flask_rewind.attic_entries import HIDDEN, Attic, Entry, Place
from flask_rewind.details import TableDetails, TypeDetails
from flask_rewind.engines.access import columns_of
from flask_rewind.engines.hiding import Hider
from flask_rewind.engines.registry import engine_of, hider_of, side_tables_of
from flask_rewind.engines.side_tables import SideTables
from flask_rewind.errors import BadRequest, NotKept, Refused
from flask_rewind.journal import Journal, Request
from flask_rewind.results import Ejected, Kept
from flask_rewind.revisions import Revisions, commit, live_connection


@dataclass(frozen=True, slots=True)
class Choice:
    """What to forget: what has a name, what is older, or one row; everything where nothing is given."""

    place: str | None = None
    """``table``, ``table.column``, or a name in the attic."""
    older_than: timedelta | None = None
    row: tuple[str, str] | None = None
    """A table, and the primary key of a row; the columns of a key of several are parted by commas."""

    def __str__(self) -> str:
        if self.row is not None:
            return f"row {self.row[1]} of {self.row[0]}"
        if self.older_than is not None:
            return f"older than {self.older_than.total_seconds() / 3600:g} h"
        return "all" if self.place is None else self.place


class _Attic:
    """The attic of one database, to look at and to take things out of."""

    def __init__(self, connection: Connection, bind: str) -> None:
        self.connection = connection
        self.bind = bind
        self.entries = Attic(connection)

    @property
    def hider(self) -> Hider:
        """What knows the engine; asked for only where there are entries."""
        found = hider_of(self.connection)
        if found is None:
            raise BadRequest(f"Rewind hides nothing on {self.connection.dialect.name}.")
        return found

    @property
    def _sides(self) -> SideTables:
        return side_tables_of(self.hider)

    def purge(self, entry: Entry) -> None:
        """Delete what an entry keeps."""
        found = self.found(entry)
        if SideTables.is_out(entry):
            self._sides.drop(entry)
        elif found and found.place.column:
            self.hider.columns.purge(found)
            for roof in self.entries.entries():
                if roof.name == found.place.table:
                    self.entries.rewrite(
                        roof, self.hider.tables.without_column(roof.details_as(TableDetails), entry.name)
                    )
        elif found:
            self.hider.tables.purge(found)
        self.entries.forget(entry)

    def found(self, entry: Entry) -> Entry | None:
        """Return an entry with the place where its thing is now; None where the database has it no more.

        A column may be in a hidden table of the former name, whatever other table has that name now.
        """
        place, entries = entry.place, self.entries.entries()
        if place.is_type:
            return entry if self.hider.types.is_there(entry) else None
        if place.column is None:
            return entry if inspect(self.connection).has_table(entry.name, place.schema) else None
        if SideTables.is_out(entry):
            owner = self._sides.owner_of(entry)
            return replace(entry, place=replace(place, table=owner.table)) if owner else None
        named = [each.place.table for each in entries if each.number == entry.number]
        of_table = Place(place.schema, place.table)
        roofs = [each.name for each in entries if self.entries.names.same(each.place, of_table)]
        for name in [*named, *roofs]:
            there = Place(place.schema, name, place.column)
            if entry.name in self._columns(there):
                return replace(entry, place=there)
        return None

    def with_what_is_inside(self, chosen: list[Entry]) -> list[Entry]:
        """Return entries with those of the columns that are hidden in their tables."""
        roofs = {entry.name for entry in chosen}
        found = [(entry, self.found(entry)) for entry in self.entries.entries()]
        inside = [entry for entry, now in found if now and now.place.column and now.place.table in roofs]
        return sorted({entry.number: entry for entry in [*chosen, *inside]}.values(), key=lambda each: each.number)

    def _columns(self, place: Place) -> set[str]:
        inspector = inspect(self.connection)
        if not inspector.has_table(place.table, place.schema):
            return set()
        return set(columns_of(inspector, place.schema, place.table))

    def kept(self, entry: Entry, condition: ColumnElement[bool] | None = None) -> Kept:
        """Return what an entry keeps, of the rows that `condition` finds; how much, only reading them tells."""
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
        """Return how many rows hold something, and how many bytes."""
        place = entry.place
        columns = [] if place.column else sorted(self._columns(Place(place.schema, entry.name)))
        return self.hider.values.measure(replace(entry, place=self._values_of(entry)), columns, condition)

    def _values_of(self, entry: Entry) -> Place:
        """Return the table that the values of what an entry keeps are in, with the column where it keeps one."""
        if SideTables.is_out(entry):
            return self._sides.place_of(entry)
        return entry.place if entry.place.column else Place(entry.place.schema, entry.name)

    def purge_row(self, table: str, key: str) -> Iterator[Kept]:
        """Delete what the attic keeps of one row: its hidden values, and the row of a hidden table."""
        names = self.entries.names
        for entry in self.entries.entries():
            is_of_table = not entry.place.is_type and names.are_of(table, replace(entry.place, column=None))
            found = self.found(entry) if is_of_table else None
            if found:
                condition = self._condition(found, key)
                kept = self.kept(entry, condition)
                if kept.rows:
                    self._purge_from(found, condition)
                    yield kept

    def _purge_from(self, entry: Entry, condition: ColumnElement[bool]) -> None:
        if entry.place.column and not SideTables.is_out(entry):
            self.hider.values.forget(entry, condition)
        else:
            self.hider.values.delete_rows(self._values_of(entry), condition)

    def _condition(self, entry: Entry, key: str) -> ColumnElement[bool]:
        inspector, place = inspect(self.connection), self._values_of(entry)
        names = inspector.get_pk_constraint(place.table, place.schema)["constrained_columns"]
        values = key.split(",") if len(names) > 1 else [key]
        if not names or len(values) != len(names):
            wanted = ",".join(names) or "none: the table has no primary key"
            raise BadRequest(f"{key!r} is no key of {place.table}; its key is {wanted}.")
        kinds = {each["name"]: each["type"] for each in inspector.get_columns(place.table, place.schema)}
        if owner := self._sides.owner_of(entry) if SideTables.is_out(entry) else None:  # it has the types
            there = columns_of(inspector, place.schema, owner.table)
            kinds = {name: there[column]["type"] for name, column in zip(names, owner.key, strict=True)}
        pairs = zip(names, values, strict=True)
        return and_(*(column(name, kinds[name]) == _as_key(kinds[name], value) for name, value in pairs))

    def show(self, entry: Entry) -> str:
        """Make visible what an entry keeps, under its old name where that is free, and return the name."""
        if SideTables.is_out(entry):
            entry = self._moved_in(entry)
        place, hider = entry.place, self.hider
        shown = replace(entry, place=self._free(entry))
        if place.is_type:
            hider.run_literally(hider.types.bring_back(shown))
        elif place.column:
            hider.columns.show(shown)
        else:
            columns = self._columns(Place(place.schema, entry.name))
            hider.tables.bring_back(shown)
            self.entries.follow({name: shown.place.table for name in columns if HIDDEN.fullmatch(name)})
        self.entries.forget(entry)
        return str(shown.place)

    def refuse_what_cannot_be_shown(self) -> None:
        """Refuse to show what another engine hid, and columns of tables that have as many as they can have.

        Raises:
            Refused: with what to forget.
        """
        for entry in self.entries.entries():
            if self.found(entry):
                entry.refuse_other_engine(self.entries.engine)
            there = self.found(entry) if SideTables.is_out(entry) else None
            if there and not self._sides.fits(there):
                raise Refused(
                    f"{entry.place} cannot be shown: its table has as many columns as it can have.",
                    f"Forget it for good, then run the same command again: flask db purge {entry.place}",
                )

    def _moved_in(self, entry: Entry) -> Entry:
        details = self._sides.copy_in(entry)
        self._sides.drop(entry)
        return replace(entry, details=details)

    def _free(self, entry: Entry) -> Place:
        place, inspector = entry.place, inspect(self.connection)
        if place.column:
            fold = self.entries.names.of_column
            taken = fold(place.column) in {fold(name) for name in self._columns(place)}
            return Place(place.schema, place.table, f"{place.column}{entry.name}" if taken else place.column)
        taken = not place.is_type and inspector.has_table(place.table, place.schema)
        name = f"{place.table}{entry.name}" if taken else place.table
        return Place(place.schema, name, None, place.is_type)


def _full(place: Place) -> str:
    return f"{place.schema}.{place.table}" if place.schema else place.table


def _in_each_database(revisions: Revisions, do: Callable[[_Attic, tuple[str, ...]], None], *, moves: bool) -> None:
    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        attic = _Attic(live_connection(context), revisions.bind_of(context))
        if moves:
            attic.entries.widen()
        do(attic, heads)
        if moves:
            commit(context)
        return ()

    revisions.run(work, moves=moves, dont_mutate=True)


def kept_in_attics(revisions: Revisions) -> tuple[Kept, ...]:
    """Return what is hidden in each database."""
    found: list[Kept] = []

    def read(attic: _Attic, heads: tuple[str, ...]) -> None:
        found.extend(attic.kept(entry) for entry in attic.entries.entries())

    _in_each_database(revisions, read, moves=False)
    return tuple(found)


def purge_attics(revisions: Revisions, choice: Choice) -> tuple[Kept, ...]:
    """Delete what is chosen, and write down that it is gone.

    Raises:
        NotKept: where nothing of that name, or of that row, is hidden.
    """
    found: list[Kept] = []

    def purge(attic: _Attic, heads: tuple[str, ...]) -> None:
        gone: list[Kept] = []
        try:
            gone.extend(attic.purge_row(*choice.row) if choice.row else _purge(attic, choice))
        except BaseException:
            if gone and engine_of(attic.connection).commits_each_ddl_statement:
                _note(Journal(attic.connection), str(choice), heads, gone)
                attic.connection.exec_driver_sql("COMMIT")
            raise
        attic.entries.drop_if_empty()
        if gone:
            _note(Journal(attic.connection), str(choice), heads, gone)
        found.extend(gone)

    _in_each_database(revisions, purge, moves=True)
    if not found and (choice.place is not None or choice.row is not None):
        named = f"of {choice}" if choice.row else f"named {choice.place!r}"
        raise NotKept(f"The attic has nothing {named}.", "What it keeps: flask db attic")
    return tuple(found)


def _purge(attic: _Attic, choice: Choice) -> Iterator[Kept]:
    chosen = attic.with_what_is_inside(list(_chosen(attic.entries, choice)))
    kept = {entry.number: attic.kept(entry) for entry in chosen}
    # The newest first, side tables before the tables of their rows, and types behind the columns that need them.
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
    """Write down what was forgotten, and by whom."""
    purged = [{"place": each.place, "kind": each.kind, "rows": each.rows, "since": each.since} for each in gone]
    move = journal.begin_move(Request("purge", asked, {"purged": purged}), heads)
    journal.end_move(move, "done", heads)


def eject(revisions: Revisions, *, purge: bool, restore: bool) -> tuple[Ejected, ...]:
    """Take Rewind's tables out of each database; what is hidden is deleted, or made visible again.

    Raises:
        Refused: where something is hidden and neither is asked for, or a crossing is unfinished. Nothing was changed.
    """

    def ask(attic: _Attic, heads: tuple[str, ...]) -> None:
        _refuse_to_leave(attic, purge or restore)
        if restore:
            attic.refuse_what_cannot_be_shown()

    _in_each_database(revisions, ask, moves=False)
    found: list[Ejected] = []

    def leave(attic: _Attic, heads: tuple[str, ...]) -> None:
        # Types before the columns that have them, and tables before what is hidden in these.
        entries = sorted(attic.entries.entries(), key=lambda each: (not each.place.is_type, bool(each.place.column)))
        kept = [(entry, attic.kept(entry)) for entry in entries]
        for entry, what in reversed(kept) if purge else kept:
            there = attic.found(entry)
            if purge or there is None:
                attic.purge(entry)
                found.append(Ejected(what, ""))
            else:
                found.append(Ejected(what, attic.show(there)))
        attic.entries.drop_if_empty()
        Journal(attic.connection).drop()

    _in_each_database(revisions, leave, moves=True)
    return tuple(found)


def _refuse_to_leave(attic: _Attic, is_decided: bool) -> None:
    if unfinished := Journal(attic.connection).unfinished():
        raise Refused(
            f"the crossing of {unfinished.revision} going {unfinished.direction} is unfinished.",
            "Finish it first: flask db status",
        )
    if (entries := attic.entries.entries()) and not is_decided:
        raise Refused(
            f"the attic keeps {len(entries)} things: flask db attic",
            "Delete them with --purge, or make them visible again with --restore.",
        )


def _as_key(kind: TypeEngine[Any], value: str) -> Any:
    try:
        wanted = kind.python_type
    except NotImplementedError:
        return value
    try:
        found = _READ[wanted](value) if wanted in _READ else value
    except (ValueError, KeyError, ArithmeticError) as error:
        raise BadRequest(f"{value!r} is no {wanted.__name__}, and the key is one.") from error
    if isinstance(found, int) and abs(found) >= _BEYOND:
        raise BadRequest(f"{value} is longer than any number in a key.")
    return found


def _as_bool(value: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[value.lower()]


_BEYOND = 2**63
"""No engine has an integer type that goes so far, but MySQL's unsigned one, whose upper half no key reaches."""
_READ: dict[type, Callable[[str], Any]] = {
    int: int,
    float: float,
    Decimal: Decimal,
    bool: _as_bool,
    bytes: bytes.fromhex,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    time: time.fromisoformat,
    UUID: UUID,
}
"""How a value of a key is read that is given as text; others are text."""
