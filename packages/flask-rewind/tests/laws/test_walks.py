"""L1, L2 and L3: random histories walked at random, with writes in between, against a model of what must be there.

``REWIND_HISTORIES=2000 pytest packages/flask-rewind/tests/laws/test_walks.py`` tries that many on each engine;
``--hypothesis-seed`` repeats a run.
"""

import copy
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.describing import describe
from flask_rewind.results import PlannedCrossing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow

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
DECIMALS = [Decimal("0.0000000001"), Decimal("-12345678901234567890.0123456789"), Decimal("0.1"), Decimal("5.50"), None]
DOCUMENTS = ['{"a": [1, 2.50, null], "轻": "😀"}', "[]", '""', "null", '{"b":1,"a":2}', None]
MOMENTS = [*map(datetime.fromisoformat, ("1970-01-01", "2038-01-19T03:14:08", "2024-02-29T23:59:59")), None]
KINDS = {
    "text": ("sa.String(60)", TEXTS, "dflt"),
    "wide": ("sa.String(90)", TEXTS, "dflt"),
    "number": ("sa.Integer()", NUMBERS, 7),
    "long": ("sa.Text()", TEXTS, None),
    "flag": ("sa.SmallInteger()", [0, 1, None], 1),
    "decimal": ("sa.Numeric(30, 10)", DECIMALS, 2.5),
    "document": ("sa.JSON()", DOCUMENTS, None),
    "moment": ("sa.DateTime(timezone=True)", MOMENTS, None),
}
KINDS_OF_STEP = (
    *("add", "add", "drop", "drop", "create", "drop table"),
    *("rename column", "rename table", "index", "check", "widen"),
)
UNINDEXED = {"long", "document"}


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

    def value(self, chance: random.Random, engine: sa.Engine) -> Any:
        value = chance.choice([value for value in KINDS[self.kind][1] if value is not None or not self.not_null])
        if isinstance(value, datetime) and engine.dialect.name == "postgresql":
            return value.replace(tzinfo=timezone(timedelta(hours=8)))
        if engine.dialect.name != "sqlite":
            return value
        return float(value) if isinstance(value, Decimal) else str(value) if isinstance(value, datetime) else value


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
            [
                "add",
                "add",
                "drop",
                "drop",
                "create",
                "drop table",
                "rename column",
                "rename table",
                "index",
                "check",
                "widen",
            ]
        )
        of_column = {"drop": list(KINDS), "rename column": list(KINDS), "widen": ["text"]}
        of_column["check"] = list(KINDS)
        of_column["index"] = [kind for kind in KINDS if kind not in UNINDEXED]
        fitting = {
            name: [key for key, column in table.columns.items() if column.kind in of_column.get(self.kind, ())]
            for name, table in tables.items()
        }
        fitting = {name: keys for name, keys in fitting.items() if keys}
        if not tables:
            self.kind = "create"
        elif self.kind in of_column and not fitting:
            self.kind = "add"
        self.table = chance.choice(list(fitting if self.kind in of_column else tables) or ["t0"])
        self.column = f"c{number}"
        if self.kind == "create":
            self.table = f"t{number}"
            self.new = Table({f"c{number}_{at}": random_column(chance) for at in range(chance.randint(1, 4))})
        elif self.kind == "add":
            self.definition = random_column(chance, filled=True)
        elif self.kind in of_column:
            self.column = chance.choice(fitting[self.table])
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

    def _in_batch(self, line: str) -> str:
        return f"with op.batch_alter_table({self.table!r}) as block:\n        block.{line}"

    def _checked(self) -> tuple[str, str]:
        name = f"ck_{self.number}"
        return (
            self._in_batch(f"create_check_constraint({name!r}, '{self.column} IS NULL OR {self.column} IS NOT NULL')"),
            self._in_batch(f"drop_constraint({name!r}, type_='check')"),
        )

    def _indexed(self) -> tuple[str, str]:
        name = f"ix_{self.number}"
        return (
            f"op.create_index({name!r}, {self.table!r}, [{self.column!r}])",
            f"op.drop_index({name!r}, {self.table!r})",
        )

    def _widened(self) -> tuple[str, str]:
        old, new = KINDS["text"][0], KINDS["wide"][0]
        rest = f"existing_nullable={not self.definition.not_null}"
        if self.definition.default is not None:
            rest += f", existing_server_default={self.definition.default!r}"
        both = (
            f"alter_column({self.column!r}, type_={b}, existing_type={a}, {rest})" for a, b in ((old, new), (new, old))
        )
        up, down = map(self._in_batch, both)
        return up, down

    def _column_renamed(self, old: str, new: str) -> str:
        kind = f"existing_type={KINDS[self.definition.kind][0]}, existing_nullable={not self.definition.not_null}"
        if self.definition.default is not None:
            kind += f", existing_server_default={str(self.definition.default)!r}"
        return f"op.alter_column({self.table!r}, {old!r}, new_column_name={new!r}, {kind})"

    def script(self) -> tuple[str, str]:
        other = f"t{self.number}"
        match self.kind:
            case "add" | "drop":
                both = self._added(), self._dropped()
                return both if self.kind == "add" else both[::-1]
            case "create" | "drop table":
                both = self.new.create(self.table), f"op.drop_table({self.table!r})"
                return both if self.kind == "create" else both[::-1]
            case "rename column":
                new = f"r{self.number}"
                return self._column_renamed(self.column, new), self._column_renamed(new, self.column)
            case "index" | "check" | "widen":
                return {"index": self._indexed, "check": self._checked, "widen": self._widened}[self.kind]()
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
            case "widen":
                kind = "wide" if up else "text"
                columns = world.tables[self.table].columns
                columns[self.column] = replace(columns[self.column], kind=kind)

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
                    row = {key: column.value(chance, engine) for key, column in table.columns.items()}
                    connection.execute(sa.insert(there).values(id=self.last_id, **row))
                    table.rows[self.last_id] = row
                if table.rows and table.columns and chance.random() < 0.6:
                    number, key = chance.choice(list(table.rows)), chance.choice(list(table.columns))
                    value = table.columns[key].value(chance, engine)
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
    not_null = chance.random() < 0.4 and (default is not None or not filled) and kind != "moment"
    index = f"ix_{chance.getrandbits(40)}" if kind not in UNINDEXED and chance.random() < 0.25 else ""
    return Column(kind, not_null, default, index)


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
    """Read a column as it is stored: psycopg makes objects of JSON."""
    return sa.cast(column, sa.Text).label(column.name) if isinstance(kind, postgresql.JSON) else column


