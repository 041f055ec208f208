"""What a statement says of columns and tables, as values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a table as a statement spells it."""

    schema: str | None
    table: str
    sql: str


@dataclass(frozen=True, slots=True)
class AlterTable:
    """An ALTER TABLE statement and its actions, in order."""

    table: Name
    actions: list["Action"]
    cascade: bool
    """Whether a column is dropped with what depends on it."""


@dataclass(frozen=True, slots=True)
class Action:
    """One part of an ALTER TABLE statement."""

    kind: str
    """``drop`` or ``add`` a column, ``name`` (add a constraint or an index with a name), ``rename`` the table,
    ``rename column``, ``destroy`` (rows, in a way that cannot be hidden), or ``other``."""
    text: str
    """As it stands."""
    name: str = ""
    """Of the column, constraint or index, or the new one of the table."""
    definition: str = ""
    """Of an added column: what stands after its name, without where it goes. Of a renamed one: its new name."""


@dataclass(frozen=True, slots=True)
class DropTables:
    """A DROP TABLE statement."""

    tables: list[Name]
    if_exists: bool
    cascade: bool


@dataclass(frozen=True, slots=True)
class CreateTable:
    """A CREATE TABLE statement."""

    table: Name
    replaces: bool
    """Whether a table of that name is dropped before."""
    is_like: bool = False
    """Whether it has the columns of another table."""


@dataclass(frozen=True, slots=True)
class RenameTables:
    """A RENAME TABLE statement."""

    pairs: list[tuple[Name, str]]


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """A CREATE INDEX statement."""

    name: str
    table: Name


@dataclass(frozen=True, slots=True)
class CreateOnTable:
    """A statement that makes a trigger, or a policy of PostgreSQL."""

    name: str
    table: Name
    replaces: bool = False
    """Whether one of that name on the table is dropped before."""


@dataclass(frozen=True, slots=True)
class DropTrigger:
    """A DROP TRIGGER statement."""

    name: str


@dataclass(frozen=True, slots=True)
class DropOther:
    """A DROP statement of something that columns and tables may go with."""

    kind: str
    """``TYPE``, ``SCHEMA`` and the like."""
    without_cascade: str
    """The statement as it would drop nothing else."""
    cascade: bool
    names: tuple[str, ...] = ()
    """Of the schemas it drops; empty for anything else."""

    def destroys(self, dialect: str) -> bool:
        """Return whether columns or tables may go with it."""
        return self.cascade or (self.kind in {"SCHEMA", "DATABASE"} and dialect != "postgresql")


@dataclass(frozen=True, slots=True)
class CreateSchema:
    """A CREATE SCHEMA statement."""

    name: str


Change = (
    AlterTable
    | DropTables
    | CreateTable
    | RenameTables
    | CreateIndex
    | CreateOnTable
    | CreateSchema
    | DropTrigger
    | DropOther
)


@dataclass(frozen=True, slots=True)
class Rename:
    """Another name for a table, or for a column of it."""

    table: str
    """The table as it is called at that time; of a renamed table, its old name."""
    column: str
    """Empty where the table itself is renamed."""
    new: str


@dataclass(frozen=True, slots=True)
class NewType:
    """Another type for a column, by one action of an ALTER TABLE statement."""

    column: str
    definition: str
    """The new declaration of the column: all of it on MariaDB and MySQL, type and collation on PostgreSQL."""
    using: str
    """The expression that gives the values on PostgreSQL; empty where it is the column itself."""
