"""Restore what a crossing down may leave out without harm to rows: the default of a column, and comments.

Types, NULL, keys, constraints, indexes, columns and tables are not restored: rows inserted in between may not fit them,
or the statement may take long.
"""

import logging

from flask_rewind.attic_entries import Place
from flask_rewind.describing import Change, Part
from flask_rewind.engines.schema_restorer import Restorer
from flask_rewind.keeper import Keeper
from flask_rewind.steps import StepKind

log = logging.getLogger("alembic.runtime.migration")


class LostAttributes:
    """Restores defaults and comments that a crossing down has left out."""

    def __init__(self, keeper: Keeper, restorer: Restorer) -> None:
        self._keeper = keeper
        self._restorer = restorer

    def has(self, change: Change) -> bool:
        """Return whether a crossing down left a difference that is only a default or a comment."""
        before, after = change.before, change.after
        if before is None or after is None or before.kind not in {"column", "table"}:
            return False
        if before.kind == "table":
            return (
                self._restorer.table_without_comment(before) == self._restorer.table_without_comment(after) is not None
            )
        numbers = any("nextval(" in part.sql.lower() for part in (before, after))
        return not numbers and self._restorer.column_without_default(before) == self._restorer.column_without_default(
            after
        )

    def put_back(self, before: Part, after: Part) -> None:
        """Restore the default or comment from before the crossing up, and log a warning."""
        is_default = before.kind == "column" and self._restorer.without_comment(
            before
        ) != self._restorer.without_comment(after)
        place = Place(None, before.table, before.name or None)
        said, kind = ("default", StepKind.PUT_DEFAULT_BACK) if is_default else ("comment", StepKind.PUT_COMMENT_BACK)
        log.warning("downgrade() leaves out the %s of %s; Flask-Rewind restores it.", said, place)
        with self._keeper.crossing.hiding(kind, place):
            if before.kind == "column":
                self._restorer.change_column(before, after)
                self._restorer.finish()
            else:
                self._restorer.run(self._restorer.commenting(before))