def schema_of(engine: sa.Engine) -> dict[Any, str]:
    with engine.connect() as connection:
        return {key: part.definition for key, part in (describe(connection) or {}).items()}


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


law = settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize="REWIND_HISTORIES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def begun(directory: tuple[Flask, Path], chance: random.Random) -> tuple[sa.Engine, list[Step]]:
    """A new history on an empty database."""
    app, folder = directory
    engine: sa.Engine = app.extensions["db"].engine
    shutil.rmtree(folder, ignore_errors=True)
    emptied(engine)
    flask_rewind.init()
    return engine, write_history(folder, chance, chance.randint(2, 12))


def crossed(engine: sa.Engine, world: World, steps: list[Step], at: int, *, up: bool, **options: Any) -> int:
    """Cross one revision, in the database and in the model, compare them, and return where that is."""
    step = steps[at if up else at - 1]
    at += 1 if up else -1
    if up:
        flask_rewind.upgrade(revision="+1", **options)
    else:
        flask_rewind.downgrade(**options)
    step.cross(world, up=up)
    assert in_database(engine) == world.visible(), f"after revision r{step.number}, {'up' if up else 'down'}"
    return at


@given(seed=st.integers(0, 2**32 - 1))
@law
def test_a_walk_loses_nothing(directory: tuple[Flask, Path], seed: int) -> None:
    chance = random.Random(seed)
    engine, steps = begun(directory, chance)
    world, at = World(), 0
    schemas = {0: schema_of(engine)}
    for number in range(chance.randint(2, 8)):
        target = chance.randint(0 if number else 1, len(steps))  # no walk that stays where it is
        fill = fills_for(world, steps)
        name = f"r{target}" if target else "base"
        plan = flask_rewind.plan(revision=name, fill=fill) if chance.random() < 0.3 else None
        while at != target:
            at = crossed(engine, world, steps, at, up=target > at, fill=fill)
            if plan:
                assert_planned(plan.crossings)
            schemas.setdefault(at, schema_of(engine))
            assert schema_of(engine) == schemas[at], f"at r{at}"
        world.write(engine, chance)
    assert in_database(engine) == world.visible()


