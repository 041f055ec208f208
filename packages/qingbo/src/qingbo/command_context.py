"""The context that commands run in: the app, on a database with this code's schema."""

import functools
from collections.abc import Callable
from typing import Any

from flask import current_app
from flask.cli import with_appcontext

from qingbo import serving
from qingbo.database import writing

Command = Callable[..., None]


def on_this_schema(*, is_reading: bool = False) -> Callable[[Command], Command]:
    """Run a command in an app context, after checking that the database has exactly this code's schema.

    Args:
        is_reading: the command only reads, so it need not wait for a writer.
    """

    def decorated(command: Command) -> Command:
        @with_appcontext
        @functools.wraps(command)
        def run(*args: Any, **options: Any) -> None:
            serving.require_own_schema(current_app)
            with writing(not is_reading):
                command(*args, **options)

        return run

    return decorated
