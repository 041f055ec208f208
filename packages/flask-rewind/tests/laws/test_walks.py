"""L1, L2 and L3: random histories walked at random, with writes in between, against a model of what must be there.

``REWIND_HISTORIES=2000 pytest packages/flask-rewind/tests/laws/test_walks.py`` tries that many on each engine;
``--hypothesis-seed`` repeats a run.
"""

import copy
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MakeApp = Callable[..., Flask]

HISTORIES = int(os.environ.get("REWIND_HISTORIES", "15"))
TEXTS = [
    "",
    " ",
    "a",
    "A",
    "a ",
    "NULL",
    "0",
    "轻博",
    "😀𝄞",
    "it's",
    '"q"',
    "back\\slash",
    "100%",
    ":x",
    "x" * 60,
    None,
]
NUMBERS = [0, 1, -1, 2**31 - 1, -(2**31), None]
KINDS = {
    "text": ("sa.String(60)", TEXTS, "dflt"),
    "number": ("sa.Integer()", NUMBERS, 7),
    "long": ("sa.Text()", TEXTS, None),
    "flag": ("sa.SmallInteger()", [0, 1, None], 1),
}


@dataclass
class Column:
    kind: str
    not_null: bool
    default: Any
    index: str = ""
    """The name of its index, which stays when the column or the table is renamed."""

    def code(self, name: str) -> str:
        parts = [repr(name), KINDS[self.kind][0]]
        if self.default is not None:
            parts.append(f"server_default={str(self.default)!r}")
        return f"sa.Column({', '.join(parts)}, nullable={not self.not_null})"

    def value(self, chance: random.Random) -> Any:
        return chance.choice([value for value in KINDS[self.kind][1] if value is not None or not self.not_null])


@dataclass
class Table:
    columns: dict[str, Column] = field(default_factory=dict)
    rows: dict[int, dict[Any, Any]] = field(default_factory=dict)
    """By id; what is hidden is in the row too, under (revision, name)."""

    def create(self, name: str) -> str:
        columns = "".join(f", {column.code(key)}" for key, column in self.columns.items())
        lines = [f"op.create_table({name!r}, sa.Column('id', sa.Integer(), primary_key=True){columns}, **OPTIONS)"]
        lines += [f"op.create_index({c.index!r}, {name!r}, [{key!r}])" for key, c in self.columns.items() if c.index]
        return "\n    ".join(lines)


Tables = dict[str, Table]


