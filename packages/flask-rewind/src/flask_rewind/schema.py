"""Compare a database with the scripts without loading Alembic, for a health check or a quick start."""

import ast
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Integer, String, column, inspect, select, table


class SchemaState(Enum):
    """Where a database is, compared with the scripts of this code."""

    AT_HEAD = "at head"
    BEHIND = "behind"
    """The scripts have all its revisions, and newer ones."""
    AHEAD = "ahead"
    """It has a revision that no script here has: newer code, or another history, wrote it."""


def schema_state(connection: Connection, directory: str | Path, version_table: str = "alembic_version") -> SchemaState:
    """Compare the version table with the scripts in ``directory/versions``; only reads.

    The scripts are parsed once per process, and never executed.
    """
    scripts = _read_scripts(Path(directory))
    applied = set(applied_revisions(connection, version_table))
    if not applied <= scripts.keys():
        return SchemaState.AHEAD
    parents = {parent for down in scripts.values() for parent in down}
    heads = scripts.keys() - parents
    return SchemaState.AT_HEAD if heads <= _with_all_below(applied, scripts) else SchemaState.BEHIND


def is_unfinished(connection: Connection) -> bool:
    """Return whether the last crossing was begun and neither finished nor taken back; only reads."""
    if not inspect(connection).has_table("rewind_crossings"):
        return False
    number, state = column("id", Integer), column("state", String)
    query = select(state).select_from(table("rewind_crossings")).where(state != "taken back")
    return connection.scalar(query.order_by(number.desc()).limit(1)) == "begun"


def applied_revisions(connection: Connection, version_table: str = "alembic_version") -> tuple[str, ...]:
    """Return the revision ids in the version table; none if the table does not exist."""
    if not inspect(connection).has_table(version_table):
        return ()
    version_num = column("version_num", String)
    return tuple(connection.scalars(select(version_num).select_from(table(version_table))))


def _with_all_below(revisions: set[str], scripts: dict[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    waiting = list(revisions)
    while waiting:
        revision = waiting.pop()
        if revision not in found:
            found.add(revision)
            waiting += scripts.get(revision, ())
    return found


@lru_cache(maxsize=8)
def _read_scripts(directory: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((directory / "versions").glob("*.py")):
        names = dict(_constants(ast.parse(path.read_text(encoding="utf-8"))))
        if "revision" in names:
            found[names["revision"]] = _as_tuple(names.get("down_revision")) + _as_tuple(names.get("depends_on"))
    return found


def _constants(tree: ast.Module) -> Iterable[tuple[str, Any]]:
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=("revision" | "down_revision" | "depends_on") as name)], value=value)
                | ast.AnnAssign(
                    target=ast.Name(id=("revision" | "down_revision" | "depends_on") as name), value=ast.expr() as value
                )
            ):
                yield name, ast.literal_eval(value)


def _as_tuple(down_revision: str | Iterable[str] | None) -> tuple[str, ...]:
    if down_revision is None:
        return ()
    return (down_revision,) if isinstance(down_revision, str) else tuple(down_revision)
