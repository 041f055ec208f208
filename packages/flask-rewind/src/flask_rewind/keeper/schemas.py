"""Hidden tables and types in a schema that a script drops or creates."""

from flask_rewind.attic_entries import Entry
from flask_rewind.keeper.context import CrossingContext
from flask_rewind.steps import StepKind


class HiddenInSchemas:
    """Moves hidden things out of a schema before it is dropped, and back after it is created."""

    def __init__(self, crossing: CrossingContext) -> None:
        self._crossing = crossing
        self._schemas = crossing.hider.schemas

    def leave(self, schema: str) -> None:
        """Move what is hidden in a schema into the default one, because the script drops the schema."""
        for entry in self._of(schema):
            with self._crossing.hiding(StepKind.LEAVE_SCHEMA, entry.place, entry.name):
                self._schemas.move_out(entry)

    def is_awaited(self, schema: str) -> bool:
        """Return whether something was moved out of a schema."""
        return any(map(self._schemas.is_out, self._of(schema)))

    def enter(self, schema: str) -> None:
        """Move back into a schema what was moved out of it."""
        for entry in self._of(schema):
            with self._crossing.hiding(StepKind.ENTER_SCHEMA, entry.place, entry.name):
                self._schemas.move_in(entry)

    def make_again(self, schema: str) -> None:
        """Create a schema that a crossing dropped, if something was moved out of it, and move that back."""
        if self.is_awaited(schema):
            self._schemas.make(schema)
            self.enter(schema)

    def _of(self, schema: str) -> list[Entry]:
        """Return the entries of tables and types; a hidden column moves with its table."""
        found = [each for each in self._crossing.attic.entries() if each.place.schema == schema]
        return [each for each in found if not each.place.column and each.details.engine == self._crossing.attic.engine]
