"""Random histories of revisions, and a simple model of what each of them must do to rows.

A revision has one to three steps. A step is written as a directive, in a batch block, or as raw SQL. Names of dropped
tables and columns are used again.
"""

import copy
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateColumn, CreateTable

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
KINDS: dict[str, tuple[Any, list[Any], Any]] = {
    "text": (sa.String(60), TEXTS, "dflt"),
    "wide": (sa.String(90), TEXTS, "dflt"),
    "number": (sa.Integer(), NUMBERS, 7),
    "long": (sa.Text(), TEXTS, None),
    "flag": (sa.SmallInteger(), [0, 1, None], 1),
    "decimal": (sa.Numeric(30, 10), DECIMALS, 2.5),
    "document": (sa.JSON(), DOCUMENTS, None),
    "moment": (sa.DateTime(timezone=True), MOMENTS, None),
}
KINDS_OF_STEP = (
    *("add", "add", "drop", "drop", "create", "drop table"),
    *("rename column", "rename table", "index", "check", "widen"),
)
KINDS_FOR_MODELS = ("add", "add", "drop", "drop", "create", "drop table")
"""What autogenerate finds out by comparing models with a database; it takes a new name for a drop and an add."""
UNINDEXED = {"long", "document"}


def code_of(kind: str) -> str:
    """Return a type as a script has it."""
    return f"sa.{KINDS[kind][0]!r}"


@dataclass
class Column:
    kind: str
    not_null: bool
    default: Any
    index: str = ""
    """The name of its index, which stays when the column or the table is renamed."""

    def code(self, name: str) -> str:
        """Return it as a script has it."""
        parts = [repr(name), code_of(self.kind)]
        if self.default is not None:
            parts.append(f"server_default={str(self.default)!r}")
        return f"sa.Column({', '.join(parts)}, nullable={not self.not_null})"

    def as_column(self, name: str) -> sa.Column[Any]:
        """Return it as SQLAlchemy has it."""
        default = None if self.default is None else str(self.default)
        return sa.Column(name, KINDS[self.kind][0], nullable=not self.not_null, server_default=default)

    def value(self, chance: random.Random, engine: sa.Engine) -> Any:
        """Return something to write into it, in the form in which it will be read."""
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

    def as_model(self, name: str, models: sa.MetaData) -> None:
        """Declare it as an app does."""
        number: sa.Column[Any] = sa.Column("id", sa.Integer, primary_key=True)
        columns = [column.as_column(key) for key, column in self.columns.items()]
        indexes = [sa.Index(column.index, key) for key, column in self.columns.items() if column.index]
        sa.Table(name, models, number, *columns, *indexes, mysql_charset="utf8mb4")


Tables = dict[str, Table]


DECORATIONS = ["{}", "{};", "-- it's; gone\n{}", "/* a; b */ {}"]


@dataclass
class Names:
    """The names of tables and columns: new ones, and those that were used and are free again."""

    of_tables: list[str] = field(default_factory=list)
    of_columns: list[str] = field(default_factory=list)

    def of_table(self, chance: random.Random, tables: Tables) -> str:
        """Return a name that no table has."""
        return self._one(chance, "t", self.of_tables, tables)

    def of_column(self, chance: random.Random, table: Table) -> str:
        """Return a name that no column of a table has."""
        return self._one(chance, "c", self.of_columns, table.columns)

    def _one(self, chance: random.Random, letter: str, used: list[str], taken: Any) -> str:
        free = [name for name in used if name not in taken]
        if free and chance.random() < 0.5:
            return chance.choice(free)
        used.append(f"{letter}{len(used)}")
        return used[-1]


