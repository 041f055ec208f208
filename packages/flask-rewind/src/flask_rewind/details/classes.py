"""One class for each engine and each kind of thing it hides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from flask_rewind.details.parts import Domain, ForeignKey, Named, Parent, Relation, Side, TableKeys

TITLES = {"sqlite": "SQLite", "mysql": "MariaDB or MySQL", "postgresql": "PostgreSQL"}
"""How messages name each engine that hides things; the keys are the values of ``rewind_attic.engine``."""
_ALSO_CALLED = {"mariadb": "mysql"}


def engine_called(dialect: str) -> str:
    """Return the engine, as ``rewind_attic.engine`` names it, of a dialect of SQLAlchemy."""
    return _ALSO_CALLED.get(dialect, dialect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What it takes to bring a hidden thing back."""

    engine: ClassVar[str] = ""
    """The engine that hid it, one of `TITLES`."""
    incoming: tuple[ForeignKey, ...] = ()
    """Foreign keys to it that were dropped. Always empty on SQLite, where `SQLiteColumnDetails.keys_to` has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDetails(Details):
    """A hidden column of any engine."""

    not_null: bool
    """Whether no row could have NULL in it."""
    has_default: bool
    """Whether rows inserted without it get a value other than NULL."""
    is_numbered: bool
    """Whether the database gives new rows a number: AUTO_INCREMENT, an identity, the row id of SQLite."""
    stays_not_null: bool
    """Whether it must return NOT NULL, whatever the script declares: a column of the primary key, for instance."""
    numbered_by: str | None = None
    """MariaDB: the expression with NEXTVAL that is its default; None elsewhere."""
    indexes: tuple[Named, ...]
    """Indexes over it, which were dropped."""
    columns: tuple[str, ...] = ()
    """All visible columns of its table at that moment, itself included."""
    side: Side | None = None
    """Set while its values are in a side table; never on PostgreSQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDetails(Details):
    """A hidden table of any engine."""

    indexes: tuple[Named, ...] = ()
    """Indexes that were dropped; empty where they stay on the hidden table."""
    triggers: tuple[Named, ...] = ()
    """Triggers that were dropped later, because others took their names. Always empty on PostgreSQL."""
    partitions: tuple[str, ...] = ()
    """Names of its partitions, which are hidden with it. Always empty but on PostgreSQL."""
    former_names: tuple[str, ...] = ()
    """Names that it had earlier in the crossing that hid it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeDetails(Details):
    """A hidden type, or a hidden sequence."""

    kind: str
    """``TYPE`` or ``SEQUENCE``, as ALTER takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SQLiteColumnDetails(ColumnDetails):
    """A hidden column of SQLite."""

    engine: ClassVar[str] = "sqlite"
    text: str
    """The CREATE TABLE statement of its table before it was hidden."""
    definition: str
    """Its own part of that statement, with its name."""
    primary_key: bool
    """Whether it belonged to the primary key."""
    rest_of_key: tuple[str, ...]
    """The other columns of the primary key; empty where these alone cannot be the key, and rows got row ids."""
    moves_rows: bool
    """Whether the table must be written anew to bring it back, because a key changes."""
    last_number: int | None
    """The last number of an AUTOINCREMENT table; None for other tables."""
    uniques: tuple[str, ...]
    """UNIQUE constraints over it, as parts of a CREATE TABLE statement."""
    keys: tuple[str, ...]
    """Foreign keys from it, as parts of a CREATE TABLE statement."""
    checks: tuple[str, ...]
    """CHECK constraints that name it and are not in its definition, as parts of a CREATE TABLE statement."""
    keys_to: tuple[TableKeys, ...]
    """Foreign keys to it, which were taken out of the texts of their tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SQLiteTableDetails(TableDetails):
    """A hidden table of SQLite."""

    engine: ClassVar[str] = "sqlite"
    text: str
    """Its CREATE TABLE statement before it was hidden, without columns that were purged since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MySQLColumnDetails(ColumnDetails):
    """A hidden column of MariaDB or MySQL."""

    engine: ClassVar[str] = "mysql"
    definition: str
    """Its line of SHOW CREATE TABLE, without its name."""
    type: str
    """Its type without length, in small letters, as ``information_schema.columns.data_type`` has it."""
    is_loose: bool = False
    """Whether new rows have NULL in it while it is hidden; else a marker column tells them, if it needs one."""
    constraints: tuple[Named, ...]
    """Foreign keys from it and CHECK constraints that name it."""
    primary_key: str
    """The line of the primary key, if it belongs to that; else empty."""
    made_by_server: Mapping[str, str]
    """Which of `indexes` the server made for a foreign key: the quoted columns, with commas, to the name."""
    left_without_index: tuple[str, ...]
    """The quoted columns of each foreign key that needs another index once `indexes` are dropped."""

    @property
    def is_marked(self) -> bool:
        """Whether a column beside it says which rows have no value of their own in it."""
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
    """Its type, where that is a domain that takes no NULL."""
    is_loose: bool
    """Whether it has the type below its domain while it is hidden, so that new rows can have NULL in it."""
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
    """By the name of an index or constraint: statements that set its comment or an option. Each is in one piece, or in
    two, between which the name of the table belongs."""
    parents: tuple[Parent, ...]
    """Tables that it was detached from."""
    names: tuple[Relation, ...]
    """What was renamed with it, in the order of the numbers at the end of the new names."""


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
