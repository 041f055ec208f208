"""Columns of MariaDB and MySQL: hidden as INVISIBLE under a new name; each step is one atomic ALTER TABLE.

Measured (shared notes, engines, finding 1): ``CHANGE … INVISIBLE`` with a default is INSTANT. A column without a
default gets one, and a marker column records the newborn rows, which have no value of their own.
"""

import re
from dataclasses import replace

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import MySQLColumnDetails, Named
from flask_rewind.engines.access import DatabaseAccess
from flask_rewind.engines.columns import Columns
from flask_rewind.engines.constraints import Restore
from flask_rewind.engines.mysql.constraints import MySQLConstraints, restores_of_constraints
from flask_rewind.engines.mysql.definitions import as_never_null, as_nullable, without
from flask_rewind.engines.mysql.key_indexes import MySQLKeyIndexes, remember_keys_to
from flask_rewind.engines.mysql.lines import begins, columns_of_key, is_key, is_plain_index, listed, named
from flask_rewind.engines.mysql.markers import LATE, NEWBORN, Markers, is_marked, marker_of, stand_ins
from flask_rewind.engines.mysql.room import MySQLRoom
from flask_rewind.engines.mysql.shown import definition_lines
from flask_rewind.engines.mysql.values import MySQLValues
from flask_rewind.sql.tokenizer import tokens

_ZEROS = {
    "date": "'2000-01-01'",
    "datetime": "'2000-01-01 00:00:00'",
    "timestamp": "'2000-01-01 00:00:00'",
    "time": "'00:00:00'",
    "year": "2000",
    "bit": "b'0'",
    "uuid": "'00000000-0000-0000-0000-000000000000'",
    "inet4": "'0.0.0.0'",
    "inet6": "'::'",
    "point": "(POINT(0, 0))",
    "geometry": "(POINT(0, 0))",
    "multipoint": "(MULTIPOINT(POINT(0, 0)))",
    "linestring": "(LINESTRING(POINT(0, 0), POINT(1, 1)))",
    "multilinestring": "(MULTILINESTRING(LINESTRING(POINT(0, 0), POINT(1, 1))))",
    "polygon": "(POLYGON(LINESTRING(POINT(0, 0), POINT(0, 1), POINT(1, 1), POINT(0, 0))))",
    "multipolygon": "(MULTIPOLYGON(POLYGON(LINESTRING(POINT(0, 0), POINT(0, 1), POINT(1, 1), POINT(0, 0)))))",
    "geometrycollection": "(GEOMETRYCOLLECTION(POINT(0, 0)))",
}
_OF_SEQUENCES = {"NEXTVAL", "LASTVAL", "SETVAL"}
_NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double"}


