"""The attic's part in one crossing: what is hidden, what comes back, and what stays."""

import itertools
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    Column,
    Constraint,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    inspect,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import NullType, TypeEngine

from flask_rewind import alembic_private
from flask_rewind.attic_entries import HIDDEN, PREFIX, Attic, Entry, Place
from flask_rewind.details import (
    ColumnDetails,
    Named,
    PostgreSQLTypeDetails,
    SQLiteColumnDetails,
    TableDetails,
    with_missing_parts,
)
from flask_rewind.engines.access import columns_of
from flask_rewind.engines.constraints import Restore
from flask_rewind.engines.hiding import Hider
from flask_rewind.engines.registry import keyed_copies_of, side_tables_of
from flask_rewind.engines.side_tables import key_of_side
from flask_rewind.errors import Refused
from flask_rewind.own_names import is_hidden, is_own_table
from flask_rewind.recording import NOTHING
from flask_rewind.sql.changes import AlterTable, Name, NewType
from flask_rewind.sql.grammar import read, referred
from flask_rewind.sql.tokens import shortened, tokens
from flask_rewind.steps import Purpose, StepKind, current_purpose, serving

log = logging.getLogger("alembic.runtime.migration")

_OF_COLUMNS = UniqueConstraint | ForeignKeyConstraint | PrimaryKeyConstraint
_LENGTHENING = {"ADD", "CHANGE", "MODIFY", "CONVERT"}
_OPPOSITE = {"up": "down", "down": "up"}


