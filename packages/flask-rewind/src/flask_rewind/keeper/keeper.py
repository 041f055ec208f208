"""What one crossing keeps, put together."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import inspect

from flask_rewind.attic_entries import HIDDEN, Entry, Place
from flask_rewind.keeper.compatibility import Compatibility
from flask_rewind.keeper.context import CrossingContext
from flask_rewind.keeper.drops import Drops, is_own
from flask_rewind.keeper.hidden_types import HiddenTypes
from flask_rewind.keeper.key_indexes import KeyIndexes
from flask_rewind.keeper.lookup import Lookup
from flask_rewind.keeper.outcome import Outcome
from flask_rewind.keeper.recreation import Recreation
from flask_rewind.keeper.refusals import Refusals
from flask_rewind.keeper.returns import Returns
from flask_rewind.keeper.room import Room
from flask_rewind.keeper.values import Values
from flask_rewind.sql.changes import NewType
from flask_rewind.sql.tokenizer import shortened
from flask_rewind.steps import Purpose, StepKind

log = logging.getLogger("alembic.runtime.migration")


def _ignore(statement: str, purpose: Purpose) -> None:
    """Take no note of a statement that is not executed."""


class Keeper:
    """Keeps what one crossing drops: its parts, and what concerns all of them.

    Args:
        crossing: what the parts share.
        note_left_out: takes down a statement of the script that is not executed, and why.
    """

    def __init__(self, crossing: CrossingContext, note_left_out: Callable[[str, Purpose], None] = _ignore) -> None:
        self.crossing = crossing
        self._note_left_out = note_left_out
        self.outcome = Outcome()
        self.lookup = Lookup(crossing)
        self.compatibility = Compatibility(crossing, self.lookup)
        self.types = HiddenTypes(crossing)
        self.key_indexes = KeyIndexes(crossing)
        self.refusals = Refusals(crossing, self.lookup)
        self.room = Room(crossing, self.refusals)
        self.recreation = Recreation(crossing, self.outcome)
        self.values = Values(crossing, self.outcome, self.lookup)
        self.drops = Drops(crossing, self.outcome, self.lookup, self.recreation)
        self.returns = Returns(
            crossing,
            self.outcome,
            self.lookup,
            compatibility=self.compatibility,
            drops=self.drops,
            recreation=self.recreation,
            room=self.room,
            types=self.types,
        )

    def rename_tables(self, pairs: Sequence[tuple[Place, str]]) -> None:
        """Let the entries of columns hidden in tables follow the new names that these are about to get, in order.

        The columns that the table has now decide: the entry of a hidden table may have the same name.
        """
        former: dict[Place, Place] = {}
        for old, new in (pair for pair in pairs if not is_own(pair[0])):
            self.recreation.create_pending(old)
            former[Place(old.schema, new)] = former.pop(old, old)
        self.recreation.follow_renames(former)
        attic, inspector = self.crossing.attic, inspect(self.crossing.connection)
        for new_place, place in former.items():
            if attic.exists and inspector.has_table(place.table, place.schema):
                attic.follow({each.name: new_place.table for each in self.lookup.all_in(place, place)})
        self.outcome.note_renames(former)

    def accept_type(self, place: Place, wanted: NewType) -> None:
        """Note what a column loses with its new type.

        Raises:
            Refused: where its values would change permanently.
        """
        self.crossing.hider.type_changes.refuse_losses(place, wanted)
        if lost := self.crossing.hider.type_changes.clauses_lost(place, wanted):
            said = f"{place} loses {', '.join(lost)}: its new definition does not repeat it."
            log.warning("%s", said)
            self.outcome.warnings.append(said)

    def leave_out(self, statements: Sequence[str], names: Sequence[str]) -> None:
        """Note that statements of the script are not executed, because these names are Rewind's or hidden."""
        seen, named = self.crossing.attic.seen, ", ".join(dict.fromkeys(names))
        numbers = [found[0] for name in names if (found := HIDDEN.match(name.lower()))]
        hidden = {str(seen[each].place): None for each in numbers if each in seen}
        for statement in statements:
            log.warning("Skipped, because %s belongs to Flask-Rewind: %s", named, shortened(statement))
            self._note_left_out(statement, Purpose(StepKind.LEFT_OUT, ", ".join(hidden), named))

    def finish(self) -> None:
        """Create again what went with the hidden things, where the script has not done it itself.

        Raises:
            Refused: where the script has changed a primary key that a side table needs.
        """
        self.recreation.restore_names()
        self.values.fill_replaced_tables()
        self.recreation.create_all()
        self.refusals.refuse_changed_keys()
        self.key_indexes.finish()

    def drop_markers(self) -> None:
        """Drop what only the way back through this crossing needs: nothing takes it back any more."""
        with self.crossing.hiding(StepKind.CLEAN_UP):
            self.crossing.hider.drop_markers()

    def warnings(self) -> list[str]:
        """Return what the app should know: of columns hidden in their rows, and of those that lose something."""
        entries = self.crossing.attic.entries()
        hidden = [each for each in entries if each.place.column and self.crossing.is_of_this(each)]
        there = [each for each in hidden if self._is_in_its_table(each)]  # not those in side tables
        found = [(each.place, self.crossing.hider.columns.insert_without(each)) for each in there]
        return self.outcome.warnings + [
            f"While {place} is hidden, an INSERT into its table that names no columns {what}."
            " Let the app name the columns."
            for place, what in found
            if what
        ]

    def _is_in_its_table(self, entry: Entry) -> bool:
        return self.crossing.is_there(replace(entry.place, column=entry.name))
