"""The values that the journal takes and gives back."""

import getpass
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask_rewind.steps import Step


def now() -> datetime:
    """Return the time in UTC, without a time zone."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for."""

    command: str
    target: str
    options: Mapping[str, Any] = field(default_factory=dict)
    since: datetime = field(default_factory=now)
    """UTC, without a time zone."""


@dataclass(frozen=True, slots=True)
class Script:
    """What the journal keeps of a revision script."""

    revision: str
    message: str
    parents: list[str]
    source: str
    """Its text, for reading; it is never executed from here."""


@dataclass(frozen=True, slots=True)
class BegunCrossing:
    """A crossing whose version row is not committed, as the journal has it."""

    number: int
    revision: str
    direction: str
    session: str
    """The server's number for the connection that made the move; empty where it is not known."""
    who: str
    """User, host and process of the move."""
    started_at: datetime
    schema_found: str
    """See `Journal.begin_crossing`."""
    steps: list[Step]
    """What was executed, in order."""
    is_last_done: bool
    """Whether the last step is known to be done; else it was about to be executed when the process ended."""


def who() -> str:
    """Return user, host and process."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container whose user has no name
        user = str(os.getuid())
    return f"{user} on {socket.gethostname()}, process {os.getpid()}"
