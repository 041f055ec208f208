"""Indexes that MariaDB and MySQL make for foreign keys: their names, and dropping one that a key needs."""

from flask_rewind.attic_entries import Place
from flask_rewind.keeper.context import CrossingContext
from flask_rewind.steps import StepKind


class KeyIndexes:
    """Keeps the indexes of foreign keys as the script expects them."""

    def __init__(self, crossing: CrossingContext) -> None:
        self._crossing = crossing
        self._hider = crossing.hider

    def expect_foreign_key(self, table: Place) -> None:
        """Note that the script is about to add a foreign key: going down, its index gets its former name."""
        if self._crossing.direction == "down":
            self._hider.key_indexes.expect_foreign_key(table)

    def drop(self, table: Place, index: str) -> bool:
        """Drop an index that a foreign key needs, and make another for the key; return False where none needs it."""
        with self._crossing.hiding(StepKind.LEAVE_INDEX, table, index):
            return self._hider.key_indexes.drop_index(table, index)

    def finish(self) -> None:
        """Give the indexes of new foreign keys their former names."""
        with self._crossing.hiding(StepKind.NAME_INDEX):
            self._hider.key_indexes.settle()