class Step:
    """One change: how it reads, and what it does to the model in each direction."""

    def __init__(
        self,
        chance: random.Random,
        number: int,
        tables: Tables,
        names: Names,
        engine: sa.Engine,
        kinds: Sequence[str] = KINDS_OF_STEP,
    ) -> None:
        self.number = number
        self.engine = engine
        self.spelling = chance.choice(["plain", "batch", "raw"])
        self.decoration = chance.choice(DECORATIONS)
        self.is_qualified = chance.random() < 0.3
        self.kind = chance.choice(kinds)
        fitting = self._fitting(tables)
        if not tables:
            self.kind = "create"
        elif not fitting:
            self.kind = "add"
            fitting = {name: [] for name in tables}
        self.table = names.of_table(chance, tables) if self.kind == "create" else chance.choice(list(fitting))
        self.column = chance.choice(fitting[self.table]) if fitting.get(self.table) else ""
        self.new_name = ""
        self._choose(chance, tables, names)

    def _fitting(self, tables: Tables) -> dict[str, list[str]]:
        """Return the columns that it may concern in each table; where it concerns none, there need not be any."""
        of_column = {"drop": set(KINDS), "rename column": set(KINDS), "widen": {"text"}, "check": set(KINDS)}
        of_column["index"] = set(KINDS) - UNINDEXED
        kinds = of_column.get(self.kind)
        if kinds is None:
            return {name: [] for name in tables}
        found = {
            name: [key for key, column in table.columns.items() if column.kind in kinds]
            for name, table in tables.items()
        }
        return {name: keys for name, keys in found.items() if keys}

    def _choose(self, chance: random.Random, tables: Tables, names: Names) -> None:
        """Choose what there is to know of it but its place."""
        match self.kind:
            case "create":
                columns = {f"c{self.number}_{at}": random_column(chance) for at in range(chance.randint(1, 4))}
                self.new = Table(columns)
            case "add":
                self.column = names.of_column(chance, tables[self.table])
                self.definition = random_column(chance, filled=True)
            case "drop table":
                self.new = Table(copy.deepcopy(tables[self.table].columns))
            case "rename table":
                self.new_name = names.of_table(chance, tables)
            case _:
                self.definition = tables[self.table].columns[self.column]
                if self.kind == "rename column":
                    self.new_name = names.of_column(chance, tables[self.table])

    @property
    def is_raw(self) -> bool:
        """Whether raw statements are written, for the kinds that have them here."""
        return self.spelling == "raw" and self.kind not in {"check", "widen"}

    @property
    def reaches_live(self) -> bool:
        """Whether it names the database itself, for which a plan has no stand-in."""
        return self.is_raw and self.is_qualified and self.engine.dialect.name == "mysql"

    def _executed(self, *statements: str) -> str:
        if self.engine.dialect.name == "postgresql" and len(statements) > 1:
            statements = ("; ".join(statements),)
        return "\n    ".join(f"op.execute({self.decoration.format(each)!r})" for each in statements)

    def _name(self, table: str) -> str:
        schema = {"sqlite": "main", "postgresql": "public", "mysql": self.engine.url.database}
        return f"{schema[self.engine.dialect.name]}.{table}" if self.is_qualified else table

    def _as_column(self, name: str) -> str:
        column = self.definition.as_column(name)
        sa.Table("of_no_interest", sa.MetaData(), column)
        return str(CreateColumn(column).compile(dialect=self.engine.dialect))

    def _index(self, name: str, column: str) -> tuple[str, str]:
        """Return the raw statements that make and drop an index."""
        dialect = self.engine.dialect.name
        on = f" ON {self._name(self.table)}" if dialect == "mysql" else ""
        target = self.table if dialect == "sqlite" else self._name(self.table)
        return f"CREATE INDEX {name} ON {target} ({column})", f"DROP INDEX {name}{on}"

    def _added(self) -> str:
        if self.is_raw:
            statement = f"ALTER TABLE {self._name(self.table)} ADD COLUMN {self._as_column(self.column)}"
            index = self.definition.index
            return self._executed(statement, *([self._index(index, self.column)[0]] if index else []))
        if self.spelling == "batch":
            code = self._in_batch(f"add_column({self.definition.code(self.column)})")
        else:
            code = f"op.add_column({self.table!r}, {self.definition.code(self.column)})"
        if self.definition.index:
            code += f"\n    op.create_index({self.definition.index!r}, {self.table!r}, [{self.column!r}])"
        return code

    def _dropped(self) -> str:
        index = self.definition.index
        if self.is_raw:
            statement = f"ALTER TABLE {self._name(self.table)} DROP COLUMN {self.column}"
            return self._executed(*([self._index(index, self.column)[1]] if index else []), statement)
        code = f"op.drop_index({index!r}, {self.table!r})\n    " if index else ""
        if self.spelling == "batch":
            return code + self._in_batch(f"drop_column({self.column!r})")
        return code + f"op.drop_column({self.table!r}, {self.column!r})"

    def _in_batch(self, line: str) -> str:
        return f"with op.batch_alter_table({self.table!r}) as block:\n        block.{line}"

    def _created(self) -> str:
        if not self.is_raw:
            return self.new.create(self.table)
        columns = [each.as_column(key) for key, each in self.new.columns.items()]
        number: sa.Column[Any] = sa.Column("id", sa.Integer, primary_key=True)
        table = sa.Table(self.table, sa.MetaData(), number, *columns, mysql_charset="utf8mb4")
        statement = " ".join(str(CreateTable(table).compile(dialect=self.engine.dialect)).split())
        statement = statement.replace(f"CREATE TABLE {self.table}", f"CREATE TABLE {self._name(self.table)}")
        indexes = [self._index(each.index, key)[0] for key, each in self.new.columns.items() if each.index]
        return self._executed(statement, *indexes)

    def _table_dropped(self) -> str:
        if self.is_raw:
            return self._executed(f"DROP TABLE {self._name(self.table)}")
        return f"op.drop_table({self.table!r})"

    def _checked(self) -> tuple[str, str]:
        name = f"ck_{self.number}"
        return (
            self._in_batch(f"create_check_constraint({name!r}, '{self.column} IS NULL OR {self.column} IS NOT NULL')"),
            self._in_batch(f"drop_constraint({name!r}, type_='check')"),
        )

    def _indexed(self) -> tuple[str, str]:
        name = f"ix_{self.number}"
        if self.is_raw:
            create, drop = self._index(name, self.column)
            return self._executed(create), self._executed(drop)
        return (
            f"op.create_index({name!r}, {self.table!r}, [{self.column!r}])",
            f"op.drop_index({name!r}, {self.table!r})",
        )

    def _widened(self) -> tuple[str, str]:
        old, new = code_of("text"), code_of("wide")
        rest = f"existing_nullable={not self.definition.not_null}"
        if self.definition.default is not None:
            rest += f", existing_server_default={self.definition.default!r}"
        both = (
            f"alter_column({self.column!r}, type_={b}, existing_type={a}, {rest})" for a, b in ((old, new), (new, old))
        )
        up, down = map(self._in_batch, both)
        return up, down

    def _column_renamed(self, old: str, new: str) -> str:
        if self.is_raw:
            return self._executed(f"ALTER TABLE {self._name(self.table)} RENAME COLUMN {old} TO {new}")
        kind = f"existing_type={code_of(self.definition.kind)}, existing_nullable={not self.definition.not_null}"
        if self.definition.default is not None:
            kind += f", existing_server_default={str(self.definition.default)!r}"
        return f"op.alter_column({self.table!r}, {old!r}, new_column_name={new!r}, {kind})"

    def _table_renamed(self, old: str, new: str) -> str:
        if not self.is_raw:
            return f"op.rename_table({old!r}, {new!r})"
        if self.engine.dialect.name == "mysql":
            return self._executed(f"RENAME TABLE {self._name(old)} TO {self._name(new)}")
        return self._executed(f"ALTER TABLE {self._name(old)} RENAME TO {new}")

    def script(self) -> tuple[str, str]:
        """Return the lines of both functions."""
        match self.kind:
            case "add" | "drop":
                both = self._added(), self._dropped()
                return both if self.kind == "add" else both[::-1]
            case "create" | "drop table":
                both = self._created(), self._table_dropped()
                return both if self.kind == "create" else both[::-1]
            case "rename column":
                return (
                    self._column_renamed(self.column, self.new_name),
                    self._column_renamed(self.new_name, self.column),
                )
            case "index" | "check" | "widen":
                return {"index": self._indexed, "check": self._checked, "widen": self._widened}[self.kind]()
        return self._table_renamed(self.table, self.new_name), self._table_renamed(self.new_name, self.table)

    def cross(self, world: "World", *, up: bool) -> None:
        """Do to the model what the crossing must do to the database."""
        match self.kind:
            case "add" | "drop":
                (self._add if (self.kind == "add") == up else self._drop)(world)
            case "create" | "drop table" if (self.kind == "create") == up:
                kept = world.attic.pop(self.number) if self.number in world.attic else copy.deepcopy(self.new)
                world.tables[self.table] = kept
            case "create" | "drop table":
                world.attic[self.number] = world.tables.pop(self.table)
            case "rename column":
                self._rename_column(world, *((self.column, self.new_name)[:: 1 if up else -1]))
            case "rename table":
                old, new = (self.table, self.new_name)[:: 1 if up else -1]
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


