"""Writes of others while the whole blog is read."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from qingbo.database import writing
from qingbo.extensions import db
from qingbo.progress import Step


class Writer:
    """Commits one statement of another connection each time something that reads the blog has got one step further."""

    def __init__(self, blog: Any, statements: list[str]) -> None:
        self._blog = blog
        self.left = list(statements)

    @contextmanager
    def between_steps(self, total: int) -> Iterator[Step]:
        yield self._write

    def _write(self, name: str, count: int = 1) -> None:
        thread = threading.Thread(target=self._commit_next)
        thread.start()
        thread.join()

    def _commit_next(self) -> None:
        with self._blog.app.app_context(), writing(), db.engine.begin() as connection:
            if self.left:
                connection.execute(sa.text(self.left.pop()))
