"""What a statement changes in columns and tables, as values."""

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
    """Whether it drops a column with CASCADE."""


@dataclass(frozen=True, slots=True)
class Action:
    """One part of an ALTER TABLE statement."""

    kind: str
    """``drop`` or ``add`` a column, ``name`` (add a constraint or index, with its name), ``rename`` the table,
    ``rename column``, ``destroy`` (delete rows in a way that cannot be hidden), or ``other``."""
    text: str
    """The action as written."""
    name: str = ""
    """The name of the column, constraint or index, or the new name of the table."""
    definition: str = ""
    """For an added column, its definition without its name and without FIRST or AFTER. For a renamed column, its new
    name."""


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
    """Whether it first drops a table of that name (CREATE OR REPLACE)."""
    is_like: bool = False
    """Whether it copies the columns of another table (LIKE)."""


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
    """A statement that creates a trigger, or a policy of PostgreSQL."""

    name: str
    table: Name
    replaces: bool = False
    """Whether it first drops a trigger of that name on the table (CREATE OR REPLACE)."""


@dataclass(frozen=True, slots=True)
class DropTrigger:
    """A DROP TRIGGER statement."""

    name: str


@dataclass(frozen=True, slots=True)
class DropOther:
    """A DROP statement of something other than a table, which may drop columns and tables, too."""

    kind: str
    """For example ``TYPE`` or ``SCHEMA``."""
    without_cascade: str
    """The statement without its CASCADE."""
    cascade: bool

    def destroys(self, dialect: str) -> bool:
        """Return whether it may drop columns or tables."""
        return self.cascade or (self.kind in {"SCHEMA", "DATABASE"} and dialect != "postgresql")


Change = AlterTable | DropTables | CreateTable | RenameTables | CreateIndex | CreateOnTable | DropTrigger | DropOther


@dataclass(frozen=True, slots=True)
class Rename:
    """Another name for a table, or for a column of it."""

    table: str
    """The name of the table at that time; for a renamed table, its old name."""
    column: str
    """The old name of the column; empty if the table itself is renamed."""
    new: str


@dataclass(frozen=True, slots=True)
class NewType:
    """Another type for a column, by one action of an ALTER TABLE statement."""

    column: str
    definition: str
    """The new definition of the column: all of it on MariaDB and MySQL, type and collation on PostgreSQL."""
    using: str
    """The expression in USING on PostgreSQL; empty if there is none."""
