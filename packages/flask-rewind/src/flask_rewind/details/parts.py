"""The parts of details: each is a list in the JSON, its values in the order of the fields."""

from typing import NamedTuple


class Named(NamedTuple):
    """An index, constraint or trigger of the hidden table, or of the table of the hidden column."""

    name: str
    sql: str
    """SQLite: the whole CREATE statement. MariaDB and MySQL: the line of SHOW CREATE TABLE, or for a trigger the
    CREATE statement. PostgreSQL: what pg_get_constraintdef() or pg_get_indexdef() return."""


class ForeignKey(NamedTuple):
    """A foreign key of another table that refers to the hidden column or table."""

    schema: str | None
    """That of the other table; None for the default schema."""
    table: str
    """The other table."""
    name: str
    sql: str
    """``CONSTRAINT name FOREIGN KEY …``, as ALTER TABLE … ADD takes it."""


class KeyText(NamedTuple):
    """A foreign key in the text of a SQLite table."""

    column: str
    """The column in whose definition it is; empty where it is a part of its own, behind the columns."""
    sql: str


class TableKeys(NamedTuple):
    """The foreign keys of one SQLite table that refer to the hidden column."""

    table: str
    keys: tuple[KeyText, ...]


class Domain(NamedTuple):
    """A NOT NULL domain of PostgreSQL that is the type of a hidden column."""

    name: str
    base: str
    """The type below it, which the column has while it is hidden."""
    not_null: bool
    """Whether the column itself was declared NOT NULL too."""


class Parent(NamedTuple):
    """The table of PostgreSQL that the hidden table is a partition of, or inherits from."""

    table: str
    detach_start: str
    """The ALTER TABLE that parts the two, up to where the name of the hidden table belongs."""
    detach_end: str
    """The rest of that statement, after the name."""
    attach_start: str
    """The ALTER TABLE that joins the two again, up to where the name belongs."""
    attach_end: str


class Relation(NamedTuple):
    """An index, sequence or partition that is renamed together with its hidden table on PostgreSQL."""

    kind: str
    """``INDEX``, ``SEQUENCE`` or ``TABLE``, as ALTER takes it."""
    name: str


class Side(NamedTuple):
    """A hidden column whose values are in a side table, because its own table has no room for it."""

    definition: str
    """The definition of the column, without its name on MariaDB and MySQL."""
    after: str | None
    """The visible column that it stood behind; None where it was the first one."""
    types: tuple[str, ...] = ()
    """SQLite: the declared types of the columns of the primary key, in capitals."""