class Keeper:
    """The attic's part in one crossing."""

    def __init__(
        self,
        context: MigrationContext,
        hider: Hider,
        revision: str,
        direction: str,
        fills: Mapping[str, str],
        attic: Attic | None = None,
        taken_back: Mapping[Place, Entry] | None = None,
        derived: Collection[str] = (),
    ) -> None:
        """Begin a crossing, or with `taken_back` the way back through one that failed after these had returned.

        What is among `derived`, by its name with dots, holds nothing of its own, and is dropped instead of hidden.
        """
        if context.connection is None:
            raise ValueError("a crossing that only prints its SQL keeps nothing")
        self._impl = context.impl
        self._taken_back = taken_back or {}
        self._derived = derived
        self.connection = context.connection
        self.hider = hider
        self._sides = side_tables_of(hider)
        self.copies = keyed_copies_of(hider)
        self._attic = attic or Attic(context.connection)
        self.names = self._attic.names
        self.names.ask()
        self.revision = revision
        self._direction = direction
        self._fills = fills
        self._restores: list[Restore] = []
        self._settled: set[str] = set()
        self._own: set[str] = set()
        """The names of all that is made again."""
        self._orphaned: list[Restore] = []
        self.hidden_here: set[Place] = set()
        self._moved_here: list[tuple[Place, Place]] = []
        """The tables that got another name: as they were called before, and after."""
        self._warnings: list[str] = []
        self.is_hiding = False
        self.note_left_out: Callable[[str, Purpose], None] = lambda statement, purpose: None
        """Takes down a statement of the script that is not executed, and why."""
        self.source = ""
        """The text of the script."""
        self.filled: set[Place] = set()
        """The columns whose rows got what ``--fill`` says, besides those that came back."""
        self.returned: dict[Place, Entry] = {}
        """The entries of what came back."""
        self.columns_back: dict[Place, str] = {}
        """The columns that have their values again, with their names in the attic, also where they were made anew."""
        self.tables_back: set[Place] = set()
        """The tables that came back, under their names of now."""
        self.partitions_gone: set[str] = set()
        """The names of the partitions that were hidden with their tables."""
        self.partitions_back: set[Place] = set()
        """The partitions that came back with their tables."""
        self.made: set[Place] = set()
        """What the crossing itself created, under the name it gave; what came back is not among it."""

    def hide(self, place: Place, *, for_good: bool = False) -> bool:
        """Hide a column or table; return False where there is none, or it holds nothing of its own to keep.

        With `for_good` no crossing brings it back.
        """
        if _is_own(place) or not self.is_there(place) or self.hider.tables.is_temporary(place):
            return False
        self.settle(place)
        entry = self._hide(place, self._direction, for_good=for_good)
        if entry and self._is_derived(place) and not entry.details.incoming:  # else others refer to it
            self._drop(entry)
        return entry is not None

    def leave_out(self, statements: Sequence[str], names: Sequence[str]) -> None:
        """Take down that statements of the script are not executed, since these names are Rewind's, or hidden."""
        named = ", ".join(dict.fromkeys(names))
        numbers = [found[0] for name in names if (found := HIDDEN.match(name.lower()))]
        hidden = {str(self._attic.seen[each].place): None for each in numbers if each in self._attic.seen}
        for statement in statements:
            log.warning("Left out, since %s belongs to Flask-Rewind: %s", named, shortened(statement))
            self.note_left_out(statement, Purpose(StepKind.LEFT_OUT, ", ".join(hidden), named))

    def _is_derived(self, place: Place) -> bool:
        return any(self.names.are_of(name, place) for name in self._derived)

    def _drop(self, entry: Entry) -> None:
        """Drop what is derived for good, with what is hidden in it."""
        place = entry.place
        with self.hiding(StepKind.DROP_DERIVED, place, entry.name):
            for inner in [] if place.column else self._all_in(Place(place.schema, entry.name), place):
                if self._sides.is_out(inner):
                    self._sides.drop(inner)
                self._attic.forget(inner)
            (self.hider.columns.purge if place.column else self.hider.tables.purge)(entry)
            self._attic.forget(entry)
        self.hidden_here.discard(place)

    def _all_in(self, table: Place, called: Place) -> list[Entry]:
        """Return the entries of the columns that are hidden in a table, or beside it.

        Args:
            table: its name now, which may be one of the attic.
            called: its name in scripts. A restored table may have a hidden column whose number is another table's.
        """
        there = columns_of(inspect(self.connection), table.schema, table.table)
        found = [each for each in self._attic.entries() if each.place.column and self.is_of(called, each.place)]
        return [each for each in found if each.name in there or self._is_beside(each, table)]

    def _hide(self, place: Place, direction: str, *, for_good: bool = False) -> Entry | None:
        details = self._details_of(place)
        if details is None:
            return None
        former = self._taken_back.get(place)
        kept = with_missing_parts(details, former.details) if former else details
        since = former.hidden_at if former else None
        entry = self._attic.put(place, "" if for_good else self.revision, direction, kept, since)
        entry = replace(entry, details=details, former=former.name if former else "")
        is_derived = self._is_derived(place) and not details.incoming
        with self.hiding(StepKind.DROP_DERIVED if is_derived else StepKind.HIDE, place, entry.name):
            (self.hider.columns.hide if place.column else self.hider.tables.hide)(entry)
        self._restores = [each for each in self._restores if not _is_part_of(each.place, place)]
        if not place.column:
            self.hidden_here.add(place)
            self.partitions_gone |= {*entry.details_as(TableDetails).partitions}
        if not place.column and self.hider.ties_keys_again:
            self._orphaned += self.hider.constraints.keys_to(entry)
        return entry

    def _details_of(self, place: Place) -> ColumnDetails | TableDetails | None:
        """Return what it takes to bring a column or table back; None where it holds no data of its own."""
        if place.column:
            column = self.hider.columns.look_at(place)
            return column and replace(column, columns=tuple(self._visible(_table(place))))
        former_names = tuple(old.table for old, new in self._moved_here if new == place)
        return replace(self.hider.tables.look_at(place), former_names=former_names)

    def warnings(self) -> list[str]:
        """Return what the app should mind: of columns hidden in their rows, and of those that lose something."""
        way = (self.revision, self._direction)
        hidden = [
            each for each in self._attic.entries() if each.place.column and (each.revision, each.direction) == way
        ]
        there = [each for each in hidden if self._is_in_its_table(each)]  # not those in side tables
        found = [(each.place, self.hider.columns.insert_without(each)) for each in there]
        return self._warnings + [
            f"While {place} is hidden, an INSERT into its table that names no columns {what}. Let the app name them."
            for place, what in found
            if what
        ]

    def _is_in_its_table(self, entry: Entry) -> bool:
        return self.is_there(replace(entry.place, column=entry.name))

    def accept_type(self, place: Place, wanted: NewType) -> None:
        """Note what a column loses with its new type.

        Raises:
            Refused: where its values would be others for good.
        """
        self.hider.type_changes.refuse_losses(place, wanted)
        if lost := self.hider.type_changes.clauses_lost(place, wanted):
            said = f"{place} loses {', '.join(lost)}: its new definition does not repeat that."
            log.warning("%s", said)
            self._warnings.append(said)

    def bring_back_column(self, place: Place, column: Column[Any]) -> bool:
        """Return the column that the way here had hidden; False where there is none that fits."""
        entry = self.kept(place)
        if entry is None:
            return False
        self._return_types()
        entry = self._moved_in(entry)
        if not self._fits(entry, column):
            return False
        self._bring_back_column(entry, bool(column.nullable), self._fill_of(entry, column))
        return True

    def _bring_back_column(self, entry: Entry, nullable: bool, fill: str | None) -> None:
        place, details = entry.place, entry.details_as(ColumnDetails)
        nullable = nullable and not details.stays_not_null
        newborn = self.hider.columns.newborn_rows(entry)
        # What SQLAlchemy reads of such a default is not all of it.
        fill = self._fill_for(place) or details.numbered_by or fill
        if newborn and fill is None and not nullable:
            raise Refused(
                f"{place} returns NOT NULL without a default, and {newborn} rows were inserted while it was hidden.",
                f"Say what these get, as SQL: --fill \"{place}=''\"",
            )
        if not nullable and not details.not_null and not details.is_numbered:
            fill, newborn = self._fill_for(place), self.hider.values.null_rows(entry)
            if newborn and fill is None:
                raise Refused(
                    f"{place} could be NULL when it was hidden; it returns NOT NULL, and {newborn} rows are NULL.",
                    f"Say what these get, as SQL: --fill \"{place}=''\"",
                )
        self._note_return(entry)
        with self.hiding(StepKind.BRING_BACK, place, entry.name):
            restores = self.hider.columns.bring_back(entry, nullable=nullable, fill=fill if newborn else None)
        columns = {name.lower() for name in details.columns}
        self._own |= {restore.name for restore in restores}
        for restore in restores:
            named = {token.name.lower() for token in tokens(restore.sql, self._impl.dialect.name)}
            is_of_table = restore.place.table == place.table and not restore.needs
            self._restores.append(replace(restore, needs=frozenset(named & columns)) if is_of_table else restore)

    def bring_back_table(self, table: Table) -> bool:
        """Return the table that the way here had hidden; False where it cannot have the columns of this one.

        Where the journal went back instead of the script, the table was hidden as a whole, as its crossing had left
        it: columns that it got or lost after it was made are hidden or returned now, as the script will expect them.
        """
        place = Place(table.schema, table.name)
        entry = self.kept(place)
        columns = [column.name for column in table.columns]
        if entry is None or not self.has_columns(entry, columns):
            return False
        self._return_types()
        self._bring_back_table(entry)
        place = entry.place
        fold = self.names.of_column
        visible = {fold(name): name for name in self._visible(place)}
        missing = [name for name in columns if fold(name) not in visible]
        inner = [each for name in missing for each in self._hidden_in(place, place, name)]
        surplus = [visible[name] for name in visible.keys() - {*map(fold, columns)}]
        if any(self._sides.is_out(each) for each in inner):  # there is no room before these have gone
            self._hide_surplus(place, surplus)
            surplus = []
        for each in inner:
            moved = self._moved_in(each)
            self._bring_back_column(moved, nullable=not moved.details_as(ColumnDetails).not_null, fill=None)
        self._hide_surplus(place, surplus)
        return True

    def _hide_surplus(self, table: Place, surplus: list[str]) -> None:
        self.settle(table)  # what stands on a column goes with it
        for column in surplus:
            self._hide(replace(table, column=column), _OPPOSITE[self._direction])

    def copy_what_fits(self, table: Table) -> None:
        """Fill a table that was made anew, since its columns are others, with the rows that the way here had hidden.

        The hidden table stays: it has the columns that nothing takes up.
        """
        place = self.names.found(Place(table.schema, table.name))
        entry = self.kept(place)
        if entry is None:
            return
        fold = self.names.of_column
        there = columns_of(inspect(self.connection), place.schema, entry.name)
        hidden = {fold(name): column for name, column in there.items()}
        fitting = [
            column.name
            for column in table.columns
            if fold(column.name) in hidden
            and column.computed is None
            and not self._impl.compare_type(Column(column.name, _type(hidden[fold(column.name)])), column)
        ]
        if fitting:
            with self.hiding(StepKind.COPY_ROWS, place, entry.name):
                count = self.hider.values.copy_rows(Place(place.schema, entry.name), place, fitting)
            log.warning("%s rows of %s were copied with %s.", count, place, ", ".join(fitting))

    def values_elsewhere(self, place: Place) -> Place | None:
        """Return where the values of a column are that the way here had hidden in a table which is gone since.

        A later revision has put another table in its place, as SQLite's own documentation has tables changed.
        """
        entries, way = self._attic.entries(), (self.revision, _OPPOSITE[self._direction])
        columns = [each for each in reversed(entries) if (each.revision, each.direction) == way and each.place.column]
        hidden = [each for each in columns if self.names.same(replace(each.place, table=place.table), place)]
        roofs = [each for each in reversed(entries) if not each.place.column and not each.place.is_type]
        inspector = inspect(self.connection)
        for entry, roof in itertools.product(hidden, roofs):
            names = (entry.place.table, *roof.details_as(TableDetails).former_names)
            called = [replace(place, table=name) for name in names]
            if not any(self.is_of(place, each) for each in called) or not self.is_of(entry.place, roof.place):
                continue
            if entry.name in columns_of(inspector, place.schema, roof.name):
                return Place(place.schema, roof.name, entry.name)
            if self._is_beside(entry, Place(place.schema, roof.name)):
                return self._sides.place_of(entry)
        return None

    def fill_from_elsewhere(self, place: Place) -> None:
        """Give a column that was made anew the values that are hidden elsewhere, if any."""
        if source := self.values_elsewhere(place):
            self.fill_from(place, source)

    def fill_from(self, place: Place, source: Place) -> None:
        """Give a column that was made anew its values of before, which no statement of the script is to write over."""
        self.fill_by_key(place, source)
        self.columns_back[place] = str(source.column)

    def _fill_rebuilt_tables(self) -> None:
        """Fill the columns that only the other side of a revision knows which puts a table in another's place itself.

        It makes a new one, moves the rows, drops the old one and takes its name, in this or another order. The way
        here did the same and has hidden the table with these columns; what was hidden now is the one without them.
        """
        for place in self.hidden_here:
            former = [old for old, new in self._moved_here if new == place]
            target = next((each for each in [place, *former] if former and self.is_there(each)), None)
            entry = self.kept(place) if target else None
            if entry is None or target is None or target in self.tables_back:
                continue
            now_hidden = self._attic.hidden_by(self.revision, self._direction, place)[0]
            fold = self.names.of_column
            known = {fold(name) for name in self._visible(Place(place.schema, now_hidden.name))}
            there = {fold(name) for name in self._visible(target)}
            for name in self._visible(Place(place.schema, entry.name)):
                if fold(name) in there - known:
                    self.fill_by_key(replace(target, column=name), Place(place.schema, entry.name, name))

    def fill_by_key(self, place: Place, source: Place) -> None:
        """Give a column the values of another one, in a table that is hidden, row by row of the same primary key.

        Raises:
            Refused: where no primary key tells the rows apart.
        """
        key = self.primary_key(place)
        there = self._key_of(source, key)
        if not key or not set(there) <= set(columns_of(inspect(self.connection), source.schema, source.table)):
            raise Refused(
                f"the values of {place} are hidden in a table that has gone since, {source.table}, and no primary key"
                " says which rows they belong to.",
                f"Forget them for good, before this crossing: flask db purge {source.table}",
            )
        with self.hiding(StepKind.BRING_VALUES_BACK, place, source.table):
            if self.copies.has_key(source, there, place, key):
                self.hider.values.fill_by_key(place, source, key, there)
            else:
                with self.copies.made_for(place, key, source, there) as copy:
                    self.hider.values.fill_by_key(place, copy, key)

    def _key_of(self, source: Place, key: list[str]) -> list[str]:
        """Return what the columns of a primary key are called where a value comes from, which may be a side table."""
        entry = self._attic.seen.get(str(source.column))
        if entry is None or self._sides.place_of(entry) != source:
            return key
        owner = self._sides.owner_of(entry)
        return key_of_side(key) if owner and owner.key == key else key

    def bring_back(self, place: Place) -> bool:
        """Return a column or table as it was when it was hidden; False where the way here had hidden none."""
        entry = self.kept(place)
        if entry is None:
            return False
        self._return_types()
        if place.column:
            entry = self._moved_in(entry)
            self._bring_back_column(entry, not entry.details_as(ColumnDetails).not_null, self._fill_for(place))
        else:
            self._bring_back_table(entry)
        return True

    def _bring_back_table(self, entry: Entry) -> None:
        self._note_return(entry)
        with self.hiding(StepKind.BRING_BACK, entry.place, entry.name):
            restores = self.hider.tables.bring_back(entry)
        self._restores += restores
        self._own |= {restore.name for restore in restores}
        self.tables_back.add(entry.place)
        partitions = {replace(entry.place, table=name) for name in entry.details_as(TableDetails).partitions}
        self.partitions_back |= partitions
        self.tables_back |= partitions

    def _note_return(self, entry: Entry) -> None:
        self._attic.note_return(entry)
        self.returned[entry.place] = entry
        if entry.place.column:
            self.columns_back[entry.place] = entry.name

    def is_back(self, place: Place, name: Any) -> bool:
        """Return whether an index, constraint or trigger is back, with its table or before, and need not be made."""
        fold = self.names.of_column
        if not name or (place not in self.tables_back and fold(str(name)) not in {*map(fold, self._settled)}):
            return False
        self._give_names_again()
        kinds = ("index", "constraint", "trigger", "policy")
        return any(self.hider.constraints.has(Restore(kind, place, str(name), "")) for kind in kinds)

    def parts_gone(self, table: str) -> list[str]:
        """Return what went of the text of a SQLite table with hidden columns of its own."""
        found = [each.details for each in self._attic.entries() if self.is_of(Place(None, table), each.place)]
        columns = [each for each in found if isinstance(each, SQLiteColumnDetails)]
        return [part for each in columns for part in (each.definition, *each.uniques, *each.keys, *each.checks)]

    def keys_gone(self, table: str) -> list[str]:
        """Return the foreign keys that went of the text of a SQLite table with hidden columns of others."""
        columns = [each.details for each in self._attic.entries() if isinstance(each.details, SQLiteColumnDetails)]
        named = [keys for each in columns for name, keys in each.keys_to if name.lower() == table.lower()]
        return [f"{self.hider.quote(column)} {sql}" if column else sql for keys in named for column, sql in keys]

    def indexes_gone(self, table: str) -> set[str]:
        """Return the names of the indexes that went with hidden columns of a table."""
        found = [each.details for each in self._attic.entries() if self.is_of(Place(None, table), each.place)]
        return {name for each in found if isinstance(each, ColumnDetails) for name, _ in each.indexes}

    def has_nameless(self, constraint: Constraint) -> bool:
        """Return whether a table that came back has the unique constraint or key that a script gives no name."""
        place = self.names.found(Place(constraint.table.schema, constraint.table.name))
        if place not in self.tables_back or not isinstance(constraint, _OF_COLUMNS):
            return False
        self.settle(place)
        inspector, fold, of_table = inspect(self.connection), self.names.of_column, self.names.of_table
        columns = [fold(column.name) for column in constraint.columns]
        if isinstance(constraint, PrimaryKeyConstraint):
            return columns == [*map(fold, self.primary_key(place))]
        if isinstance(constraint, UniqueConstraint):
            there = inspector.get_unique_constraints(place.table, place.schema)
            return columns in [[*map(fold, map(str, each["column_names"]))] for each in there]
        targets = [element.target_fullname.rsplit(".", 2)[-2:] for element in constraint.elements]
        referred = [(of_table(table), fold(name)) for table, name in targets]
        keys = inspector.get_foreign_keys(place.table, place.schema)
        said = [
            (
                [*map(fold, each["constrained_columns"])],
                [(of_table(each["referred_table"]), fold(name)) for name in each["referred_columns"]],
            )
            for each in keys
        ]
        return (columns, referred) in said

    def primary_key(self, place: Place) -> list[str]:
        """Return the columns of the primary key of a table."""
        return self.hider.tables.primary_key(place)

    def free_trigger(self, name: str) -> None:
        """Take the name from a trigger of a hidden table, where it has it: that gets it back when it returns."""
        found = self.hider.constraints.hidden_trigger(name)
        if found is None:
            return
        roof, sql = found
        entry = next(each for each in self._attic.entries() if each.name == roof)
        details = entry.details_as(TableDetails)
        self._attic.rewrite(entry, replace(details, triggers=(*details.triggers, Named(name, sql))))
        with self.hiding(StepKind.FREE_TRIGGER, entry.place, name):
            self.hider.run_literally(f"DROP TRIGGER {self.hider.quote(name)}")

    def instead_of_type(self, statement: str) -> str | None:
        """Return what to execute where a type or a sequence is dropped or made that hidden columns use."""
        word, kind, *_ = [*statement.upper().replace("UNLOGGED ", "").split(None, 2), "", ""]
        if kind not in {"TYPE", "SEQUENCE"}:
            return None
        if word == "DROP" and (found := self.hider.types.to_hide(statement)):
            place, kind = found
            details = PostgreSQLTypeDetails(kind=kind)
            return self.hider.types.hide(self._attic.put(place, self.revision, self._direction, details))
        if word == "ALTER" and self.hider.types.has_label(statement):
            log.info("The label is there already: %s", statement)
            return NOTHING
        if word == "CREATE":
            for entry in self._types():
                if self.hider.types.is_created_by(statement, entry):
                    self._attic.note_return(entry)
                    return self.hider.types.bring_back(entry)
        return None

    def tables_with_hidden_columns(self) -> set[Place]:
        """Return the tables that hidden columns are in."""
        inside = [each for each in self._attic.entries() if each.place.column and not self._sides.is_out(each)]
        return {_table(entry.place) for entry in inside}

    def place_of(self, name: Name, column: str | None = None) -> Place:
        """Return the place of a table that a statement names, or of a column in it."""
        return self.names.found(Place(name.schema, name.table, column))

    def is_of(self, table: Place, place: Place) -> bool:
        """Return whether something is this table or a column of it, however scripts spell its name."""
        return self.names.same(_table(table), _table(place))

    def make_room(self, statement: str) -> None:
        """Let what is hidden in a table take less room, where an ALTER TABLE of the script would find none."""
        change = read(statement, self._impl.dialect.name)
        if not isinstance(change, AlterTable):
            return
        # Nothing else: an empty twin of the table is altered to see, and RENAME would have another table come of it.
        actions = [each.text for each in change.actions if each.text.split()[0].upper() in _LENGTHENING]
        if actions:
            self._make_room(self.place_of(change.table), actions)

    def _make_room(self, table: Place, actions: Sequence[str]) -> None:
        staying: set[str] = set()
        while True:
            with self.hiding(StepKind.MAKE_ROOM, table):
                going = self.hider.room.make(table, actions, staying)
            found = [entry for entry in self._attic.entries() if entry.name in going[:1]] if going else []
            if not found:
                return
            if not self._move_out(found[0]):
                staying |= {found[0].name}

    def _move_out(self, entry: Entry) -> bool:
        """Move a hidden column into a side table, where its values can follow their rows from there."""
        key = self.primary_key(entry.place)
        if not key:
            return False
        self._sides.refuse_triggers(entry)
        with self.hiding(StepKind.MOVE_OUT, entry.place, self._sides.place_of(entry).table):
            if self._sides.is_out(entry):  # a return that was broken off has left the column, and not its values
                self.hider.columns.purge(entry)
                return True
            details = self._sides.copy_out(entry, key)
            if details is None:
                return False
            self._attic.rewrite(entry, details)
            self.hider.columns.purge(entry)
        return True

    def _moved_in(self, entry: Entry) -> Entry:
        """Move a hidden column from its side table, if it is in one, back into its rows."""
        if not self._sides.is_out(entry):
            return entry
        self._sides.refuse_triggers(entry)
        self._make_room(_table(entry.place), [self._sides.adding(entry)])
        with self.hiding(StepKind.MOVE_IN, entry.place, self._sides.place_of(entry).table):
            try:
                details = self._sides.copy_in(entry)
            except DBAPIError as error:
                self._refuse_room(error, _table(entry.place))
                raise
            self._attic.rewrite(entry, details)
            self._sides.drop(entry)
        return replace(entry, details=details)

    def is_out(self, place: Place) -> bool:
        """Return whether the column that the way here had hidden is in a side table."""
        entry = self.kept(place)
        return entry is not None and self._sides.is_out(entry)

    def _is_beside(self, entry: Entry, table: Place) -> bool:
        """Return whether the values of a hidden column are in a side table of this one."""
        owner = self._sides.owner_of(entry) if self._sides.is_out(entry) else None
        return owner is not None and self.is_of(replace(table, table=owner.table), table)

    def refuse_for_room(self, error: DBAPIError) -> None:
        """Say what is in the way, where a table has no room for a column because of what is hidden in it.

        Raises:
            Refused: with what to forget.
        """
        change = read(error.statement or "", self._impl.dialect.name)
        if isinstance(change, AlterTable):
            self._refuse_room(error, self.place_of(change.table))

    def _refuse_room(self, error: DBAPIError, table: Place) -> None:
        if not self.hider.room.is_lacking(error):
            return
        hidden = self._all_in(table, table)
        before = self._hidden_before(hidden)
        if hidden:
            names = ", ".join(str(each.place) for each in hidden)
            raise Refused(
                f"{table} has no room for this beside what is hidden in it ({names}): {_on_one_line(error.statement)}",
                f"Forget some of it for good, then run the same command again: flask db purge {before[0].place}"
                if before
                else f"Drop it in a revision of its own before this one; then flask db purge {hidden[0].place}",
            ) from error

    def refuse_for_hidden(self, error: DBAPIError) -> None:
        """Say what the engine means by the name of something hidden, where that is in the way of a statement.

        Raises:
            Refused: with what to forget.
        """
        said = " ".join(str(error.orig).split())
        names = set(HIDDEN.findall(said)) | self._beside(error)
        known = [self._attic.seen[name] for name in sorted(names & self._attic.seen.keys())]
        if found := [each for each in known if self._is_meant(each, f"{error.statement} {said}")]:
            meant = ", ".join(f"{each.name} is {each.place}, hidden by revision {each.revision}" for each in found)
            before = self._hidden_before(found)
            raise Refused(
                f"what is hidden is in the way of {_on_one_line(error.statement)}: {said} ({meant})",
                "Let the script do without it"
                + (f", or forget it for good: flask db purge {before[0].place}" if before else "."),
            ) from error

    def _is_meant(self, entry: Entry, said: str) -> bool:
        """Return whether words that name something hidden name its table too: a restored one may hide the same name."""
        spoken_of = {token.name.lower() for token in tokens(said, self._impl.dialect.name)}
        roofs = [name for name, each in self._attic.seen.items() if each.place == _table(entry.place)]
        return not entry.place.column or any(name.lower() in spoken_of for name in [entry.place.table, *roofs])

    def _hidden_before(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return entries without those of this crossing: when it is taken back, there is nothing to purge."""
        return [each for each in entries if (each.revision, each.direction) != (self.revision, self._direction)]

    def _beside(self, error: DBAPIError) -> set[str]:
        """Return what is in side tables of the table whose change an error forbids, by its names in the attic."""
        change = read(error.statement or "", self._impl.dialect.name)
        if not isinstance(change, AlterTable) or not self._sides.is_in_the_way(error):
            return set()
        table = self.place_of(change.table)
        return {
            name
            for name, each in self._attic.seen.items()
            if self._sides.is_out(each) and self.is_of(table, each.place)
        }

    def refuse_other_key(self, statement: str) -> None:
        """Refuse another primary key for a table that a side table is of, which follows the former one.

        Before it is there: MariaDB lets it be, and then neither follows the rows nor finds a way back.
        """
        words = [token.word for token in tokens(statement, self._impl.dialect.name)]
        is_key = ("PRIMARY", "KEY") in pairwise(words)
        change = read(statement, self._impl.dialect.name) if is_key else None
        if isinstance(change, AlterTable):
            table = self.place_of(change.table)
            out = [each for each in self._attic.entries() if self._sides.is_out(each)]
            self._refuse_key([each for each in out if self.is_of(table, each.place)])

    def _refuse_other_keys(self) -> None:
        """Refuse what has become another primary key in a crossing, by whatever means."""
        owners = [(each, self._sides.owner_of(each)) for each in self._attic.entries() if self._sides.is_out(each)]
        for entry, owner in owners:
            key = self.primary_key(Place(entry.place.schema, owner.table)) if owner else []
            if owner and (owner.key != key or self._sides.has_other_types(entry, owner)):
                self._refuse_key([entry])

    def _refuse_key(self, out: list[Entry]) -> None:
        if out:
            raise Refused(
                f"the primary key of {_table(out[0].place)} cannot be another one while {out[0].place} is in a side"
                " table, which has this one.",
                f"Forget it for good, then run the same command again: flask db purge {out[0].place}",
            )

    def rename_tables(self, pairs: Sequence[tuple[Place, str]]) -> None:
        """Let the columns hidden in tables follow the names that these are about to get, one after the other.

        What is asked is which table they are in: the entry of a hidden table, and of what is hidden in that, may have
        the name of one that is there.
        """
        now: dict[Place, Place] = {}
        for old, new in (pair for pair in pairs if not _is_own(pair[0])):
            self.settle(old)
            now[Place(old.schema, new)] = now.pop(old, old)
        self._restores = [self._follow(restore, now) for restore in self._restores]
        self.tables_back = (self.tables_back - {*now.values()}) | {
            new for new, old in now.items() if old in self.tables_back
        }
        inspector = inspect(self.connection)
        for new_place, place in now.items():
            if self._attic.exists and inspector.has_table(place.table, place.schema):
                self._attic.follow({each.name: new_place.table for each in self._all_in(place, place)})
        self._moved_here += [(place, new_place) for new_place, place in now.items()]

    def _follow(self, restore: Restore, now: Mapping[Place, Place]) -> Restore:
        """Let what is a part of a table's text go with the table under its new name; else a statement names it."""
        new = next((new for new, old in now.items() if old == _table(restore.place)), None)
        if new is None or restore.kind not in {"part", "key to"}:
            return restore
        return replace(restore, place=replace(restore.place, table=new.table))

    @contextmanager
    def hiding(self, kind: StepKind | None = None, place: Place | None = None, entry: str = "") -> Iterator[None]:
        """Let every statement through: they are Rewind's, of this kind, or for what its statements serve already."""
        before, self.is_hiding = self.is_hiding, True
        purpose = Purpose(kind, str(place or ""), entry) if kind else current_purpose()
        try:
            with serving(purpose):
                yield
        finally:
            self.is_hiding = before

    def settle(self, table: Place | None = None, names: Collection[str] = ()) -> None:
        """Make at once what would be made at the end, in a table or of these names: they are about to change.

        Args:
            table: the one that is renamed, or a column of which is.
            names: those of tables, indexes and constraints, in small letters.
        """
        concerned = {*names, *([table.table.lower()] if table else [])}
        for restore in list(self._restores):
            if {restore.place.table.lower(), restore.name.lower()} & concerned and self._can_make(restore):
                self._restores.remove(restore)
                self._settled.add(restore.name)
                self._make(restore)

    def attach_partitions(self) -> None:
        """Let the rows of returned partitions be those of their tables again, where these are there."""
        for restore in [each for each in self._restores if each.kind == "parent" and self._can_make(each)]:
            self._restores.remove(restore)
            self._make(restore)

    def _can_make(self, restore: Restore) -> bool:
        """Return whether its table and columns are there already, and what a foreign key refers to."""
        inspector = inspect(self.connection)
        if not inspector.has_table(restore.place.table, restore.place.schema):
            return False
        if restore.kind == "parent":  # which may return behind it
            return all(self.hider.constraints.is_relation(name) for name in restore.needs)
        if not restore.needs <= {name.lower() for name in self._visible(_table(restore.place))}:
            return False
        if restore.kind == "trigger" and self.hider.constraints.has_name(restore):
            return False
        parent = referred(restore.sql, self._impl.dialect.name) if restore.kind == "constraint" else None
        return parent is None or bool(inspector.has_table(parent.table, parent.schema or restore.place.schema))

    def finish(self) -> None:
        """Make again what went with the hidden things, where the script has not done it itself."""
        self._give_names_again()
        self._fill_rebuilt_tables()
        waiting, self._restores = self._restores, []
        for restore in waiting:
            self._make(restore)
        orphaned = [each for each in self._orphaned if self._can_make(each)]
        if orphaned:
            with self.hiding(), self.hider.constraints.unchecked_keys():
                for restore in orphaned:
                    self._make(restore)
        self._refuse_other_keys()
        with self.hiding(StepKind.NAME_INDEX):
            self.hider.key_indexes.settle()

    def _give_names_again(self) -> None:
        with self.hiding(StepKind.NAME_AGAIN):
            self.hider.tables.give_names_again()

    def let_go(self) -> None:
        """End the crossing, which nothing can take back any more."""
        with self.hiding(StepKind.CLEAN_UP):
            self.hider.let_go()

    def expect_foreign_key(self, table: Place) -> None:
        """Note that the script is about to add a foreign key: going down, its index gets the name it had."""
        if self._direction == "down":
            self.hider.key_indexes.expect_foreign_key(table)

    def drop_index_of_key(self, table: Place, index: str) -> bool:
        """Drop an index that a foreign key needs, with another one in its place; return False where none does."""
        with self.hiding(StepKind.LEAVE_INDEX, table, index):
            return self.hider.key_indexes.drop_index(table, index)

    def _make(self, restore: Restore) -> None:
        there = inspect(self.connection).has_table(restore.place.table, restore.place.schema)
        if (
            there
            and not self.hider.constraints.has(restore)
            and not self.hider.constraints.has_like(restore, self._own)
        ):
            if restore.kind == "trigger":
                self.free_trigger(restore.name)
                if self.hider.constraints.has_name(restore):  # the fingerprint says what is missing
                    return
            with self.hiding(StepKind.MAKE_AGAIN):
                self.hider.constraints.make(restore)

    def is_there(self, place: Place) -> bool:
        """Return whether the database has the table or column."""
        inspector = inspect(self.connection)
        if not inspector.has_table(place.table, place.schema):
            return False
        if place.column is None:
            return True
        fold = self.names.of_column
        return fold(place.column) in {fold(name) for name in columns_of(inspector, place.schema, place.table)}

    def _types(self) -> list[Entry]:
        found = self._attic.types_hidden_by(self.revision, _OPPOSITE[self._direction])
        return [each for each in found if each.details.engine == self._attic.engine]

    def _return_types(self) -> None:
        for entry in self._types():
            self._attic.note_return(entry)
            with self.hiding(StepKind.BRING_BACK, entry.place, entry.name):
                self.hider.run_literally(self.hider.types.bring_back(entry))

    def hidden_in_other_schemas(self) -> list[Place]:
        """Return what the way here had hidden outside the default schema, the only one that is described."""
        way = (self.revision, _OPPOSITE[self._direction])
        entries = [each for each in reversed(self._attic.entries()) if (each.revision, each.direction) == way]
        return [each.place for each in entries if each.place.schema and not each.place.is_type]

    def kept(self, place: Place) -> Entry | None:
        """Return the newest entry that the opposite crossing hid at `place`, if its column or table still exists.

        Raises:
            Refused: where another engine hid it.
        """
        found = self._attic.hidden_by(self.revision, _OPPOSITE[self._direction], place)
        if not found:
            return None
        inspector = inspect(self.connection)
        is_inside = place.column is not None and self.is_there(_table(place))
        columns = columns_of(inspector, place.schema, place.table) if is_inside else {}
        for entry in found:
            is_hidden_table = not place.column and inspector.has_table(entry.name, place.schema)
            if is_hidden_table or entry.name in columns or (is_inside and self._is_beside(entry, place)):
                entry.refuse_other_engine(self._attic.engine)
                return entry
        return None

    def _fits(self, entry: Entry, column: Column[Any]) -> bool:
        place = entry.place
        reflected: Mapping[str, Any] = columns_of(inspect(self.connection), place.schema, place.table)[entry.name]
        there: Column[Any] = Column(column.name, _type(reflected))
        former = self.hider.type_changes.type_when_hidden(entry)
        types = [there, *([Column(column.name, former)] if former is not None else [])]
        if isinstance(column.type, NullType):  # SQLAlchemy does not know the type, so there is nothing to compare
            return True
        if any(not self._impl.compare_type(each, column) for each in types):
            return True
        log.warning(
            "%s was %s when it was hidden and is %s now: the old values stay in the attic as %s.",
            place,
            there.type,
            column.type,
            entry.name,
        )
        return False

    def has_columns(self, entry: Entry, columns: Collection[str]) -> bool:
        """Return whether a hidden table has these columns, hidden ones included; say so in the log where not."""
        place = entry.place
        fold = self.names.of_column
        there = {fold(name) for name in self._visible(Place(place.schema, entry.name))}
        roof = Place(place.schema, entry.name)
        if all(fold(name) in there or self._hidden_in(roof, place, name) for name in columns):
            return True
        log.warning("%s has other columns than when it was hidden: the old table stays as %s.", place, entry.name)
        return False

    def _visible(self, place: Place) -> list[str]:
        names = columns_of(inspect(self.connection), place.schema, place.table)
        return [name for name in names if not name.startswith(PREFIX)]

    def _hidden_in(self, table: Place, called: Place, column: str) -> list[Entry]:
        """Return the newest entry, if any, of a column that this same crossing had hidden in a table before."""
        way = (self.revision, self._direction)
        inside = reversed(self._all_in(table, called))
        found = [entry for entry in inside if (entry.revision, entry.direction) == way]
        return [entry for entry in found if self.names.same(entry.place, replace(called, column=column))][:1]

    def fill_nulls(self, place: Place) -> None:
        """Give rows without a value in a column that is to be NOT NULL again the one that ``--fill`` says.

        Raises:
            Refused: where it says none.
        """
        count = self.hider.values.nulls_in(place)
        if not count:
            return
        fill = self._fill_for(place)
        if fill is None:
            raise Refused(
                f"{place} becomes NOT NULL again, and {count} rows have no value in it.",
                f"Say what these get, as SQL: --fill \"{place}=''\"",
            )
        with self.hiding(StepKind.FILL, place):
            self.hider.values.fill(place, str(place.column), fill, f"{self.hider.quote(str(place.column))} IS NULL")
        self.filled.add(place)

    def _fill_for(self, place: Place) -> str | None:
        """Return the SQL expression that ``--fill`` gives a column."""
        return next((fill for name, fill in self._fills.items() if self.names.are_of(name, place)), None)

    def _fill_of(self, entry: Entry, column: Column[Any]) -> str | None:
        return self._fill_for(entry.place) or alembic_private.default_text(self._impl, column)


def _on_one_line(statement: str | None) -> str:
    return " ".join((statement or "").split())


def _is_own(place: Place) -> bool:
    return is_own_table(place.table) or is_hidden(place.column)


def _table(place: Place) -> Place:
    return Place(place.schema, place.table)


def _type(reflected: Mapping[str, Any]) -> TypeEngine[Any]:
    kind: TypeEngine[Any] = reflected["type"]
    return kind


def _is_part_of(inner: Place, outer: Place) -> bool:
    return outer.column is None and (inner.schema, inner.table) == (outer.schema, outer.table)
