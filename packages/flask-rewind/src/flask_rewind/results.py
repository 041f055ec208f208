"""The results of commands: plain, frozen values. Nothing here uses a database, Alembic or a terminal."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_rewind.steps import Purpose


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision script."""

    id: str
    message: str
    parents: tuple[str, ...]
    branch_labels: tuple[str, ...]
    depends_on: tuple[str, ...]
    path: Path
    is_head: bool
    is_base: bool
    is_branch_point: bool
    is_merge_point: bool
    is_current: bool
    line: str
    """The line that Alembic prints for it in this listing."""
    details: str
    """The paragraph that Alembic prints for it with ``--verbose``."""


@dataclass(frozen=True, slots=True)
class BranchPoint:
    """A revision with more than one child."""

    revision: Revision
    children: tuple[Revision, ...]


@dataclass(frozen=True, slots=True)
class Crossing:
    """One revision passed in one direction."""

    revision: str
    direction: str
    """``up`` or ``down``."""
    message: str
    bind: str
    """The bind key of the database, empty for the default one."""


@dataclass(frozen=True, slots=True)
class Move:
    """One run over revisions: the crossings, and the revisions of the databases before and after, by bind key."""

    crossings: tuple[Crossing, ...]
    before: dict[str, tuple[str, ...]]
    after: dict[str, tuple[str, ...]]
    copies: tuple[Path, ...] = ()
    """The verified copies of SQLite files that were made before the move."""
    sql: str = ""
    """The SQL of a move that only prints it."""


@dataclass(frozen=True, slots=True)
class Aborted:
    """An interrupted crossing that was taken back."""

    bind: str
    revision: str
    direction: str
    staying: tuple[str, ...]
    """Data statements that had been committed: what they did to rows stays."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One hidden thing in the attic."""

    bind: str
    """The bind key of the database, empty for the default one."""
    name: str
    """Its name in the database while it is hidden."""
    kind: str
    """``column``, ``table`` or ``type``."""
    table: str
    """The table, with its schema if that is not the default one; for a type, the name of the type."""
    column: str
    """Empty for a whole table or a type."""
    revision: str
    """The revision that hid it; empty if no move brings it back: after a `stamp`, or after a crossing that failed."""
    direction: str
    """``up`` or ``down``."""
    since: str
    """UTC, ISO 8601."""
    rows: int
    """Rows of the table; for a column, rows where it has a value."""
    bytes: int
    """The size of the values, without the engine's overhead."""

    @property
    def place(self) -> str:
        """``table`` or ``table.column``."""
        return f"{self.table}.{self.column}" if self.column else self.table


@dataclass(frozen=True, slots=True)
class Ejected:
    """What became of one hidden thing when Rewind was removed."""

    kept: Kept
    now: str
    """``table`` or ``table.column`` under which it is visible again; empty if it was purged."""


@dataclass(frozen=True, slots=True)
class UnfinishedCrossing:
    """A crossing that was interrupted on an engine that commits every DDL statement."""

    revision: str
    direction: str
    started_at: str
    """UTC, ISO 8601."""
    where: str
    """User, host and process of the run."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One statement that a move would execute."""

    statement: str
    purpose: Purpose
    table: str
    """The table that it concerns; empty if it concerns none or several."""
    verdict: str
    """``lossless``, ``needs fill`` (newborn rows get a value), ``needs check`` (existing rows may not allow it), or
    ``one-way`` (no move takes it back)."""
    lock: str
    """The lock that it takes, in the engine's own words."""
    algorithm: str
    """How the engine does it, in the engine's own words where it has some."""
    rows: int | None
    """Approximate rows of the table; None if they do not matter or there is no such table."""
    undo: str
    """How it is taken back."""


@dataclass(frozen=True, slots=True)
class PlannedCrossing:
    """One crossing that a move would make."""

    bind: str
    revision: str
    direction: str
    message: str
    steps: tuple[PlannedStep, ...]
    opaque: str
    """Why the following steps are not known; empty if all steps are."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a move would do."""

    crossings: tuple[PlannedCrossing, ...]
    before: dict[str, tuple[str, ...]]
    """Where the databases are, by bind key."""
    refused: str
    """Why the move would be refused, and what to type; empty if it would not be."""
    warnings: tuple[str, ...] = ()
    """What a move cannot guarantee here, and what the app must avoid after it."""


@dataclass(frozen=True, slots=True)
class LoggedStep:
    """One statement of a crossing, as the journal has it."""

    statement: str
    purpose: Purpose
    state: str
    """``done``; ``left out``, see the purpose; ``failed``: it changed nothing; ``announced``: it was about to be
    executed when the run was interrupted."""
    milliseconds: int


@dataclass(frozen=True, slots=True)
class LoggedCrossing:
    """One crossing, as the journal has it."""

    revision: str
    direction: str
    message: str
    state: str
    """``done``, ``begun`` (it is running, or was interrupted), ``taken back``, or ``stamped`` (a stamp ended it)."""
    started_at: str
    """UTC, ISO 8601."""
    seconds: float | None
    """None if it did not end."""
    steps: tuple[LoggedStep, ...]


@dataclass(frozen=True, slots=True)
class LoggedMove:
    """One run that changed the revision of a database or deleted from its attic, as the journal has it."""

    bind: str
    """The bind key of the database, empty for the default one."""
    number: int
    command: str
    """``upgrade``, ``downgrade``, ``checkout``, ``stamp`` or ``purge``."""
    target: str
    options: dict[str, Any]
    who: str
    """User, host and process."""
    before: tuple[str, ...]
    after: tuple[str, ...] | None
    """None if it did not end."""
    started_at: str
    """UTC, ISO 8601."""
    seconds: float | None
    outcome: str
    """``done``, ``failed``, ``refused``, or ``begun`` (it is running, or was interrupted)."""
    error: str
    crossings: tuple[LoggedCrossing, ...]


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """Where one database is, compared with the scripts."""

    bind: str
    url: str
    """Without the password."""
    current: tuple[str, ...]
    unknown: tuple[str, ...]
    """Revisions in the database that no script here has: newer code, or another history, wrote them."""
    journal_leads_back: bool
    """Whether `downgrade --from-journal` can go back from all of these."""
    heads: tuple[str, ...]
    pending: tuple[Revision, ...]
    """The revisions that `upgrade` would cross, in order."""
    unfinished: UnfinishedCrossing | None

    @property
    def is_at_head(self) -> bool:
        """Whether nothing is pending, unknown or unfinished."""
        return not (self.pending or self.unknown or self.unfinished)


@dataclass(frozen=True, slots=True)
class Current:
    """The revisions one database is at."""

    bind: str
    url: str
    revisions: tuple[Revision, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A template that `init` can start from."""

    name: str
    synopsis: str
