"""Writing the audit log, and reading it."""

from typing import Any

from flask import has_request_context
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from qingbo.audit.models import SUBJECT_LENGTH, AuditEvent
from qingbo.extensions import client_address

PAGE = 100


def note(session: Session, action: str, subject: str = "", actor: Any = None) -> None:
    """Log an action of `actor`, by default the signed-in account, in the session's transaction."""
    if actor is None and has_request_context() and current_user.is_authenticated:
        actor = current_user
    session.add(
        AuditEvent(
            actor_id=actor.id if actor else None,
            actor_name=actor.name if actor else "",
            action=action,
            subject=subject[:SUBJECT_LENGTH],
            address=client_address()[:64] if has_request_context() else "command line",
        )
    )
    session.flush()


def newest_events(session: Session, before: int | None = None) -> list[AuditEvent]:
    """Return a page of the log and one more event, the newest first, with numbers below `before`."""
    statement = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(PAGE + 1)
    return list(session.scalars(statement.where(AuditEvent.id < before) if before else statement))