class Step:
    """One revision: how it reads, and what it does to the model in each direction."""

    def __init__(self, chance: random.Random, number: int, tables: Tables) -> None:
        self.number = number
        self.batch = chance.random() < 0.5
        self.kind = chance.choice(
            ["add", "add", "drop", "drop", "create", "drop table", "rename column", "rename table"]
        )
        with_columns = [name for name, table in tables.items() if table.columns]
        if not tables:
            self.kind = "create"
        elif self.kind in {"drop", "rename column"} and not with_columns:
            self.kind = "add"
        self.table = chance.choice(with_columns if self.kind in {"drop", "rename column"} else list(tables) or ["t0"])
        self.column = f"c{number}"
        if self.kind == "create":
            self.table = f"t{number}"
            self.new = Table({f"c{number}_{at}": random_column(chance) for at in range(chance.randint(1, 4))})
        elif self.kind == "add":
            self.definition = random_column(chance, filled=True)
        elif self.kind in {"drop", "rename column"}:
            self.column = chance.choice(list(tables[self.table].columns))
            self.definition = tables[self.table].columns[self.column]
        elif self.kind == "drop table":
            self.new = Table(copy.deepcopy(tables[self.table].columns))

    def _added(self) -> str:
        if self.batch:
            block = f"with op.batch_alter_table({self.table!r}) as block:\n        "
            code = f"{block}block.add_column({self.definition.code(self.column)})"
        else:
            code = f"op.add_column({self.table!r}, {self.definition.code(self.column)})"
        if self.definition.index:
            code += f"\n    op.create_index({self.definition.index!r}, {self.table!r}, [{self.column!r}])"
        return code

    def _dropped(self) -> str:
        code = f"op.drop_index({self.definition.index!r}, {self.table!r})\n    " if self.definition.index else ""
        if self.batch:
            return (
                code
                + f"with op.batch_alter_table({self.table!r}) as block:\n        block.drop_column({self.column!r})"
            )
        return code + f"op.drop_column({self.table!r}, {self.column!r})"

    def _column_renamed(self, old: str, new: str) -> str:
        kind = f"existing_type={KINDS[self.definition.kind][0]}, existing_nullable={not self.definition.not_null}"
        if self.definition.default is not None:
            kind += f", existing_server_default={str(self.definition.default)!r}"
        return f"op.alter_column({self.table!r}, {old!r}, new_column_name={new!r}, {kind})"

    def script(self) -> tuple[str, str]:
        other = f"t{self.number}"
        match self.kind:
            case "add":
                return self._added(), self._dropped()
            case "drop":
                return self._dropped(), self._added()
            case "create":
                return self.new.create(self.table), f"op.drop_table({self.table!r})"
            case "drop table":
                return f"op.drop_table({self.table!r})", self.new.create(self.table)
            case "rename column":
                new = f"r{self.number}"
                return self._column_renamed(self.column, new), self._column_renamed(new, self.column)
        return f"op.rename_table({self.table!r}, {other!r})", f"op.rename_table({other!r}, {self.table!r})"

    def cross(self, world: "World", *, up: bool) -> None:
        """Do to the model what the crossing must do to the database."""
        match self.kind:
            case "add" | "drop":
                (self._add if (self.kind == "add") == up else self._drop)(world)
            case "create" | "drop table" if (self.kind == "create") == up:
                world.tables[self.table] = world.attic.pop(self.number, None) or copy.deepcopy(self.new)
            case "create" | "drop table":
                world.attic[self.number] = world.tables.pop(self.table)
            case "rename column":
                self._rename_column(world, *((self.column, f"r{self.number}")[:: 1 if up else -1]))
            case "rename table":
                old, new = (self.table, f"t{self.number}")[:: 1 if up else -1]
                world.tables[new] = world.tables.pop(old)

    def _rename_column(self, world: "World", old: str, new: str) -> None:
        table = world.tables[self.table]
        table.columns = {new if name == old else name: each for name, each in table.columns.items()}
        for row in table.rows.values():
            row[new] = row.pop(old)

    def _drop(self, world: "World") -> None:
        table = world.tables[self.table]
        del table.columns[self.column]
        for row in table.rows.values():
            row[(self.number, self.column)] = row.pop(self.column)

    def _add(self, world: "World") -> None:
        table = world.tables[self.table]
        table.columns[self.column] = self.definition
        for row in table.rows.values():
            missing = self.definition.default
            if missing is None and self.definition.not_null:
                missing = world.fills[f"{self.table}.{self.column}"]
            row[self.column] = row.pop((self.number, self.column), missing)


@dataclass
class World:
    tables: Tables = field(default_factory=dict)
    attic: dict[int, Table] = field(default_factory=dict)
    fills: dict[str, Any] = field(default_factory=dict)
    last_id: int = 0

    def write(self, engine: sa.Engine, chance: random.Random) -> None:
        """Insert, update and delete, here and in the database."""
        with engine.begin() as connection:
            for name, table in self.tables.items():
                there = sa.table(name, sa.column("id"), *(sa.column(each) for each in table.columns))
                for _ in range(chance.randint(0, 3)):
                    self.last_id += 1
                    row = {key: column.value(chance) for key, column in table.columns.items()}
                    connection.execute(sa.insert(there).values(id=self.last_id, **row))
                    table.rows[self.last_id] = row
                if table.rows and table.columns and chance.random() < 0.6:
                    number, key = chance.choice(list(table.rows)), chance.choice(list(table.columns))
                    value = table.columns[key].value(chance)
                    connection.execute(sa.update(there).where(there.c.id == number).values({key: value}))
                    table.rows[number][key] = value
                if table.rows and chance.random() < 0.3:
                    number = chance.choice(list(table.rows))
                    connection.execute(sa.delete(there).where(there.c.id == number))
                    del table.rows[number]

    def visible(self) -> dict[str, dict[int, dict[str, Any]]]:
        return {
            name: {number: {key: row[key] for key in table.columns} for number, row in table.rows.items()}
            for name, table in self.tables.items()
        }


