"""Marker columns of MariaDB and MySQL: they mark the newborn rows, which have no value in a hidden column."""

from flask_rewind.attic_entries import PREFIX, Entry, Place
from flask_rewind.details import MySQLColumnDetails
from flask_rewind.engines.access import DatabaseAccess, Part
from flask_rewind.engines.mysql.room import has_room
from flask_rewind.engines.mysql.shown import definition_lines

NEWBORN, LATE = 1, 2
"""What a marker has in newborn rows, and in those that are inserted while the column is being brought back."""
_MARKER = "ADD COLUMN {} TINYINT NOT NULL DEFAULT 0 INVISIBLE"


def marker_of(entry: Entry) -> str:
    """Return the name of the marker of a hidden column."""
    return f"{entry.name}_new"


class Markers(Part):
    """Adds markers, and drops them after the crossing that no longer needs them."""

    def __init__(self, access: DatabaseAccess) -> None:
        super().__init__(access)
        self._markers: list[tuple[str | None, str]] = []
        """Schema and name of the markers of returned columns, which may be hidden again until the crossing ends."""
        self._waiting_keys: list[tuple[str | None, str]] = []
        """Schema and name of temporary indexes that replace those that will be recreated."""

    def has_room(self, place: Place) -> bool:
        """Return whether a table has room for a marker."""
        return has_room(self.connection, self.table_of(place), _MARKER.format(f"{PREFIX}new"))

    def add(self, place: Place, marker: str) -> None:
        """Add a marker that marks no row."""
        self.run_literally(f"ALTER TABLE {self.table_of(place)} {_MARKER.format(marker)}")

    def count(self, entry: Entry, value: int) -> int:
        """Return how many rows have a value in the marker of a column."""
        statement = f"SELECT count(*) FROM {self.table_of(entry.place)} WHERE {marker_of(entry)} = {value}"
        return int(self.run_literally(statement).scalar_one())

    def mark(self, entry: Entry) -> str:
        """Return the ALTER TABLE action with which a marker marks all rows that are inserted from now on.

        After a failed return the former marker is used again: it already marks other rows.
        """
        marker, former = marker_of(entry), f"{entry.former}_new"
        if (entry.place.schema, former) in self._markers and former in self._columns_of(entry.place):
            self._markers.remove((entry.place.schema, former))
            return f"CHANGE {former} {marker} TINYINT NOT NULL DEFAULT {NEWBORN} INVISIBLE"
        self.add(entry.place, marker)
        return f"ALTER COLUMN {marker} SET DEFAULT {NEWBORN}"

    def drop(self) -> None:
        """Drop the markers and temporary indexes of the crossing, which has ended."""
        for kind, catalog, waiting in (("COLUMN", "columns", self._markers), ("KEY", "statistics", self._waiting_keys)):
            what = "column_name" if kind == "COLUMN" else "index_name"
            for schema, name in waiting:
                tables = self.run(
                    f"SELECT DISTINCT table_name FROM information_schema.{catalog}"
                    f" WHERE table_schema = COALESCE(:schema, DATABASE()) AND {what} = :name",
                    schema=schema,
                    name=name,
                )
                for (table,) in tables.all():
                    self.run_literally(f"ALTER TABLE {self.name_of(schema, table)} DROP {kind} {name}")
            waiting.clear()

    def _columns_of(self, place: Place) -> list[str]:
        return [line[1:].partition("`")[0] for line in definition_lines(self, place) if line.startswith("`")]

    def note(self, entry: Entry) -> None:
        """Let `drop` drop the marker of a column."""
        marker = (entry.place.schema, marker_of(entry))
        if marker not in self._markers:
            self._markers.append(marker)

    def drop_later(self, entry: Entry, *, has_marker: bool) -> None:
        """Let `drop` drop the marker of a returned column, and the temporary indexes of its foreign keys."""
        if has_marker:
            self.note(entry)
        self._waiting_keys += [(entry.place.schema, name) for name, _ in stand_ins(entry)]


def is_marked(entry: Entry) -> bool:
    """Return whether a hidden column has a marker."""
    return isinstance(entry.details, MySQLColumnDetails) and entry.details.is_marked  # else another engine hid it


def stand_ins(entry: Entry) -> list[tuple[str, str]]:
    """Return name and columns of the temporary indexes for foreign keys whose index is dropped with the column."""
    keys = entry.details_as(MySQLColumnDetails).left_without_index
    return [(f"{entry.name}_k{at}", key) for at, key in enumerate(keys, 1)]