Revisions = list[list[Step]]
"""The steps of each revision, going up."""


Fork = tuple[int, int, int]
"""The number of the revision behind which two branches begin, and of the last one of each; the next one merges them."""


def parents_of(number: int, fork: Fork | None) -> list[str]:
    """Return the parents of a revision; without a `fork` all stand in one line."""
    begin, first, second = fork or (0, 0, 0)
    if fork and number == first + 1:
        return [f"r{begin}"]
    if fork and number == second + 1:
        return [f"r{first}", f"r{second}"]
    return [f"r{number - 1}"] if number > 1 else []


def write_history(
    directory: Path, chance: random.Random, engine: sa.Engine, length: int, fork: Fork | None = None
) -> Revisions:
    """Write that many revision scripts, and return what they do, in the order of their numbers."""
    world, revisions, names = World(), [], Names()
    for number in range(1, length + 1):
        steps: list[Step] = []
        for _ in range(chance.choice([1, 1, 2, 3])):
            step = Step(chance, number * 10 + len(steps), world.tables, names, engine)
            step.cross(world, up=True)
            steps.append(step)
        revisions.append(steps)
        up = "\n    ".join(step.script()[0] for step in steps)
        down = "\n    ".join(step.script()[1] for step in reversed(steps))
        (directory / "versions" / f"{number}.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n\n"
            f"revision = 'r{number}'\ndown_revision = {parents_of(number, fork)!r}\n"
            "OPTIONS = {'mysql_charset': 'utf8mb4'}\n\n\n"
            f"def upgrade():\n    {up}\n\n\ndef downgrade():\n    {down}\n"
        )
    return revisions