class MySQLColumns(Columns):
    """Hides columns of a MariaDB or MySQL database and brings them back."""

    _constraints: MySQLConstraints

    def __init__(
        self,
        access: DatabaseAccess,
        values: MySQLValues,
        constraints: MySQLConstraints,
        key_indexes: MySQLKeyIndexes,
        markers: Markers,
        room: MySQLRoom,
    ) -> None:
        super().__init__(access, values, constraints)
        self._key_indexes = key_indexes
        self._markers = markers
        self._room = room

    def look_at(self, place: Place) -> MySQLColumnDetails | None:
        row = self.run(
            "SELECT data_type, is_nullable, column_default, column_key, extra FROM information_schema.columns"
            " WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :table AND column_name = :column",
            schema=place.schema,
            table=place.table,
            column=place.column,
        ).one()
        extra = row.extra.upper()
        if "GENERATED" in extra and "DEFAULT_GENERATED" not in extra:
            return None
        lines = definition_lines(self, place)
        indexes = self._indexes_on(place, lines)
        is_numbered = "AUTO_INCREMENT" in extra
        definition = next(line for line in lines if line.startswith(self.column_of(place) + " "))
        default = row.column_default or ""
        not_null = row.is_nullable == "NO"
        is_of_sequence = bool(_OF_SEQUENCES & {token.word for token in tokens(default, "mysql")})
        has_default = (row.column_default is not None and not is_of_sequence) or is_numbered
        return MySQLColumnDetails(
            definition=definition.removeprefix(self.column_of(place)).strip(),
            not_null=not_null,
            # Making it nullable copies the table. A marker avoids that, if the table has room for one.
            is_loose=not_null and not has_default and not self._markers.has_room(place),
            # The sequence may be dropped before the column returns. With it as default, every INSERT would then fail.
            numbered_by=default if is_of_sequence else None,
            has_default=has_default,
            type=row.data_type.lower(),
            constraints=self._constraints_on(place, lines),
            indexes=indexes,
            made_by_server=self._key_indexes.made_by_server(place, [line for _, line in indexes]),
            left_without_index=tuple(self._left_without_index(place, lines)),
            incoming=self._constraints.referring_keys(place),
            stays_not_null=row.column_key == "PRI" or is_numbered,
            is_numbered=is_numbered,
            primary_key=next((line for line in lines if _is_primary_key(line, self.column_of(place))), ""),
        )

    def hide(self, entry: Entry) -> None:
        details = entry.details_as(MySQLColumnDetails)
        parts = [f"DROP FOREIGN KEY {self.quote(name)}" for name, sql in details.constraints if is_key(sql)]
        parts += [f"DROP CONSTRAINT {self.quote(name)}" for name, sql in details.constraints if not is_key(sql)]
        parts += [f"DROP INDEX {self.quote(name)}" for name, _ in details.indexes]
        parts += [f"ADD KEY {name} ({columns})" for name, columns in stand_ins(entry)]
        parts += self._without_primary_key(entry)
        definition = without(details.definition, "CHECK", "ON")
        table = self.table_of(entry.place)
        if is_marked(entry):
            definition = without(definition, "DEFAULT")
            definition += f" DEFAULT {_zero(details)}" if details.not_null else ""
            parts.append(self._markers.mark(entry))
        elif details.is_loose:
            definition = as_nullable(definition)
        parts.append(f"CHANGE {self.column_of(entry.place)} {entry.name} {definition} INVISIBLE")
        if details.is_numbered:  # AUTO_INCREMENT needs an index
            parts.append(f"ADD UNIQUE KEY {entry.name}_key ({entry.name})")
        self._constraints.drop_keys_to(entry)
        self.run_literally(f"ALTER TABLE {table} {', '.join(parts)}")

    def prepare_return(self, entry: Entry, *, nullable: bool) -> bool:
        if not is_marked(entry):
            return False
        marker = marker_of(entry)
        if self._markers.count(entry, LATE):  # a return was broken off
            self._values.fill(entry.place, marker, str(NEWBORN), f"{marker} = {LATE}")
        self.run_literally(f"ALTER TABLE {self.table_of(entry.place)} ALTER COLUMN {marker} SET DEFAULT {LATE}")
        return True

    def newborn_rows(self, entry: Entry) -> int:
        if entry.details_as(MySQLColumnDetails).is_loose:
            return self._values.null_rows(entry)
        return self._markers.count(entry, NEWBORN) if is_marked(entry) else 0

    def late_rows(self, entry: Entry) -> int:
        return self._markers.count(entry, LATE) if is_marked(entry) else 0

    def fill_late(self, entry: Entry, fill: str) -> None:
        self._values.fill(entry.place, entry.place.column or "", fill, f"{marker_of(entry)} = {LATE}")

    def bring_back(self, entry: Entry, *, nullable: bool, fill: str | None) -> list[Restore]:
        table, details = self.table_of(entry.place), entry.details_as(MySQLColumnDetails)
        marker, marked = marker_of(entry), is_marked(entry)
        if fill is not None and not marked and self._markers.has_room(entry.place):
            # If the crossing fails, the marker shows which rows must be NULL again.
            self._markers.add(entry.place, marker)
            self._markers.note(entry)
            self._values.fill(entry.place, marker, str(NEWBORN), f"{entry.name} IS NULL")
            marked = True
        if fill is not None:
            condition = f"{marker} = {NEWBORN}" if marked else f"{entry.name} IS NULL"
            self._values.fill_hidden(entry, fill, condition, nullable=nullable)
        if fill is None and nullable and marked and self.newborn_rows(entry):
            # Make it nullable while it is still hidden, so that the placeholder value is never visible.
            loose = as_nullable(without(details.definition, "CHECK"))
            self.run_literally(f"ALTER TABLE {table} CHANGE {entry.name} {entry.name} {loose} INVISIBLE")
            self._values.fill(entry.place, entry.name, "NULL", f"{marker} = {NEWBORN}")
        definition = details.definition
        if details.not_null and nullable:
            definition = as_nullable(definition)
        elif not details.not_null and not nullable:
            definition = as_never_null(definition)
        parts = [f"CHANGE {entry.name} {self.column_of(entry.place)} {definition}"]
        if marked:
            parts.append(f"ALTER COLUMN {marker} SET DEFAULT 0")
        self._markers.drop_later(entry, has_marker=marked)
        parts += self._with_primary_key(entry)
        self._room.make(replace(entry.place, column=entry.name), parts)
        self.run_literally(f"ALTER TABLE {table} {', '.join(parts)}")
        self._key_indexes.remember(replace(entry.place, column=None), details.made_by_server)
        remember_keys_to(self._key_indexes, entry)
        return [*_restores(entry, details, table), *self._constraints.keys_to(entry)]

    def show(self, entry: Entry) -> None:
        details = entry.details_as(MySQLColumnDetails)
        definition = without(details.definition, "CHECK")
        super().show(replace(entry, details=replace(details, definition=definition)))
        self._markers.drop_later(entry, has_marker=is_marked(entry))

    def purge(self, entry: Entry) -> None:
        drops = [entry.name, marker_of(entry)] if is_marked(entry) else [entry.name]
        parts = ", ".join(f"DROP COLUMN {name}" for name in drops)
        self.run_literally(f"ALTER TABLE {self.table_of(entry.place)} {parts}")

    def _left_without_index(self, place: Place, lines: list[str]) -> list[str]:
        """Return the columns of foreign keys that lose their only index, because it is dropped with the column.

        DROP COLUMN would keep the rest of that index.
        """
        going = {line for _, line in self._indexes_on(place, lines)}
        left = [listed(line) for line in lines if " KEY " in f" {line}" and line not in going and not is_key(line)]
        keys = [listed(line.split("FOREIGN KEY", 1)[1]) for line in lines if is_key(line)]
        keys += [
            listed(line.split("REFERENCES", 1)[1])
            for *_, line in self._constraints.referring_keys(replace(place, column=None))
        ]
        served = {listed(line) for line in going}
        return sorted(
            {
                key
                for key in keys
                if self.column_of(place) not in key.split(",")
                and any(begins(index, key) for index in served)
                and not any(begins(index, key) for index in left)
            }
        )

    def _without_primary_key(self, entry: Entry) -> list[str]:
        """Return the ALTER TABLE actions that remove the column from the primary key, as DROP COLUMN does."""
        primary_key = entry.details_as(MySQLColumnDetails).primary_key
        if not primary_key:
            return []
        columns = re.findall(r"`(?:[^`]|``)*`(?:\(\d+\))?", primary_key)
        rest = [column for column in columns if column.split("(")[0] != self.column_of(entry.place)]
        return ["DROP PRIMARY KEY", *([f"ADD PRIMARY KEY ({', '.join(rest)})"] if rest else [])]

    def _with_primary_key(self, entry: Entry) -> list[str]:
        """Return the ALTER TABLE actions that restore the primary key with the column."""
        lines, details = definition_lines(self, entry.place), entry.details_as(MySQLColumnDetails)
        parts = [f"DROP KEY {entry.name}_key"] if details.is_numbered else []
        if details.primary_key:
            parts += ["DROP PRIMARY KEY"] if any(line.startswith("PRIMARY KEY ") for line in lines) else []
            parts.append(f"ADD {details.primary_key}")
        elif details.is_numbered:
            parts += [f"ADD {line}" for _, line in details.indexes]
        return parts

    def _indexes_on(self, place: Place, lines: list[str]) -> tuple[Named, ...]:
        column = self.column_of(place)
        found = [line for line in lines if re.match(r"(UNIQUE |FULLTEXT |SPATIAL )?KEY ", line)]
        return tuple(named(line) for line in found if column in line.split("(", 1)[1])

    def _constraints_on(self, place: Place, lines: list[str]) -> tuple[Named, ...]:
        column = self.column_of(place)
        return tuple(named(line) for line in lines if _names(line, column))