def random_column(chance: random.Random, *, filled: bool = False) -> Column:
    """A column; `filled`: one that rows without a value can get."""
    kind = chance.choice(list(KINDS))
    default = KINDS[kind][2] if chance.random() < 0.5 else None
    not_null = chance.random() < 0.4 and (default is not None or not filled)
    index = f"ix_{chance.getrandbits(40)}" if kind != "long" and chance.random() < 0.25 else ""
    return Column(kind, not_null, default, index)


def in_database(engine: sa.Engine) -> dict[str, dict[int, dict[str, Any]]]:
    found: dict[str, dict[int, dict[str, Any]]] = {}
    inspector = sa.inspect(engine)
    with engine.connect() as connection:
        for name in inspector.get_table_names():
            if name.startswith(("_attic_", "rewind_", "alembic_")):
                continue
            keys = [each["name"] for each in inspector.get_columns(name) if not each["name"].startswith("_attic_")]
            rows = connection.execute(sa.select(sa.table(name, *map(sa.column, keys)))).mappings()
            found[name] = {row["id"]: {key: row[key] for key in keys if key != "id"} for row in rows}
    return found


def schema_of(engine: sa.Engine) -> dict[str, Any]:
    inspector = sa.inspect(engine)
    return {
        name: (
            [
                (each["name"], repr(each["type"]), each["nullable"], each["default"])
                for each in inspector.get_columns(name)
                if not each["name"].startswith("_attic_")
            ],
            sorted(map(repr, inspector.get_indexes(name))),
        )
        for name in inspector.get_table_names()
        if not name.startswith(("_attic_", "rewind_", "alembic_"))
    }


def write_history(directory: Path, chance: random.Random, length: int) -> list[Step]:
    world, steps = World(), []
    for number in range(1, length + 1):
        step = Step(chance, number, world.tables)
        steps.append(step)
        up, down = step.script()
        (directory / "versions" / f"{number}.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n\n"
            f"revision = 'r{number}'\ndown_revision = {f'r{number - 1}' if number > 1 else None!r}\n"
            "OPTIONS = {'mysql_charset': 'utf8mb4'}\n\n\n"
            f"def upgrade():\n    {up}\n\n\ndef downgrade():\n    {down}\n"
        )
        step.cross(world, up=True)
    return steps


def emptied(engine: sa.Engine) -> None:
    metadata = sa.MetaData()
    metadata.reflect(engine)
    metadata.drop_all(engine)


@pytest.fixture
def directory(make_app: MakeApp, database_url: str, tmp_path: Path) -> tuple[Flask, Path]:
    app = make_app(database_url, config={"REWIND_SQLITE_COPIES": 0})
    return app, tmp_path / "migrations"


@given(seed=st.integers(0, 2**32 - 1))
@settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize="REWIND_HISTORIES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_walk_loses_nothing(directory: tuple[Flask, Path], seed: int) -> None:
    chance = random.Random(seed)
    app, folder = directory
    engine: sa.Engine = app.extensions["db"].engine
    shutil.rmtree(folder, ignore_errors=True)
    emptied(engine)
    flask_rewind.init()
    steps = write_history(folder, chance, chance.randint(2, 12))
    world, at = World(), 0
    schemas = {0: schema_of(engine)}
    for _ in range(chance.randint(2, 8)):
        target = chance.randint(0, len(steps))
        fill = fills_for(world, steps)
        world.fills = {place: ("filled" if sql.startswith("'") else int(sql)) for place, sql in fill.items()}
        while at != target:
            up = target > at
            step = steps[at if up else at - 1]
            at += 1 if up else -1
            flask_rewind.checkout(revision=f"r{at}" if at else "base", fill=fill)
            step.cross(world, up=up)
            assert in_database(engine) == world.visible(), f"after revision r{step.number}, {'up' if up else 'down'}"
            schemas.setdefault(at, schema_of(engine))
            assert schema_of(engine) == schemas[at], f"at r{at}"
        world.write(engine, chance)
    assert in_database(engine) == world.visible()


def fills_for(world: World, steps: list[Step]) -> dict[str, str]:
    """A value for each column that may return NOT NULL without a default."""
    found = {}
    for step in steps:
        if step.kind == "drop" and step.definition.not_null and step.definition.default is None:
            text = step.definition.kind in {"text", "long"}
            found[f"{step.table}.{step.column}"] = "'filled'" if text else "5"
    return found