def assert_planned(plan: tuple[PlannedCrossing, ...]) -> None:
    """What ran last is what was planned for it."""
    (ran,) = flask_rewind.log(limit=1)[0].crossings
    (crossing,) = (each for each in plan if each.revision == ran.revision)
    assert crossing.opaque == ""
    assert [(step.statement, step.purpose) for step in crossing.steps] == [
        (step.statement, step.purpose) for step in ran.steps
    ]


WRONG = [
    "pass",
    "op.create_table('stray', sa.Column('id', sa.Integer()))",
    "{right}\n    op.create_table('stray', sa.Column('id', sa.Integer()))",
    "{right}\n    op.add_column({table!r}, sa.Column('stray', sa.Integer()))",
    "{right}\n    op.drop_table({table!r})",
]


@given(seed=st.integers(0, 2**32 - 1))
@law
def test_a_wrong_downgrade_is_refused_and_the_journal_goes_back(directory: tuple[Flask, Path], seed: int) -> None:
    chance = random.Random(seed)
    engine, steps = begun(directory, chance)
    world, at = World(), 0
    below = chance.randint(1, len(steps))
    schemas = []
    for _ in range(below):
        schemas.append(schema_of(engine))
        at = crossed(engine, world, steps, at, up=True)
        world.write(engine, chance)
    step, before = steps[below - 1], schema_of(engine)
    wrong = chance.choice(WRONG if world.tables else WRONG[:2])
    script = directory[1] / "versions" / f"{below}.py"
    there = sorted(set(world.tables) & {name for kind, name, _ in schemas[-1] if kind == "table"})
    if "{table" in wrong and not there:
        wrong = "pass"
    body = wrong.format(right=step.script()[1], table=there[0] if there else "")
    script.write_text(script.read_text().partition("def downgrade")[0] + f"def downgrade():\n    {body}\n")
    fill = fills_for(world, steps)
    with pytest.raises(flask_rewind.Refused, match="does not bring back the schema"):
        flask_rewind.downgrade(fill=fill)
    assert in_database(engine) == world.visible()
    assert schema_of(engine) == before
    at = crossed(engine, world, steps, at, up=False, from_journal=True, fill=fill)
    assert schema_of(engine) == schemas[at]
    world.write(engine, chance)
    at = crossed(engine, world, steps, at, up=True)
    assert schema_of(engine) == before


def fills_for(world: World, steps: list[Step]) -> dict[str, str]:
    """A value for each column that may return NOT NULL without a default; the model knows it too."""
    found = {}
    values = {"text": "'filled'", "wide": "'filled'", "long": "'filled'", "document": "'{}'"}
    for step in steps:
        if step.kind == "drop" and step.definition.not_null and step.definition.default is None:
            found[f"{step.table}.{step.column}"] = values.get(step.definition.kind, "5")
    world.fills = {place: (sql.strip("'") if sql.startswith("'") else int(sql)) for place, sql in found.items()}
    return found
