"""Other blogs on each engine, to restore backups into."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from database_servers import ENGINES, empty_database
from flask import Flask
from qingbo.app import create_app
from qingbo.backups import restoring
from qingbo.backups.archive import Archive
from qingbo.backups.making import in_silence
from qingbo.backups.restoring import Restored
from qingbo.backups.tables import content_tables, next_number
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.home import DataFolder
from random_rows import content

Place = Callable[[str], Flask]


@pytest.fixture(scope="session")
def other_blogs(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Place:
    """Return a function that gives the app of another blog on an engine, at the newest revision."""
    apps: dict[str, Flask] = {}

    def app_of(engine_name: str) -> Flask:
        if engine_name not in apps:
            folder = DataFolder(tmp_path_factory.mktemp(f"other-{engine_name}"))
            folder.create()
            if engine_name != "sqlite":
                address = empty_database(engine_name, f"rewind_test_other_{worker_id}")
                folder.settings.write_text(f'database_url = "{address}"\n')
            apps[engine_name] = create_app(folder.path)
            with apps[engine_name].app_context(), writing():
                flask_rewind.upgrade()
        return apps[engine_name]

    return app_of


def engines_here() -> list[str]:
    """Return the engines to restore on."""
    return list(ENGINES)


@contextmanager
def inside(app: Flask) -> Iterator[None]:
    """Run the block in another blog."""
    with app.app_context():
        yield
        session().close()
        db.engine.dispose()


def put_into(app: Flask, path: Path, *, of_next_release: bool = False) -> Restored:
    """Restore an archive into a blog, whatever it has; its stored files are deleted first."""
    with Archive(path) as archive, inside(app):
        archive.verify()
        if not of_next_release:
            restoring.check_revision(archive.manifest)
        restoring.check_target()
        shutil.rmtree(app.extensions["qingbo_home"].media, ignore_errors=True)
        return restoring.restore(archive, progress=in_silence)


def everything(*, but: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return every row that a backup holds, the numbers to come, and the stored files."""
    found: dict[str, Any] = {}
    with db.engine.connect() as connection:
        for table in content():
            if table.name not in {"releases", *but}:
                found[table.name] = sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
        found["numbers"] = {
            each.name: next_number(connection, each)
            for each in content_tables(connection)
            if each.name not in {"releases", *but}
        }
    return found


def stored_files(folder: DataFolder) -> dict[str, bytes]:
    """Return the media files of a blog."""
    return {str(path.relative_to(folder.media)): path.read_bytes() for path in folder.media.glob("??/*")}
