"""SQLite: a stand-in is a copy of the file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from flask_rewind.engines.sqlite.beyond_stand_in import reaches_past
from flask_rewind.engines.stand_in import Opaque


@contextmanager
def stand_in(connection: Connection) -> Iterator[Connection]:
    """Yield a connection to a stand-in, a copy of the file, which exists until the block ends.

    Raises:
        Opaque: if a statement reaches past the copy.
    """
    with TemporaryDirectory(prefix="rewind-plan-") as folder:
        path = Path(folder) / "plan.db"
        _copy(connection, path)
        engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        event.listen(engine, "before_cursor_execute", _refuse_reaching_past)
        if connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
            event.listen(engine, "connect", lambda driver, _: driver.execute("PRAGMA foreign_keys=ON"))
        with engine.connect() as own:
            yield own


def _copy(connection: Connection, path: Path) -> None:
    rows = connection.exec_driver_sql("PRAGMA database_list").all()
    file = next(row[2] for row in rows if row[1] == "main")
    driver: Any = connection.connection.driver_connection
    with closing(sqlite3.connect(path)) as copy:
        if file:
            with closing(sqlite3.connect(f"{Path(file).as_uri()}?mode=ro", uri=True)) as source:
                source.backup(copy)
        else:
            driver.backup(copy)


def _refuse_reaching_past(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
    if reason := reaches_past(statement):
        raise Opaque(reason)
