"""The parts of details. In the JSON each is a list of its values, in the order of the fields."""

from typing import NamedTuple


class Named(NamedTuple):
    """An index, constraint or trigger of the hidden table, or of the table that has the hidden column."""

    name: str
    sql: str
    """SQLite: the whole CREATE statement. MariaDB and MySQL: the line of SHOW CREATE TABLE, or for a trigger the
    CREATE statement. PostgreSQL: the result of pg_get_constraintdef() or pg_get_indexdef()."""


class ForeignKey(NamedTuple):
    """A foreign key of another table that refers to the hidden column or table."""

    schema: str | None
    """The schema of the other table; None for the default schema."""
    table: str
    """The other table."""
    name: str
    sql: str
    """``CONSTRAINT name FOREIGN KEY …``, as it follows ALTER TABLE … ADD."""


class KeyText(NamedTuple):
    """A foreign key in the text of a SQLite table."""

    column: str
    """The column whose definition contains it; empty for a table constraint, which follows the columns."""
    sql: str


class TableKeys(NamedTuple):
    """The foreign keys of one SQLite table that refer to the hidden column."""

    table: str
    keys: tuple[KeyText, ...]


class Domain(NamedTuple):
    """A NOT NULL domain of PostgreSQL that is the type of a hidden column."""

    name: str
    base: str
    """The base type of the domain, which the column has while it is hidden."""
    not_null: bool
    """Whether the column itself was declared NOT NULL, too."""


class Parent(NamedTuple):
    """The PostgreSQL table that the hidden table is a partition of, or inherits from."""

    table: str
    detach_start: str
    """The ALTER TABLE statement that detaches the hidden table, up to its name."""
    detach_end: str
    """The rest of that statement, after the name."""
    attach_start: str
    """The ALTER TABLE statement that attaches it again, up to its name."""
    attach_end: str
    """The rest of that statement, after the name."""


class Relation(NamedTuple):
    """An index, sequence or partition that is renamed together with its hidden table on PostgreSQL."""

    kind: str
    """``INDEX``, ``SEQUENCE`` or ``TABLE``, the word after ALTER."""
    name: str


class Side(NamedTuple):
    """A hidden column whose values are in a side table, because its own table has no room for it."""

    definition: str
    """The definition of the column; on MariaDB and MySQL without its name."""
    after: str | None
    """The visible column before it; None if there was none."""
    types: tuple[str, ...] = ()
    """SQLite: the declared types of the primary key's columns, in upper case."""
