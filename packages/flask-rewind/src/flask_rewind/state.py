"""The state of Rewind in one app: the object in ``app.extensions["migrate"]``, and how to get it."""

from collections.abc import Iterable
from typing import Any, Protocol

from flask import current_app

from flask_rewind.config import Settings
from flask_rewind.errors import NotSetUp


class Extension(Protocol):
    """The part of `extension.Rewind` that the commands use."""

    directory: str
    """Where the revision scripts are."""

    def get_config(self, directory: str | None, x_arg: str | Iterable[str] | None, opts: Iterable[str] | None) -> Any:
        """Return Alembic's configuration for one command."""

    def call_configure_callbacks(self, config: Any) -> Any:
        """Pass a configuration through the functions that the app has registered."""


class RewindState:
    """The state of Rewind in one app. Old env.py files read it, so its names are those of Flask-Migrate."""

    def __init__(self, migrate: Extension, db: Any, settings: Settings, configure_args: dict[str, Any]) -> None:
        self.migrate = migrate
        self.db = db
        self.directory = migrate.directory
        self.configure_args = configure_args
        self.settings = settings

    @property
    def metadata(self) -> Any:
        """The default metadata; env.py files of Flask-Migrate 1 read it here."""
        return self.db.metadata


def current_state() -> RewindState:
    """Return the state of the current app.

    Raises:
        NotSetUp: if the app has no Rewind.
    """
    state = current_app.extensions.get("migrate")
    if not isinstance(state, RewindState):
        raise NotSetUp(
            f"The app {current_app.name!r} has no Flask-Rewind.",
            "Add it where the app is made: Rewind(app, db)",
        )
    return state
