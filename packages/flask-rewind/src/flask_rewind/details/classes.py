"""One class of details for each engine and each kind of thing that it hides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from flask_rewind.details.parts import Domain, ForeignKey, Named, Parent, Relation, Side, TableKeys

TITLES = {"sqlite": "SQLite", "mysql": "MariaDB or MySQL", "postgresql": "PostgreSQL"}
"""The name of each engine in messages; the keys are the values of ``rewind_attic.engine``."""
_ALSO_CALLED = {"mariadb": "mysql"}


def engine_called(dialect: str) -> str:
    """Return the engine of a SQLAlchemy dialect, as ``rewind_attic.engine`` names it."""
    return _ALSO_CALLED.get(dialect, dialect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What an engine needs to bring a hidden thing back."""

    engine: ClassVar[str] = ""
    """The engine that hid it, one of `TITLES`."""
    incoming: tuple[ForeignKey, ...] = ()
    """Foreign keys to it that were dropped. Always empty on SQLite, which uses `SQLiteColumnDetails.keys_to`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDetails(Details):
    """A hidden column of any engine."""

    not_null: bool
    """Whether it could not be NULL when it was hidden."""
    has_default: bool
    """Whether rows inserted without it get a value other than NULL."""
    is_numbered: bool
    """Whether the database gives new rows a number: AUTO_INCREMENT, an identity, the row id of SQLite."""
    stays_not_null: bool
    """Whether it must return as NOT NULL, whatever the script declares: a column of the primary key, for example."""
    numbered_by: str | None = None
    """MariaDB: its default, if that is an expression with NEXTVAL; None elsewhere."""
    indexes: tuple[Named, ...]
    """Its indexes, which were dropped."""
    columns: tuple[str, ...] = ()
    """The visible columns of its table when it was hidden, itself included."""
    side: Side | None = None
    """Set while its values are in a side table; always None on PostgreSQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDetails(Details):
    """A hidden table of any engine."""

    indexes: tuple[Named, ...] = ()
    """Indexes that were dropped; empty if the engine leaves them on the hidden table."""
    triggers: tuple[Named, ...] = ()
    """Triggers that were dropped later, because other triggers took their names. Always empty on PostgreSQL."""
    partitions: tuple[str, ...] = ()
    """Names of its partitions, which are hidden with it. PostgreSQL only."""
    former_names: tuple[str, ...] = ()
    """Names that the table had earlier in the crossing that hid it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeDetails(Details):
    """A hidden type, or a hidden sequence."""

    kind: str
    """``TYPE`` or ``SEQUENCE``, the word after ALTER."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SQLiteColumnDetails(ColumnDetails):
    """A hidden column of SQLite."""

    engine: ClassVar[str] = "sqlite"
    text: str
    """The CREATE TABLE statement of its table before it was hidden."""
    definition: str
    """Its definition in that statement, with its name."""
    primary_key: bool
    """Whether it belonged to the primary key."""
    rest_of_key: tuple[str, ...]
    """The other columns of the primary key; empty if they alone cannot be the key. Then the rows got row ids."""
    moves_rows: bool
    """Whether the table is rebuilt to hide the column and to bring it back, because a key changes."""
    last_number: int | None
    """The last number of an AUTOINCREMENT table; None for other tables."""
    uniques: tuple[str, ...]
    """UNIQUE constraints over it, as parts of a CREATE TABLE statement."""
    keys: tuple[str, ...]
    """Foreign keys from it, as parts of a CREATE TABLE statement."""
    checks: tuple[str, ...]
    """CHECK constraints that name it outside its own definition, as parts of a CREATE TABLE statement."""
    keys_to: tuple[TableKeys, ...]
    """Foreign keys to it, which were removed from the texts of their tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SQLiteTableDetails(TableDetails):
    """A hidden table of SQLite."""

    engine: ClassVar[str] = "sqlite"
    text: str
    """Its CREATE TABLE statement before it was hidden, without columns that have been purged since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MySQLColumnDetails(ColumnDetails):
    """A hidden column of MariaDB or MySQL."""

    engine: ClassVar[str] = "mysql"
    definition: str
    """Its line of SHOW CREATE TABLE, without its name."""
    type: str
    """Its type without length, in lower case, from ``information_schema.columns.data_type``."""
    is_loose: bool = False
    """Whether newborn rows have NULL in it while it is hidden. If not, a marker column tells them apart, if needed."""
    constraints: tuple[Named, ...]
    """Foreign keys from it and CHECK constraints that name it."""
    primary_key: str
    """The line of the primary key in SHOW CREATE TABLE, if the column belongs to it; else empty."""
    made_by_server: Mapping[str, str]
    """Those of `indexes` that the server made for a foreign key: name by quoted columns, joined with commas."""
    left_without_index: tuple[str, ...]
    """The quoted columns of each foreign key that needs another index after `indexes` are dropped."""

    @property
    def is_marked(self) -> bool:
        """Whether a marker column tells which rows have no value of their own in it."""
        may_miss_it = self.not_null or bool(self.numbered_by)
        return may_miss_it and not self.has_default and not self.is_loose


@dataclass(frozen=True, slots=True, kw_only=True)
class MySQLTableDetails(TableDetails):
    """A hidden table of MariaDB or MySQL."""

    engine: ClassVar[str] = "mysql"
    constraints: tuple[Named, ...]
    """Foreign keys from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgreSQLColumnDetails(ColumnDetails):
    """A hidden column of PostgreSQL."""

    engine: ClassVar[str] = "postgresql"
    domain: Domain | None
    """Its type, if that is a domain that does not allow NULL."""
    is_loose: bool
    """Whether it has the base type of its domain while it is hidden, so that newborn rows can have NULL in it."""
    constraints: tuple[Named, ...]
    """Constraints that it belongs to: keys, foreign keys, CHECK and EXCLUDE constraints."""
    extras: Mapping[str, tuple[tuple[str, ...], ...]]
    """See `PostgreSQLTableDetails.extras`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgreSQLTableDetails(TableDetails):
    """A hidden table of PostgreSQL."""

    engine: ClassVar[str] = "postgresql"
    constraints: tuple[Named, ...]
    """Foreign keys from it."""
    extras: Mapping[str, tuple[tuple[str, ...], ...]]
    """Statements that set the comment or an option of an index or constraint, by its name. Each is one string, or two
    strings between which the name of the table is inserted."""
    parents: tuple[Parent, ...]
    """Tables that it was detached from."""
    names: tuple[Relation, ...]
    """Relations that were renamed with it, in the order of the numbers at the end of their hidden names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgreSQLTypeDetails(TypeDetails):
    """A hidden enum type or sequence of PostgreSQL."""

    engine: ClassVar[str] = "postgresql"


CLASSES: tuple[type[Details], ...] = (
    SQLiteColumnDetails,
    SQLiteTableDetails,
    MySQLColumnDetails,
    MySQLTableDetails,
    PostgreSQLColumnDetails,
    PostgreSQLTableDetails,
    PostgreSQLTypeDetails,
)
