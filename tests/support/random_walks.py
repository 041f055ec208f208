"""Random walks over random histories: what the tests of the laws and of the crashes share.

CI tries a few; ``make prove HISTORIES=2000`` tries that many on each engine; ``--hypothesis-seed`` repeats a run.
"""

import os
import random
import shutil
from pathlib import Path
from typing import Any

import flask_rewind
import sqlalchemy as sa
from flask import Flask
from flask_rewind.engines.registry import describe
from histories import assert_described
from hypothesis import HealthCheck, Phase, settings
from random_histories import Fork, Revisions, World, write_history
from sqlalchemy.dialects import postgresql

HISTORIES = int(os.environ.get("REWIND_HISTORIES", "4"))

law = settings(
    max_examples=HISTORIES,
    phases=[Phase.generate],  # a smaller seed is not a simpler history
    derandomize="REWIND_HISTORIES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def begun(
    directory: tuple[Flask, Path], chance: random.Random, length: int, fork: Fork | None = None
) -> tuple[sa.Engine, Revisions]:
    """Begin a new history on an empty database."""
    app, folder = directory
    engine: sa.Engine = app.extensions["db"].engine
    shutil.rmtree(folder, ignore_errors=True)
    emptied(engine)
    flask_rewind.init()
    return engine, write_history(folder, chance, engine, length, fork)


def followed(engine: sa.Engine, world: World, revisions: Revisions, at: int, target: int) -> int:
    """Repeat in the model the move that the database has made, compare them, and return the new position."""
    up = target > at
    for steps in revisions[at:target] if up else reversed(revisions[target:at]):
        for step in steps if up else reversed(steps):
            step.cross(world, up=up)
    assert in_database(engine) == world.visible(), f"from r{at} to r{target}"
    assert_described(engine)
    return target


def in_database(engine: sa.Engine) -> dict[str, dict[int, dict[str, Any]]]:
    found: dict[str, dict[int, dict[str, Any]]] = {}
    inspector = sa.inspect(engine)
    with engine.connect() as connection:
        for name in inspector.get_table_names():
            if name.startswith(("_attic_", "rewind_", "alembic_")):
                continue
            columns = [each for each in inspector.get_columns(name) if not each["name"].startswith("_attic_")]
            wanted = [as_written(sa.column(each["name"]), each["type"]) for each in columns]
            rows = connection.execute(sa.select(*wanted).select_from(sa.table(name))).mappings()
            found[name] = {row["id"]: {key: row[key] for key in row if key != "id"} for row in rows}
    return found


def as_written(column: sa.ColumnClause[Any], kind: Any) -> sa.ColumnElement[Any]:
    """Read a column as it is stored: psycopg converts JSON to objects."""
    return sa.cast(column, sa.Text).label(column.name) if isinstance(kind, postgresql.JSON) else column


def schema_of(engine: sa.Engine) -> dict[Any, str]:
    with engine.connect() as connection:
        return {key: part.definition for key, part in (describe(connection) or {}).items()}


def emptied(engine: sa.Engine) -> None:
    metadata = sa.MetaData()
    metadata.reflect(engine)
    metadata.drop_all(engine)
