"""Rewind's exceptions: each has a message, a hint and an exit code.

::

    RewindError                 exit code 1
    ├── NotSetUp                no Rewind on this app, or no migrations directory yet
    ├── BadSetting              a REWIND_… setting has an unknown name or a bad value
    ├── DatabaseFailed          the database did not execute a statement
    │   └── DatabaseUnreachable the server or file could not be opened, or the connection was lost
    ├── RevisionNotFound        no such revision in the scripts
    ├── SeveralHeads            one head is needed, and the history has several
    ├── NotAtHead               the database is not at the newest revision
    ├── ModelsDiffer            `check`: the models and the database differ
    ├── DefaultNeeded           a new NOT NULL column without a default for a table that has rows
    ├── BadScript               a revision script cannot be read
    ├── CrossingFailed          a revision script failed while it ran
    ├── CopyFailed              the copy of a SQLite file before a move could not be made
    ├── Refused                 the move would lose something; exit code 3
    ├── LeaseTaken              another move, or on SQLite another program that writes, holds the database
    ├── LeaseLost               on a cluster, the move lost its lease before its end
    ├── Blocked                 another session held a lock for longer than the move waits
    ├── NotKept                 `purge`: the attic has nothing of that name
    ├── NoWay                   `checkout`: the revision is neither above nor below the current one
    └── BadRequest              anything else that Alembic or Rewind refuses

They are click exceptions, so that every click command line (``flask db``, an app's own) shows them as messages.
"""

from typing import IO, Any

import click

from flask_rewind.typed import as_typed


class RewindError(click.ClickException):
    """The base class. ``message`` says what failed and where, ``hint`` what to type next."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self._context = click.get_current_context(silent=True)

    def format_message(self) -> str:
        """Return the message and, on the next line, the hint, with commands as the user can type them."""
        return as_typed(f"{self.message}\n{self.hint}" if self.hint else self.message, self._context)

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the error to `file`, standard error by default."""
        click.echo(f"Error: {self.format_message()}", file=file, err=file is None)


class NotSetUp(RewindError):
    """The app has no Rewind, or the migrations directory is missing."""


class BadSetting(RewindError):
    """A setting of the app has an unknown name or a bad value."""


class DatabaseFailed(RewindError):
    """The database did not execute a statement that belongs to no revision script."""


class DatabaseUnreachable(DatabaseFailed):
    """The database did not answer."""


class RevisionNotFound(RewindError):
    """The scripts have no such revision."""


class SeveralHeads(RewindError):
    """One head is needed, and the history has several."""


class NotAtHead(RewindError):
    """The database is not at the newest revision."""


class ModelsDiffer(RewindError):
    """The models and the database differ."""


class DefaultNeeded(RewindError):
    """A NOT NULL column without a server default would be added to a table with rows."""


class BadScript(RewindError):
    """A revision script cannot be read."""


class CrossingFailed(RewindError):
    """A revision script failed; ``revision`` and ``path`` say which."""

    def __init__(self, message: str, hint: str = "", *, revision: str = "", path: str = "") -> None:
        super().__init__(message, hint)
        self.revision = revision
        self.path = path


class Refused(RewindError):
    """To go on would lose something. The message says what, where and how much."""

    exit_code = 3

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the refusal, which begins with ``refused:``, to `file`, standard error by default."""
        click.echo(f"refused: {self.format_message()}", file=file, err=file is None)


class LeaseTaken(RewindError):
    """Another move, or on SQLite another program that writes, holds the database and has not ended in time."""


class LeaseLost(RewindError):
    """On a cluster, the lease expired while the move ran. Another move may have begun, so this one stopped."""


class Blocked(RewindError):
    """Another session held a lock for longer than ``--budget`` lets the command wait; a crossing is taken back."""


class NotKept(RewindError):
    """The attic has nothing of that name."""


class CopyFailed(RewindError):
    """A SQLite file could not be copied, so the move did not start."""


class NoWay(RewindError):
    """The revision is neither above nor below the current one."""


class BadRequest(RewindError):
    """Alembic, with its own message, or Rewind refused the request."""