def _restores(entry: Entry, details: MySQLColumnDetails, table: str) -> list[Restore]:
    # Leave out indexes that the server makes itself for a foreign key without one.
    keys = [named(line) for _, line in details.constraints if is_key(line)]
    by_server = {(name, columns_of_key(line)) for name, line in keys}
    by_server |= {(name, columns) for columns, name in details.made_by_server.items()}
    return [
        *(
            Restore("index", entry.place, name, f"ALTER TABLE {table} ADD {line}")
            for name, line in details.indexes
            if not is_plain_index(line) or (name, listed(line)) not in by_server
        ),
        *restores_of_constraints(entry.place, details.constraints, table),
    ]


def _is_primary_key(line: str, column: str) -> bool:
    return line.startswith("PRIMARY KEY ") and column in re.findall(r"`(?:[^`]|``)*`", line)


def _names(line: str, column: str) -> bool:
    """Return whether a line of the table is a foreign key or a CHECK that uses the quoted `column`."""
    if is_key(line):
        return column in re.findall(r"FOREIGN KEY \(([^)]*)\)", line)[0].split(", ")
    return line.startswith("CONSTRAINT ") and " CHECK (" in line and column in line.split(" CHECK ", 1)[1]


def _zero(details: MySQLColumnDetails) -> str:
    if details.type in {"enum", "set"}:
        return str(re.findall(r"'(?:[^']|'')*'", details.definition)[0])
    return "0" if details.type in _NUMBERS else _ZEROS.get(details.type, "''")
