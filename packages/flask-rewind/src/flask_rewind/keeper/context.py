"""What the parts of the attic share while one revision is crossed."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import KW_ONLY, InitVar, dataclass, field, replace

from alembic.ddl.impl import DefaultImpl
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect

from flask_rewind.attic_entries import PREFIX, Attic, Entry, Place
from flask_rewind.engines.access import columns_of
from flask_rewind.engines.hider import Hider
from flask_rewind.engines.keyed_copies import KeyedCopies
from flask_rewind.engines.registry import keyed_copies_of, side_tables_of
from flask_rewind.engines.side_tables import SideTables
from flask_rewind.places import Names
from flask_rewind.sql.changes import Name
from flask_rewind.steps import Purpose, StepKind, current_purpose, serving

OPPOSITE = {"up": "down", "down": "up"}
"""The other direction of a crossing."""


@dataclass
class CrossingContext:
    """One revision crossed in one direction, on one connection."""

    alembic: InitVar[MigrationContext]
    hider: Hider
    attic: Attic
    revision: str
    direction: str
    fills: Mapping[str, str]
    """What ``--fill`` gives: an SQL expression for each ``table.column``."""
    _: KW_ONLY
    derived: Collection[str] = ()
    """Names, with dots, of columns and tables that hold no data of their own (``REWIND_DERIVED``)."""
    source: str = ""
    """The text of the script."""
    taken_back: Mapping[Place, Entry] = field(default_factory=dict)
    """Entries of what a failed crossing had brought back, where this is the way back through it."""

    connection: Connection = field(init=False)
    impl: DefaultImpl = field(init=False)
    """Alembic's implementation of the engine."""
    names: Names = field(init=False)
    sides: SideTables = field(init=False)
    copies: KeyedCopies = field(init=False)
    is_hiding: bool = field(default=False, init=False)
    """Whether the statements that are executed now are Rewind's own."""

    def __post_init__(self, alembic: MigrationContext) -> None:
        if alembic.connection is None:
            raise ValueError("a crossing that only prints its SQL keeps nothing")
        self.connection, self.impl = alembic.connection, alembic.impl
        self.sides, self.copies = side_tables_of(self.hider), keyed_copies_of(self.hider)
        self.names = self.attic.names
        self.names.ask()

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the engine."""
        return self.connection.dialect.name

    @property
    def opposite(self) -> str:
        """The other direction."""
        return OPPOSITE[self.direction]

    def is_of_this(self, entry: Entry) -> bool:
        """Return whether a crossing of this revision in this direction hid something."""
        return (entry.revision, entry.direction) == (self.revision, self.direction)

    def is_of_opposite(self, entry: Entry) -> bool:
        """Return whether a crossing of this revision in the other direction hid something."""
        return (entry.revision, entry.direction) == (self.revision, self.opposite)

    @contextmanager
    def hiding(self, kind: StepKind | None = None, place: Place | None = None, entry: str = "") -> Iterator[None]:
        """Let every statement of a block through: they are Rewind's.

        Args:
            kind: what they do; without it they serve the purpose of the statements around the block.
            place: the table or column that they serve.
            entry: the name in the attic, or of a side table or trigger, that they have to do with.
        """
        before, self.is_hiding = self.is_hiding, True
        purpose = Purpose(kind, str(place or ""), entry) if kind else current_purpose()
        try:
            with serving(purpose):
                yield
        finally:
            self.is_hiding = before

    def is_there(self, place: Place) -> bool:
        """Return whether the database has the table or column."""
        inspector = inspect(self.connection)
        if not inspector.has_table(place.table, place.schema):
            return False
        if place.column is None:
            return True
        fold = self.names.of_column
        return fold(place.column) in {fold(name) for name in columns_of(inspector, place.schema, place.table)}

    def visible_columns(self, table: Place) -> list[str]:
        """Return the names of the columns of a table that are not hidden."""
        names = columns_of(inspect(self.connection), table.schema, table.table)
        return [name for name in names if not name.startswith(PREFIX)]

    def place_of(self, name: Name, column: str | None = None) -> Place:
        """Return the place of a table that a statement names, or of a column in it."""
        return self.names.found(Place(name.schema, name.table, column))

    def is_of(self, table: Place, place: Place) -> bool:
        """Return whether something is this table or a column of it, however scripts spell its name."""
        return self.names.same(without_column(table), without_column(place))

    def is_derived(self, place: Place) -> bool:
        """Return whether ``REWIND_DERIVED`` names a column or table."""
        return any(self.names.are_of(name, place) for name in self.derived)

    def fill_for(self, place: Place) -> str | None:
        """Return the SQL expression that ``--fill`` gives a column."""
        return next((fill for name, fill in self.fills.items() if self.names.are_of(name, place)), None)


def without_column(place: Place) -> Place:
    """Return the place of the table that a column is in."""
    return replace(place, column=None, is_type=False)
