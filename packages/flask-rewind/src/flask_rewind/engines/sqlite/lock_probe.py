"""SQLite: lock and algorithm of a statement, by its kind."""

from flask_rewind.engines.lock_probe import CATALOG, StepProbe, is_index
from flask_rewind.sql.statements import DATA, verb
from flask_rewind.steps import Step, StepKind


class SQLiteProbe(StepProbe):
    """Knows the algorithms from SQLite's documentation: SQLite has one lock and does not report its algorithms."""

    def needs(self, step: Step, table: str) -> tuple[str, str]:
        """Return lock and algorithm of a statement."""
        kind, first, algorithm = step.purpose.kind, verb(step.statement, "sqlite"), CATALOG
        if kind is StepKind.MOVE_ROWS or (kind is StepKind.DROP_DERIVED and first == "INSERT"):
            algorithm = "moves every row"
        elif is_index(step.statement):
            algorithm = "reads every row"
        elif first in DATA:
            algorithm = "changes rows"
        return "no other writer", algorithm
