"""A crossing down without its script: by what the journal recorded of the way up."""

import logging
from collections.abc import Callable
from typing import Any

from alembic.runtime.migration import RevisionStep

from flask_rewind.crossing.moved_database import MovedDatabase
from flask_rewind.describing import Made
from flask_rewind.details import TITLES
from flask_rewind.engines.registry import restorer_of
from flask_rewind.errors import Refused
from flask_rewind.sql.statements import DATA, verb
from flask_rewind.undoing import Undo

log = logging.getLogger("alembic.runtime.migration")


def undoing(step: RevisionStep, database: MovedDatabase) -> Callable[..., None]:
    """Return a function that undoes what the way up through a revision changed; Alembic calls it as the script."""

    def undo(**arguments: Any) -> None:
        made = _recorded(step.revision.revision, database)
        impl: Any = database.context.impl
        for statement in database.past.statements_up(step.revision.revision):
            if verb(statement, impl.dialect.name) in DATA:
                log.warning("The journal does not take back what this did to rows: %s", statement)
        Undo(impl.keeper, restorer_of(impl.keeper.crossing.hider), made.changes, made.renames).run()

    return undo


def _recorded(revision: str, database: MovedDatabase) -> Made:
    recorded = database.past.changes_up(revision)
    if not recorded:
        raise Refused(
            f"the journal does not know what the upgrade() of revision {revision} changed in this database.",
            "Go back by the script: flask db downgrade",
        )
    made = Made.read(recorded)
    if not made.is_of(database.connection.dialect.name):
        raise Refused(
            f"the journal recorded the upgrade() of revision {revision} on {TITLES[made.engine]}, in its own SQL.",
            "Go back by the script: flask db downgrade",
        )
    return made