def generate_history(
    chance: random.Random, engine: sa.Engine, models: sa.MetaData, length: int, migrate: Callable[[str], None]
) -> Revisions:
    """Change the models that many times, and have each change written as a revision, which is taken at once.

    Args:
        chance: decides.
        engine: of the database.
        models: the app's, which are made anew.
        length: the number of revisions.
        migrate: writes the revision of that id, and goes up to it.
    """
    world, revisions, names = World(), [], Names()
    for number in range(1, length + 1):
        steps: list[Step] = []
        for _ in range(chance.choice([1, 1, 2])):
            # What two changes to one table leave is all that autogenerate can see of them.
            touched = {step.table for step in steps}
            free = {name: table for name, table in world.tables.items() if name not in touched}
            step = Step(chance, number * 10 + len(steps), free, names, engine, KINDS_FOR_MODELS)
            step.spelling = "generated"
            if step.table not in touched:
                step.cross(world, up=True)
                steps.append(step)
        revisions.append(steps)
        models.clear()
        for name, table in world.tables.items():
            table.as_model(name, models)
        migrate(f"r{number}")
    return revisions


def fills_for(world: World, revisions: Revisions) -> dict[str, str]:
    """A value for each column that may return NOT NULL without a default; the model knows it too."""
    found = {}
    values = {"text": "'filled'", "wide": "'filled'", "long": "'filled'", "document": "'{}'"}
    for step in (step for steps in revisions for step in steps):
        if step.kind == "drop" and step.definition.not_null and step.definition.default is None:
            found[f"{step.table}.{step.column}"] = values.get(step.definition.kind, "5")
    world.fills = {place: (sql.strip("'") if sql.startswith("'") else int(sql)) for place, sql in found.items()}
    return found
