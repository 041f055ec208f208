"""Sessions that hold a lock which a move needs, and how a message names them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_rewind.sql.tokenizer import shortened

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Blocker:
    """One session that holds a lock."""

    session: str
    """The server's number of it."""
    user: str
    host: str
    seconds: float | None
    """How old its transaction is, or its statement; None where the server does not say."""
    query: str
    """What it executes, or executed last; empty where the server does not say."""
    ended_by: str
    """The statement that ends it."""
    is_certain: bool = True
    """Whether it holds the lock; else it has an open transaction, and the server does not say on which tables."""

    def __str__(self) -> str:
        since = "" if self.seconds is None else f" for {self.seconds:.0f} s"
        query = shortened(self.query)
        return f"session {self.session} of {self.user} from {self.host}{since}{f': {query}' if query else ''}"


def held_by(blockers: Sequence[Blocker]) -> str:
    """Return who holds a lock, as the end of a sentence."""
    if not blockers:
        return "held by a session that has just ended, or that this user may not see"
    named = "; ".join(map(str, blockers[:_MOST_NAMED]))
    more = f"; and {len(blockers) - _MOST_NAMED} more" if len(blockers) > _MOST_NAMED else ""
    return f"{'' if all(each.is_certain for each in blockers) else 'probably '}held by {named}{more}"


def ending(blockers: Sequence[Blocker]) -> str:
    """Return how to end these sessions, as the start of a sentence."""
    if not blockers:
        return "Find the session that holds it, and end it or wait until it ends"
    listed = "; ".join(each.ended_by for each in blockers[:_MOST_NAMED])
    return f"Wait until that session has ended, or end it ({listed})"
