"""Columns that mark the rows inserted while a column of MariaDB or MySQL is hidden: their value is none."""

from flask_rewind.attic_entries import PREFIX, Entry, Place
from flask_rewind.details import MySQLColumnDetails
from flask_rewind.engines.access import DatabaseAccess, Part
from flask_rewind.engines.mysql.room import has_room
from flask_rewind.engines.mysql.shown import definition_lines

_MARKER = "ADD COLUMN {} TINYINT NOT NULL DEFAULT 0 INVISIBLE"


class Markers(Part):
    """Adds markers, and drops them after the crossing that no longer needs them."""

    def __init__(self, access: DatabaseAccess) -> None:
        super().__init__(access)
        self._markers: list[tuple[str | None, str]] = []
        """Schema and name, of columns that returned: until the crossing is through they may have to be hidden again."""
        self._waiting_keys: list[tuple[str | None, str]] = []
        """Schema and name, of indexes that stand in for those that will be made again."""

    def has_room(self, place: Place) -> bool:
        """Return whether a table has room for a marker."""
        return has_room(self.connection, self.table_of(place), _MARKER.format(f"{PREFIX}new"))

    def add(self, place: Place, marker: str) -> None:
        """Add a marker that marks no row."""
        self.run_literally(f"ALTER TABLE {self.table_of(place)} {_MARKER.format(marker)}")

    def mark(self, entry: Entry) -> str:
        """Return what lets a column mark the rows that come from now on; after a failed return it marks others too."""
        marker, former = f"{entry.name}_new", f"{entry.former}_new"
        if (entry.place.schema, former) in self._markers and former in self._columns_of(entry.place):
            self._markers.remove((entry.place.schema, former))
            return f"CHANGE {former} {marker} TINYINT NOT NULL DEFAULT 1 INVISIBLE"
        self.add(entry.place, marker)
        return f"ALTER COLUMN {marker} SET DEFAULT 1"

    def drop(self) -> None:
        """Drop the markers and indexes that waited for the end of the crossing."""
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
        """Drop the marker of a column when the crossing is over."""
        marker = (entry.place.schema, f"{entry.name}_new")
        if marker not in self._markers:
            self._markers.append(marker)

    def drop_later(self, entry: Entry, *, has_marker: bool) -> None:
        """Drop the marker of a column that returned, and the indexes in place of its own, when the crossing is over."""
        if has_marker:
            self.note(entry)
        self._waiting_keys += [(entry.place.schema, name) for name, _ in stand_ins(entry)]


def is_marked(entry: Entry) -> bool:
    """Return whether a marker tells the new rows of a hidden column."""
    return isinstance(entry.details, MySQLColumnDetails) and entry.details.is_marked  # else another engine hid it


def stand_ins(entry: Entry) -> list[tuple[str, str]]:
    """Return name and columns of the indexes that foreign keys have while theirs is away."""
    keys = entry.details_as(MySQLColumnDetails).left_without_index
    return [(f"{entry.name}_k{at}", key) for at, key in enumerate(keys, 1)]
