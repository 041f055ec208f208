"""A factory of small apps, which takes the models as a function, so that a test can change them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_rewind import Rewind
from flask_sqlalchemy import SQLAlchemy

pytest.register_assert_rewrite(
    "histories",
    "hard_cases",
    "schema_texts",
    "broken_moves",
    "random_walks",
    "trips",
    "waiting_moves",
    "whole_database",
)

Models = Callable[[Any], None]


@pytest.fixture
def make_app(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Return a function that makes an app at an address, with models, in an app context that lasts for the test."""
    made: list[tuple[Flask, SQLAlchemy]] = []
    with ExitStack() as stack:

        def make(url: str, models: Models = lambda db: None, *, extension: Any = Rewind, **options: Any) -> Flask:
            for app, db in made:  # one app at a time is what a process of a user has
                with app.app_context():
                    db.engine.dispose()
            app = Flask("blog")
            app.config["SQLALCHEMY_DATABASE_URI"] = url
            app.config.update(options.pop("config", {}))
            db = SQLAlchemy(**options.pop("database", {}))
            db.init_app(app)
            models(db)
            extension(app, db, **({"directory": str(tmp_path / "migrations")} | options))
            app.extensions["db"] = db
            stack.enter_context(app.app_context())
            made.append((app, db))
            return app

        yield make
        for app, db in made:
            with app.app_context():
                for engine in db.engines.values():
                    engine.dispose()


@pytest.fixture
def directory(make_app: Callable[..., Flask], database_url: str, tmp_path: Path) -> tuple[Flask, Path]:
    """Return an app and the folder of its revisions, for random histories."""
    return make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}), tmp_path / "migrations"
