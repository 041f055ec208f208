"""What is hidden in a schema that a script drops, or makes again."""

from flask_rewind.attic_entries import Entry
from flask_rewind.keeper.context import CrossingContext
from flask_rewind.steps import StepKind


class HiddenInSchemas:
    """Lets what is hidden make way for the end of its schema, and come back with the schema."""

    def __init__(self, crossing: CrossingContext) -> None:
        self._crossing = crossing
        self._schemas = crossing.hider.schemas

    def leave(self, schema: str) -> None:
        """Move what is hidden in a schema into the default one: the script drops the schema."""
        for entry in self._of(schema):
            with self._crossing.hiding(StepKind.LEAVE_SCHEMA, entry.place, entry.name):
                self._schemas.move_out(entry)

    def is_awaited(self, schema: str) -> bool:
        """Return whether something waits for a schema to be made again."""
        return any(map(self._schemas.is_out, self._of(schema)))

    def enter(self, schema: str) -> None:
        """Move what was hidden in a schema back into it: it is there again."""
        for entry in self._of(schema):
            with self._crossing.hiding(StepKind.ENTER_SCHEMA, entry.place, entry.name):
                self._schemas.move_in(entry)

    def make_again(self, schema: str) -> None:
        """Make a schema that a crossing had dropped, for what was hidden in it."""
        if self.is_awaited(schema):
            self._schemas.make(schema)
            self.enter(schema)

    def _of(self, schema: str) -> list[Entry]:
        """Return the entries of tables and types; a hidden column is where its table is."""
        found = [each for each in self._crossing.attic.entries() if each.place.schema == schema]
        return [each for each in found if not each.place.column and each.details.engine == self._crossing.attic.engine]
