"""What can go wrong, as exceptions with a message and a hint.

::

    QingboError
    ├── SetupError              the blog cannot start; a command line shows it and exits with 1
    │   ├── NoBlogHere          there is no data folder
    │   ├── BadSettings         a setting has an unknown name or a bad value
    │   ├── FolderNotWritable   the data folder cannot be written
    │   ├── DatabaseDown        the database does not answer
    │   ├── SchemaDiffers       the schema is not this code's
    │   ├── PortTaken           another program listens there
    │   └── AlreadyServed       another server serves the data folder
    └── InputRefused            what a person gave cannot be taken; nothing was changed
        ├── ChangedMeanwhile
        ├── NameTaken
        └── NotFound
"""

import click


class QingboError(Exception):
    """The root of what Qingbo raises."""


class SetupError(QingboError, click.ClickException):
    """The blog cannot start as it is. ``hint`` says what to type next."""

    def __init__(self, message: str, hint: str = "") -> None:
        click.ClickException.__init__(self, message)
        self.hint = hint

    def format_message(self) -> str:
        """Return the message and, on a line of its own, the hint."""
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class NoBlogHere(SetupError):
    """The data folder is missing."""


class BadSettings(SetupError):
    """A setting is unknown or has a bad value."""


class FolderNotWritable(SetupError):
    """The data folder, or a file in it, cannot be written."""


class DatabaseDown(SetupError):
    """The database does not answer."""


class SchemaDiffers(SetupError):
    """The database has another schema than this code."""


class PortTaken(SetupError):
    """Another program listens on the port."""


class AlreadyServed(SetupError):
    """Another `qingbo serve` serves the data folder."""


class InputRefused(QingboError):
    """What a person gave cannot be taken; the text says why, and nothing was changed."""


class ChangedMeanwhile(InputRefused):
    """A post was saved by somebody else, or in another window, since its form was opened."""


class NameTaken(InputRefused):
    """Another account has the name."""


class NotFound(InputRefused):
    """There is no such account, post or comment."""
