"""A handwritten history of revisions for tests, and functions that inspect the database it moves."""

from pathlib import Path
from typing import Any

import flask_rewind
import sqlalchemy as sa
from filled_tables import fill
from flask import Flask
from flask_rewind.describing import Key, fingerprint
from flask_rewind.engines.registry import describe
from flask_rewind.journal import crossings
from schema_texts import schema_texts


class History:
    """An app with a directory of revisions, each written by hand behind the one before."""

    def __init__(self, app: Flask) -> None:
        self.engine: sa.Engine = app.extensions["db"].engine
        self.app = app
        flask_rewind.init()
        self.count = 0

    def revision(self, up: str, down: str) -> Path:
        """Write a revision whose two functions have these bodies, and return its file."""
        self.count += 1
        written = flask_rewind.revision(rev_id=str(self.count), message="step")
        assert written
        text = written.path.read_text()
        for name, body in (("upgrade", up), ("downgrade", down)):
            text = text.replace(
                f"def {name}():\n    pass", f"def {name}():\n    " + body.strip().replace("\n", "\n    ")
            )
        written.path.write_text(text)
        return written.path

    def run(self, statement: str, **parameters: Any) -> None:
        """Write, as the app would between two moves."""
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), parameters)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement))]

    def schema(self, table: str = "post") -> Any:
        """Return everything reflection can tell of a table, hidden columns left out."""
        inspector = sa.inspect(self.engine)
        columns = [
            (each["name"], repr(each["type"]), each["nullable"], each["default"])
            for each in inspector.get_columns(table)
            if not each["name"].startswith("_attic_")
        ]
        return (
            columns,
            sorted(map(repr, inspector.get_indexes(table))),
            sorted(map(repr, inspector.get_foreign_keys(table))),
            sorted(map(repr, inspector.get_unique_constraints(table))),
            sorted(map(repr, inspector.get_check_constraints(table))),
        )


def in_batch(*lines: str) -> str:
    """Return a batch block on ``post``, as scripts have it."""
    return "\n".join(['with op.batch_alter_table("post") as block:', *(f"    block.{line}" for line in lines)])


def executed(*statements: str) -> str:
    """Return the lines of a script that execute these statements as they stand."""
    return "\n".join(f"op.execute(sa.text({each.replace(':', chr(92) + ':')!r}))" for each in statements)


def steps(crossings: Any) -> list[list[tuple[str, str]]]:
    """Return statement and purpose of each step, crossing by crossing."""
    return [[(step.statement, step.purpose) for step in crossing.steps] for crossing in crossings]


def walked(blog: History, *targets: str, is_planned: bool = True) -> None:
    """Go there, each time as it was planned, and hold what is there against what was there the last time."""
    seen: dict[str, Any] = {}
    texts = None
    for target in targets:
        plan = flask_rewind.plan(revision=target) if is_planned else None
        flask_rewind.checkout(revision=target)
        assert_described(blog.engine)
        if plan and plan.crossings:
            assert steps(plan.crossings) == steps(flask_rewind.log()[0].crossings)
        found = everything(blog.engine)
        assert found == seen.setdefault(target, found)
        if target == targets[-1] and target in targets[:-1]:
            texts = texts or schema_texts(blog.engine)
    if texts:
        assert schema_texts(blog.engine) == texts


def assert_described(engine: sa.Engine) -> None:
    """Hold the schema that the last crossing wrote down against what is there: it had read again what it touched."""
    last = sa.select(crossings.c.fingerprint_after).where(crossings.c.state == "done").order_by(crossings.c.id.desc())
    with engine.connect() as connection:
        assert connection.scalar(last.limit(1)) == fingerprint(describe(connection) or {})


def everything(engine: sa.Engine) -> tuple[dict[Key, str], dict[str, list[str]]]:
    """Return the visible schema, and the rows of every table in it."""
    with engine.connect() as connection:
        schema = {key: part.definition for key, part in (describe(connection) or {}).items()}
        rows = {}
        for kind, table, _ in schema:
            if kind == "table":
                columns: list[Any] = [sa.column(name) for part, of, name in schema if (part, of) == ("column", table)]
                rows[table] = sorted(map(repr, connection.execute(sa.select(sa.table(table, *columns)))))
    return schema, rows


def travelled(app: Flask, revisions: list[tuple[str, str]], *, filled_at: tuple[int, ...] = ()) -> None:
    """Go up with rows, down five and up, twice, with all values; then to base and up, for the schema.

    Args:
        app: the app whose history it becomes.
        revisions: the bodies of ``upgrade()`` and ``downgrade()``.
        filled_at: where tables get rows, beside the head.
    """
    blog = History(app)
    for up, down in revisions:
        blog.revision(up, down)
    for target in (*filled_at, len(revisions)):
        flask_rewind.upgrade(revision=str(target))
        fill(blog.engine)
    head, texts = everything(blog.engine), schema_texts(blog.engine)
    below = None
    for _ in range(2):
        flask_rewind.downgrade(revision="-5")
        found = everything(blog.engine)
        assert found == (below or found)
        below = found
        flask_rewind.upgrade()
        assert everything(blog.engine) == head
    flask_rewind.downgrade(revision="base")
    assert (everything(blog.engine)[0], schema_texts(blog.engine)) == ({}, {})
    flask_rewind.upgrade()
    assert (everything(blog.engine)[0], schema_texts(blog.engine)) == (head[0], texts)
