"""Data statements that a crossing had committed before it was interrupted: when it runs again, they are left out.

MariaDB commits them with the next DDL statement, and their changes of rows cannot be taken back.
"""

import hashlib
import re
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from flask_rewind.errors import Refused
from flask_rewind.sql.tokenizer import shortened
from flask_rewind.steps import Effect, Step


def effect_of(cursor: Any, parameters: Any) -> Callable[[], Effect]:
    """Return a function that makes the effect of a data statement which a driver's cursor has just executed."""
    rows, last_id = cursor.rowcount, getattr(cursor, "lastrowid", None)
    return lambda: Effect(digest_of(parameters), rows, last_id if isinstance(last_id, int) else None)


def digest_of(parameters: Any) -> str:
    """Return a digest of the parameters of a statement; equal values give equal digests in every process."""
    rows = parameters if isinstance(parameters, list) else [parameters]
    said = [sorted(row.items()) if isinstance(row, dict) else list(row or ()) for row in rows]
    return hashlib.sha256(repr(said).encode()).hexdigest()


_RETURNING = re.compile(r"\bRETURNING\b", re.IGNORECASE)


class CommittedStatements:
    """The statements that a crossing must still leave out, in order."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._left = deque(steps)

    def takes(self, step: Step, parameters: Any) -> Effect | None:
        """Return the effect of a statement if it is the next one to leave out; None if no statement is left.

        Raises:
            Refused: if the script executes another statement.
        """
        if not self._left:
            return None
        done = self._left[0]
        if done.effect is None or (done.statement, done.effect.digest) != (step.statement, digest_of(parameters)):
            self._refuse(f"the script executes {shortened(step.statement)} in its place, or the same with other values")
        if _RETURNING.search(step.statement):
            self._refuse("the rows that it had returned are not known any more")
        self._left.popleft()
        return done.effect

    def refuse_rest(self) -> None:
        """Refuse to end a crossing whose script did not execute all these statements again.

        Raises:
            Refused: with the first missing one.
        """
        if self._left:
            self._refuse("the script has ended without it")

    def _refuse(self, what: str) -> None:
        done = self._left[0]
        raise Refused(
            "the revision was interrupted after this statement had been committed, so it is left out now, and the "
            f"script cannot go on from there: {shortened(done.statement)}. Instead, {what}.",
            "Let the script execute the same data statements as before; or keep the rows as they are and run it from "
            "the start next time: flask db abort",
        )
