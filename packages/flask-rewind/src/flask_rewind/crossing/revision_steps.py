"""What a step of Alembic's says: its direction, and its script as the journal keeps it."""

from pathlib import Path

from alembic.runtime.migration import RevisionStep

from flask_rewind.journal import Script


def direction_of(step: RevisionStep) -> str:
    """Return ``up`` or ``down``."""
    return "up" if step.is_upgrade else "down"


def failed(step: RevisionStep) -> str:
    """Return how a message begins that says why a step failed."""
    return f"Revision {step.revision.revision} ({step.revision.doc}) failed going {direction_of(step)}"


def script_of(step: RevisionStep) -> Script:
    """Return the script of a step, with its text."""
    revision = step.revision
    parents = revision.down_revision or ()
    path = Path(revision.path)
    source = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    listed = [parents] if isinstance(parents, str) else list(parents)
    return Script(revision.revision, revision.doc, listed, source)
