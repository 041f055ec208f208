"""Qingbo's exceptions, with a message and a hint.

::

    QingboError
    ├── SetupError              the blog cannot start; a command line shows it and exits with 1
    │   ├── NoBlogHere          there is no data folder
        │   ├── BadSettings         a setting is unknown or has an invalid value
    │   ├── FolderNotWritable   the data folder cannot be written
    │   ├── DatabaseDown        the database does not answer
        │   ├── SchemaDiffers       the database does not have this code's schema
        │   ├── PortTaken           another program listens on the port
        │   ├── AlreadyServed       another `qingbo serve` serves the data folder
        │   ├── BackupFailed        a backup could not be made
        │   ├── ArchiveRefused      a file is no backup that this version can use; nothing was changed
        │   ├── RestoreRefused      the blog is not one to restore into; nothing was changed
        │   ├── RestoreFailed       a restore was given up; the rows are what they were
        │   └── MoveRefused     an upgrade or rollback would be refused; nothing was changed
        └── InputRefused            a person's input is invalid; nothing was changed
        ├── ChangedMeanwhile
        ├── NameTaken
        └── NotFound
"""

import click


class QingboError(Exception):
    """The base class of Qingbo's exceptions."""


class SetupError(QingboError, click.ClickException):
    """The blog cannot start. ``hint`` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        click.ClickException.__init__(self, message)
        self.hint = hint

    def format_message(self) -> str:
        """Return the message and, on a separate line, the hint."""
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class NoBlogHere(SetupError):
    """The data folder is missing."""


class BadSettings(SetupError):
    """A setting is unknown or has an invalid value."""


class FolderNotWritable(SetupError):
    """The data folder, or a file in it, cannot be written."""


class DatabaseDown(SetupError):
    """The database does not answer."""


class SchemaDiffers(SetupError):
    """The database does not have this code's schema."""


class PortTaken(SetupError):
    """Another program listens on the port."""


class AlreadyServed(SetupError):
    """Another `qingbo serve` serves the data folder."""


class BackupFailed(SetupError):
    """A backup could not be made."""


class ArchiveRefused(SetupError):
    """A file is no backup, is damaged, or was made by a newer Qingbo; nothing was changed."""


class RestoreRefused(SetupError):
    """The blog cannot take a backup as it is; nothing was changed."""


class RestoreFailed(SetupError):
    """A restore was given up; the rows of the blog are what they were."""


class MoveRefused(SetupError):
    """The database cannot be moved as it was asked; nothing was changed."""


class ExportFailed(SetupError):
    """The blog could not be exported."""


class InputRefused(QingboError):
    """A person's input is invalid; the text says why, and nothing was changed."""


class ChangedMeanwhile(InputRefused):
    """A post was saved by somebody else, or in another window, since its form was opened."""


class NameTaken(InputRefused):
    """Another account has the name."""


class NotFound(InputRefused):
    """There is no such account, post or comment."""
