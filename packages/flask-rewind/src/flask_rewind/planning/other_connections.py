"""Refuse writes of a script on its own connections while a plan is made."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from flask_rewind.engines.registry import parts_named
from flask_rewind.engines.stand_in import Opaque
from flask_rewind.sql.statements import READING, split, verb

_here = threading.local()


@contextmanager
def writing_elsewhere_refused(engines: list[Engine]) -> Iterator[None]:
    """Refuse statements of this thread that would change a real database: scripts may open their own connections."""
    for engine in engines:
        # The listener is never removed: that is not safe while other threads run.
        if not event.contains(engine, "before_cursor_execute", _refuse_write):
            event.listen(engine, "before_cursor_execute", _refuse_write)
    _here.is_planning = True
    try:
        yield
    finally:
        _here.is_planning = False


def _refuse_write(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
    if not getattr(_here, "is_planning", False) or connection.info.get("rewind_shadow"):
        return
    dialect = connection.dialect.name
    is_reading = all(verb(part, dialect) in READING | {"SET", "USE"} for part in split(statement, dialect))
    if not is_reading or _changes_what_stays(statement, dialect):
        raise Opaque("the script writes through its own connection, not Alembic's")


def _changes_what_stays(statement: str, dialect: str) -> bool:
    """Return whether a statement that only reads calls a function whose effect no rollback undoes."""
    parts = parts_named(dialect)
    return parts is not None and parts.engine.reading_may_change and bool(parts.reaches_past(statement))
