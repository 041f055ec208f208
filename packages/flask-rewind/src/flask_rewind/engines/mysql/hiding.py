"""MariaDB and MySQL: a hidden column is INVISIBLE under its new name; each step is one atomic ALTER TABLE.

Measured (shared notes, engines, finding 1): ``CHANGE … INVISIBLE`` with a default is INSTANT. A column that has no
default gets one, and beside it a marker column says which rows were inserted since: their value is none.
"""

import re
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, column, literal_column
from sqlalchemy.dialects.mysql import BINARY, CHAR, MEDIUMTEXT, TEXT, TINYTEXT, VARBINARY, VARCHAR
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from flask_rewind.attic_entries import PREFIX, Entry, Place
from flask_rewind.details import ForeignKey, MySQLColumnDetails, MySQLTableDetails, Named
from flask_rewind.engines.hiding import Restore
from flask_rewind.engines.mysql.key_indexes import KeyIndexHider
from flask_rewind.engines.mysql.leftovers import drop_leftovers, hidden_names
from flask_rewind.engines.mysql.lines import begins, columns_of_key, is_key, is_plain_index, listed, named
from flask_rewind.engines.mysql.room import (
    RoomChange,
    has_room,
    is_about_room,
    is_at_most_columns,
    may_be_full,
    removable_columns,
    wide_columns,
)
from flask_rewind.errors import Refused
from flask_rewind.sql.changes import NewType
from flask_rewind.sql.tokens import tokens

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
_INTEGERS = ["tinyint", "smallint", "mediumint", "int", "bigint"]
_BEHIND_TYPE = {
    "NOT",
    "NULL",
    "DEFAULT",
    "AUTO_INCREMENT",
    "UNIQUE",
    "PRIMARY",
    "KEY",
    "COMMENT",
    "CHECK",
    "REFERENCES",
}
_BEHIND_TYPE |= {"ON", "INVISIBLE", "VISIBLE", "GENERATED", "AS", "VIRTUAL", "PERSISTENT", "STORED", "WITH", "WITHOUT"}
_TYPE_PARTS = re.compile(r"(\w+)\s*(?:\(([^)]*)\))?(.*)", re.DOTALL)
_TEXTS: dict[str, type[TypeEngine[Any]]] = {"tinytext": TINYTEXT, "text": TEXT, "mediumtext": MEDIUMTEXT}
_STRINGS: dict[str, Callable[[int], TypeEngine[Any]]] = {
    "varchar": VARCHAR,
    "char": CHAR,
    "varbinary": VARBINARY,
    "binary": BINARY,
}
_VALUES = "rewind_values"
_MARKER = "ADD COLUMN {} TINYINT NOT NULL DEFAULT 0 INVISIBLE"
_NOT_KEPT = {"DEFAULT", "ON", "AUTO_INCREMENT", "COMMENT"}
"""How clauses begin that MODIFY and CHANGE drop unless they repeat them; of NOT NULL scripts always speak."""
_CLAUSES = {"NOT", "NULL", "DEFAULT", "ON", "AUTO_INCREMENT", "COMMENT", "CHECK", "INVISIBLE"}
_OF_SEQUENCES = {"NEXTVAL", "LASTVAL", "SETVAL"}
_NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double"}


class MySQLHider(KeyIndexHider):
    """Hides and returns in MariaDB and MySQL."""

    key = "FOREIGN KEY"
    ties_keys_again = True
    leaves_hidden_columns_out = True

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._waiting_keys: list[tuple[str | None, str]] = []
        """Schema and name, of indexes that stand in for those that will be made again."""
        self._markers: list[tuple[str | None, str]] = []
        """Schema and name, of columns that returned: until the crossing is through they may have to be hidden again."""

    def look_at_column(self, place: Place) -> MySQLColumnDetails | None:
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
        lines = self.definition_lines(place)
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
            # A copy of the table, which a marker spares the others.
            is_loose=not_null and not has_default and not self._can_mark(place),
            # The sequence may go before the column returns, and every INSERT would miss it.
            numbered_by=default if is_of_sequence else None,
            has_default=has_default,
            type=row.data_type.lower(),
            constraints=self._constraints_on(place, lines),
            indexes=indexes,
            made_by_server=self.made_by_server(place, [line for _, line in indexes]),
            left_without_index=tuple(self._left_without_index(place, lines)),
            incoming=self._keys_to(place),
            stays_not_null=row.column_key == "PRI" or is_numbered,
            is_numbered=is_numbered,
            primary_key=next((line for line in lines if _is_primary_key(line, self.column_of(place))), ""),
        )

    def hide_column(self, entry: Entry) -> None:
        details = entry.details_as(MySQLColumnDetails)
        parts = [f"DROP FOREIGN KEY {self.quote(name)}" for name, sql in details.constraints if is_key(sql)]
        parts += [f"DROP CONSTRAINT {self.quote(name)}" for name, sql in details.constraints if not is_key(sql)]
        parts += [f"DROP INDEX {self.quote(name)}" for name, _ in details.indexes]
        parts += [f"ADD KEY {name} ({columns})" for name, columns in self._stand_ins(entry)]
        parts += self._without_primary_key(entry)
        definition = without(details.definition, "CHECK", "ON")
        table = self.table_of(entry.place)
        if self.is_marked(entry):
            definition = without(definition, "DEFAULT")
            definition += f" DEFAULT {_zero(details)}" if details.not_null else ""
            parts.append(self._mark(entry))
        elif details.is_loose:
            definition = as_nullable(definition)
        parts.append(f"CHANGE {self.column_of(entry.place)} {entry.name} {definition} INVISIBLE")
        if details.is_numbered:  # which only a column of an index can be
            parts.append(f"ADD UNIQUE KEY {entry.name}_key ({entry.name})")
        self.drop_keys_to(entry)
        self.run_literally(f"ALTER TABLE {table} {', '.join(parts)}")

    def _left_without_index(self, place: Place, lines: list[str]) -> list[str]:
        """Return the columns of foreign keys that only an index which goes with the column serves.

        DROP COLUMN would leave them the rest of that index.
        """
        going = {line for _, line in self._indexes_on(place, lines)}
        left = [listed(line) for line in lines if " KEY " in f" {line}" and line not in going and not is_key(line)]
        keys = [listed(line.split("FOREIGN KEY", 1)[1]) for line in lines if is_key(line)]
        keys += [listed(line.split("REFERENCES", 1)[1]) for *_, line in self._keys_to(replace(place, column=None))]
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

    def _stand_ins(self, entry: Entry) -> list[tuple[str, str]]:
        """Return name and columns of the indexes that foreign keys have while theirs is away."""
        keys = entry.details_as(MySQLColumnDetails).left_without_index
        return [(f"{entry.name}_k{at}", key) for at, key in enumerate(keys, 1)]

    def _mark(self, entry: Entry) -> str:
        """Return what lets a column mark the rows that come from now on; after a failed return it marks others too."""
        marker, former = f"{entry.name}_new", f"{entry.former}_new"
        if (entry.place.schema, former) in self._markers and former in self._columns_of(entry.place):
            self._markers.remove((entry.place.schema, former))
            return f"CHANGE {former} {marker} TINYINT NOT NULL DEFAULT 1 INVISIBLE"
        self._add_marker(entry.place, marker)
        return f"ALTER COLUMN {marker} SET DEFAULT 1"

    def hidden_names(self, schema: str | None) -> set[str]:
        return hidden_names(self, schema)

    def clean_up(self, hidden: Sequence[Entry], returned: Sequence[Entry], gone: Sequence[Entry]) -> None:
        drop_leftovers(self, hidden, gone)
        for entry in returned:
            if entry.place.column:
                self._markers.append((entry.place.schema, f"{entry.name}_new"))
                self._waiting_keys += [(entry.place.schema, name) for name, _ in self._stand_ins(entry)]

    def let_go(self) -> None:
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
        return [line[1:].partition("`")[0] for line in self.definition_lines(place) if line.startswith("`")]

    def _can_mark(self, place: Place) -> bool:
        return has_room(self.connection, self.table_of(place), _MARKER.format(f"{PREFIX}new"))

    def _add_marker(self, place: Place, marker: str) -> None:
        self.run_literally(f"ALTER TABLE {self.table_of(place)} {_MARKER.format(marker)}")

    def has_no_room(self, error: DBAPIError) -> bool:
        return is_about_room(error.orig)

    def make_room(self, place: Place, actions: Sequence[str], staying: Collection[str] = ()) -> list[str]:
        table, lines = self.table_of(place), self.definition_lines(place)
        if not may_be_full(lines, actions):
            return []
        changes: dict[str, RoomChange] = {}

        def fits() -> bool:
            return has_room(self.connection, table, ", ".join([*(each.sql for each in changes.values()), *actions]))

        longer = [] if is_at_most_columns(lines, actions) else wide_columns(lines)
        # Where one returns, that itself cannot be another type, and the others stay.
        going = [] if place.column else [each for each in removable_columns(lines) if each.name not in staying]
        for change in [*longer, *going]:
            if fits():
                break
            if change.name != place.column:
                changes[change.name] = change
        if not changes or not fits():
            return []
        if modified := [change.sql for change in changes.values() if not change.goes]:
            self.run_literally(f"ALTER TABLE {table} {', '.join(modified)}")
        return [change.name for change in changes.values() if change.goes]

    def _without_primary_key(self, entry: Entry) -> list[str]:
        """Return what leaves the primary key without the column, as DROP COLUMN does."""
        primary_key = entry.details_as(MySQLColumnDetails).primary_key
        if not primary_key:
            return []
        columns = re.findall(r"`(?:[^`]|``)*`(?:\(\d+\))?", primary_key)
        rest = [column for column in columns if column.split("(")[0] != self.column_of(entry.place)]
        return ["DROP PRIMARY KEY", *([f"ADD PRIMARY KEY ({', '.join(rest)})"] if rest else [])]

    def _with_primary_key(self, entry: Entry) -> list[str]:
        """Return what gives the table the primary key that it had with the column."""
        lines, details = self.definition_lines(entry.place), entry.details_as(MySQLColumnDetails)
        parts = [f"DROP KEY {entry.name}_key"] if details.is_numbered else []
        if details.primary_key:
            parts += ["DROP PRIMARY KEY"] if any(line.startswith("PRIMARY KEY ") for line in lines) else []
            parts.append(f"ADD {details.primary_key}")
        elif details.is_numbered:
            parts += [f"ADD {line}" for _, line in details.indexes]
        return parts

    def newborn_rows(self, entry: Entry) -> int:
        if entry.details_as(MySQLColumnDetails).is_loose:
            return self.null_rows(entry)
        if not self.is_marked(entry):
            return 0
        statement = f"SELECT count(*) FROM {self.table_of(entry.place)} WHERE {entry.name}_new = 1"
        return int(self.run_literally(statement).scalar_one())

    def return_column(self, entry: Entry, *, nullable: bool, fill: str | None) -> list[Restore]:
        table, details = self.table_of(entry.place), entry.details_as(MySQLColumnDetails)
        marked = self.is_marked(entry)
        if fill is not None and not marked and self._can_mark(entry.place):
            # Where the crossing fails, they are to be NULL again.
            self._add_marker(entry.place, f"{entry.name}_new")
            self._markers.append((entry.place.schema, f"{entry.name}_new"))
            self.fill(entry.place, f"{entry.name}_new", "1", f"{entry.name} IS NULL")
            marked = True
        if fill is not None:
            condition = f"{entry.name}_new = 1" if marked else f"{entry.name} IS NULL"
            self.fill_hidden(entry, fill, condition, nullable=nullable)
        if fill is None and nullable and marked and self.newborn_rows(entry):
            # Nullable already while it is hidden, so that no moment shows the stand-in value.
            loose = as_nullable(without(details.definition, "CHECK"))
            self.run_literally(f"ALTER TABLE {table} CHANGE {entry.name} {entry.name} {loose} INVISIBLE")
            self.fill(entry.place, entry.name, "NULL", f"{entry.name}_new = 1")
        definition = details.definition
        if details.not_null and nullable:
            definition = as_nullable(definition)
        elif not details.not_null and not nullable:
            definition = _as_never_null(definition)
        parts = [f"CHANGE {entry.name} {self.column_of(entry.place)} {definition}"]
        if marked:
            parts.append(f"ALTER COLUMN {entry.name}_new SET DEFAULT 0")
            self._markers += {(entry.place.schema, f"{entry.name}_new")} - {*self._markers}
        self._waiting_keys += [(entry.place.schema, name) for name, _ in self._stand_ins(entry)]
        parts += self._with_primary_key(entry)
        self.make_room(replace(entry.place, column=entry.name), parts)
        self.run_literally(f"ALTER TABLE {table} {', '.join(parts)}")
        self.remember_key_indexes(replace(entry.place, column=None), details.made_by_server)
        self._remember_keys_to(entry)
        return [*_restores(entry, details, table), *self.keys_to(entry)]

    def show_column(self, entry: Entry) -> None:
        details = entry.details_as(MySQLColumnDetails)
        definition = without(details.definition, "CHECK")
        super().show_column(replace(entry, details=replace(details, definition=definition)))

    def is_temporary(self, place: Place) -> bool:
        return self.shown(place).startswith("CREATE TEMPORARY")

    def look_at_table(self, place: Place) -> MySQLTableDetails:
        keys = tuple(named(line) for line in self.definition_lines(place) if is_key(line))
        return MySQLTableDetails(constraints=keys, incoming=self._keys_to(place))

    def _keys_to(self, place: Place) -> tuple[ForeignKey, ...]:
        """Return the foreign keys of other tables to a table, or of any table to a column."""
        rows = self.run(
            "SELECT DISTINCT NULLIF(table_schema, DATABASE()), table_name, constraint_name, referenced_table_name"
            " FROM information_schema.key_column_usage"
            " WHERE referenced_table_schema = COALESCE(:schema, DATABASE()) AND referenced_table_name = :table"
            f" AND table_name NOT LIKE '{PREFIX.replace('_', '|_')}%' ESCAPE '|'"  # side tables go where it goes
            " AND CASE WHEN :column IS NULL THEN NOT (table_name = :table AND table_schema = referenced_table_schema)"
            " ELSE referenced_column_name = :column END ORDER BY 1, 2, 3",
            schema=place.schema,
            table=place.table,
            column=place.column,
        )
        found = []
        fold = self.names.of_table
        for schema, other, name, referred in rows.all():
            if fold(referred) != fold(place.table):  # information_schema does not tell letters apart
                continue
            lines = self.definition_lines(Place(schema, other))
            line = next(line for line in lines if is_key(line) and named(line)[0] == name)
            found.append(ForeignKey(schema, other, name, line))
        return tuple(found)

    @contextmanager
    def unchecked_keys(self) -> Iterator[None]:
        before = self.run_literally("SELECT @@SESSION.foreign_key_checks").scalar()
        self.run_literally("SET SESSION foreign_key_checks = 0")
        try:
            yield
        finally:
            self.run_literally(f"SET SESSION foreign_key_checks = {before}")

    def hide_table(self, entry: Entry) -> None:
        table = self.table_of(entry.place)
        self.drop_keys_to(entry)
        keys = entry.details_as(MySQLTableDetails).constraints
        drops = [f"DROP FOREIGN KEY {self.quote(name)}" for name, _ in keys]
        if drops:
            self.run_literally(f"ALTER TABLE {table} {', '.join(drops)}")
        self.run_literally(f"RENAME TABLE {table} TO {self.name_of(entry.place.schema, entry.name)}")

    def return_table(self, entry: Entry) -> list[Restore]:
        table, keys = self.table_of(entry.place), entry.details_as(MySQLTableDetails).constraints
        self.run_literally(f"RENAME TABLE {self.name_of(entry.place.schema, entry.name)} TO {table}")
        self.remember_key_indexes(entry.place)
        self._remember_keys_to(entry)
        return [*_constraints(entry.place, keys, table), *self.keys_to(entry), *self.triggers_of(entry)]

    def _remember_keys_to(self, entry: Entry) -> None:
        for schema, other, *_ in entry.details.incoming:
            self.remember_key_indexes(Place(schema, other))

    def trigger_named(self, name: str) -> tuple[str, str] | None:
        row = self.run(
            "SELECT event_object_table, action_timing, event_manipulation, action_statement"
            " FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND trigger_name = :name",
            name=name,
        ).first()
        if row is None:
            return None
        table, timing, happening, body = row
        return table, f"CREATE TRIGGER {self.quote(name)} {timing} {happening} ON {table} FOR EACH ROW {body}"

    def has(self, restore: Restore) -> bool:
        if restore.kind == "trigger":
            found = self.run(
                "SELECT 1 FROM information_schema.triggers WHERE event_object_schema = COALESCE(:schema, DATABASE())"
                " AND event_object_table = :table AND trigger_name = :name",
                schema=restore.place.schema,
                table=restore.place.table,
                name=restore.name,
            )
            return found.first() is not None
        sought = (
            f" KEY {self.quote(restore.name)} ("
            if restore.kind == "index"
            else f"CONSTRAINT {self.quote(restore.name)} "
        )
        fold = self.names.of_column
        return any(fold(sought) in fold(f" {line}") for line in self.definition_lines(restore.place))

    def has_like(self, restore: Restore, own: Collection[str]) -> bool:
        def said(line: str, name: str) -> str:
            return line.replace(f"{self.quote(name)} ", "", 1)

        wanted = said(restore.sql.partition(" ADD ")[2], restore.name)
        lines = [line for line in self.definition_lines(restore.place) if line.startswith(("CONSTRAINT ", "UNIQUE "))]
        return wanted in [said(line, name) for name, line in map(named, lines) if name not in own]

    def purge_column(self, entry: Entry) -> None:
        drops = [entry.name, f"{entry.name}_new"] if self.is_marked(entry) else [entry.name]
        parts = ", ".join(f"DROP COLUMN {name}" for name in drops)
        self.run_literally(f"ALTER TABLE {self.table_of(entry.place)} {parts}")

    def stamped_columns(self, place: Place) -> list[str]:
        names = self.run(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = COALESCE(:schema, DATABASE())"
            " AND table_name = :table AND lower(extra) LIKE '%on update%' ORDER BY 1",
            schema=place.schema,
            table=place.table,
        )
        return [str(name) for (name,) in names]

    @contextmanager
    def unnoticed(self, place: Place) -> Iterator[None]:
        """Refuse triggers: they cannot be switched off, and dropped ones would miss what others write meanwhile."""
        triggers = self.run(
            "SELECT trigger_name FROM information_schema.triggers WHERE event_manipulation = 'UPDATE' AND"
            " event_object_schema = COALESCE(:schema, DATABASE()) AND event_object_table = :table ORDER BY 1",
            schema=place.schema,
            table=place.table,
        ).all()
        if triggers:
            names = ", ".join(name for (name,) in triggers)
            raise Refused(
                f"rows of {place.table} get a value for {place}, and that would set off the trigger {names}.",
                "Drop the trigger before, and make it again afterwards.",
            )
        yield

    def measure(
        self, entry: Entry, columns: list[str], condition: ColumnElement[bool] | None = None
    ) -> tuple[int, int]:
        if entry.place.column and self.is_marked(entry):  # the others have a stand-in
            is_old: ColumnElement[bool] = column(f"{entry.name}_new") == 0
            condition = is_old if condition is None else and_(condition, is_old)
        return super().measure(entry, columns, condition)

    def bytes_of(self, column: str) -> str:
        return f"LENGTH({column})"

    def forget_value(self, entry: Entry, condition: ColumnElement[bool]) -> int:
        value = f"DEFAULT({entry.name})"
        if isinstance(entry.details, MySQLColumnDetails) and entry.details.is_numbered:
            value = f"(SELECT n FROM (SELECT max({entry.name}) + 1 AS n FROM {self.table_of(entry.place)}) AS numbers)"
        values: dict[str, Any] = {entry.name: literal_column(value)}
        if self.is_marked(entry):
            values[f"{entry.name}_new"] = 1
        return self.set_value(entry.place, values, condition)

    def type_when_hidden(self, entry: Entry) -> TypeEngine[Any] | None:
        kind, length, _ = _TYPE_PARTS.findall(entry.details_as(MySQLColumnDetails).definition)[0]
        if kind in _STRINGS:  # which may be a longer one, to make room
            return _STRINGS[kind](int(length))
        return _TEXTS[kind]() if kind in _TEXTS else None  # CONVERT TO CHARACTER SET makes the next longer one of it

    def clauses_lost(self, place: Place, wanted: NewType) -> list[str]:
        repeated = {token.word for token in tokens(wanted.definition, "mysql")}
        declared = [(each, each.split()[0].upper()) for each in _clauses(self._definition_of(place))[1:]]
        return [each for each, word in declared if word in _NOT_KEPT - repeated and each.upper() != "DEFAULT NULL"]

    def _definition_of(self, place: Place) -> str:
        """Return the definition of a column as the server writes it, empty where there is none."""
        start = f"{self.column_of(place)} "
        lines = (line for line in self.definition_lines(place) if line.lower().startswith(start.lower()))
        return next(lines, start)[len(start) :]

    def losses(self, place: Place, wanted: NewType) -> int:
        """Try the new type on copies of the values, in a table of the session."""
        column = self.column_of(place)
        old, new = _only_type(self._definition_of(place)), _only_type(wanted.definition)
        if not old or _holds_all_of(old, new):
            return 0
        table = self.table_of(place)
        charset = " ".join(re.findall(r"(?:CHARSET|COLLATE)=\w+", self.shown(place).splitlines()[-1]))
        is_never_null = int("NOT NULL" in wanted.definition.upper())
        steps = [
            f"CREATE TEMPORARY TABLE {_VALUES} (o {old} NULL, n {new} NULL, b {old} NULL) {charset}",
            f"INSERT IGNORE INTO {_VALUES} (o, n) SELECT {column}, {column} FROM {table} WHERE {column} IS NOT NULL",
            f"UPDATE IGNORE {_VALUES} SET b = n",
        ]
        count = (
            f"SELECT count(*) + (SELECT count(*) FROM {table} WHERE {column} IS NULL AND {is_never_null})"
            f" FROM {_VALUES} WHERE NOT (BINARY o <=> BINARY b)"
        )
        # Past the events of the recorder; nothing of this is committed, or seen by others.
        with closing(self.connection.connection.cursor()) as cursor, warnings.catch_warnings(action="ignore"):
            try:
                for step in (*steps, count):
                    cursor.execute(step)
                return sum(int(count) for (count,) in cursor.fetchall())
            except self.connection.dialect.loaded_dbapi.Error:
                return 0  # what the new type cannot be, the change itself says
            finally:
                cursor.execute(f"DROP TEMPORARY TABLE IF EXISTS {_VALUES}")

    def is_marked(self, entry: Entry) -> bool:
        return isinstance(entry.details, MySQLColumnDetails) and entry.details.is_marked  # else another engine hid it

    def shown(self, place: Place) -> str:
        return str(self.run_literally(f"SHOW CREATE TABLE {self.table_of(place)}").one()[1])

    def _indexes_on(self, place: Place, lines: list[str]) -> tuple[Named, ...]:
        column = self.column_of(place)
        found = [line for line in lines if re.match(r"(UNIQUE |FULLTEXT |SPATIAL )?KEY ", line)]
        return tuple(named(line) for line in found if column in line.split("(", 1)[1])

    def _constraints_on(self, place: Place, lines: list[str]) -> tuple[Named, ...]:
        column = self.column_of(place)
        return tuple(named(line) for line in lines if _names(line, column))


def _only_type(definition: str) -> str:
    """Return the type of a column definition, with character set and collation."""
    found = tokens(definition, "mysql")
    end = next((token.start for token in found if token.depth == 0 and token.word in _BEHIND_TYPE), len(definition))
    return definition[:end].strip()


def _holds_all_of(old: str, new: str) -> bool:
    """Return whether every value of one type is one of the other, so that no row has to be looked at."""
    (kind, length, rest), (wanted, room, other) = (_TYPE_PARTS.findall(each.lower())[0] for each in (old, new))
    if kind in _INTEGERS and wanted in _INTEGERS and rest == other:
        return _INTEGERS.index(wanted) >= _INTEGERS.index(kind)
    return kind == wanted == "varchar" and rest == other and int(room) >= int(length)


def _restores(entry: Entry, details: MySQLColumnDetails, table: str) -> list[Restore]:
    # The server makes an index for a foreign key where there is none for it.
    keys = [named(line) for _, line in details.constraints if is_key(line)]
    by_server = {(name, columns_of_key(line)) for name, line in keys}
    by_server |= {(name, columns) for columns, name in details.made_by_server.items()}
    return [
        *(
            Restore("index", entry.place, name, f"ALTER TABLE {table} ADD {line}")
            for name, line in details.indexes
            if not is_plain_index(line) or (name, listed(line)) not in by_server
        ),
        *_constraints(entry.place, details.constraints, table),
    ]


def _constraints(place: Place, constraints: Sequence[Named], table: str) -> list[Restore]:
    return [Restore("constraint", place, name, f"ALTER TABLE {table} ADD {line}") for name, line in constraints]


def _is_primary_key(line: str, column: str) -> bool:
    return line.startswith("PRIMARY KEY ") and column in re.findall(r"`(?:[^`]|``)*`", line)


def _names(line: str, column: str) -> bool:
    """Return whether a foreign key or a CHECK of the table, as one line of it, speaks of the quoted `column`."""
    if is_key(line):
        return column in re.findall(r"FOREIGN KEY \(([^)]*)\)", line)[0].split(", ")
    return line.startswith("CONSTRAINT ") and " CHECK (" in line and column in line.split(" CHECK ", 1)[1]


def _clauses(definition: str) -> list[str]:
    """Cut a column definition, as SHOW CREATE TABLE writes it, into its type and what is said of the column."""
    starts, former = [0], ""
    for token in tokens(definition, "mysql"):
        begins = token.depth == 0 and token.word in _CLAUSES
        if begins and not (token.word == "NULL" and former in {"NOT", "DEFAULT"}):
            starts.append(token.start)
        former = token.word
    return [definition[start:end].strip() for start, end in pairwise([*starts, len(definition)])]


def without(definition: str, *words: str) -> str:
    """Return a column definition without the clauses that begin with these words."""
    kind, *said = _clauses(definition)
    return " ".join([kind, *(clause for clause in said if clause.split()[0].upper() not in words)])


def as_nullable(definition: str) -> str:
    """Return a column definition that takes NULL."""
    kind, *said = _clauses(definition)
    return " ".join([kind, *("NULL" if clause.upper() == "NOT NULL" else clause for clause in said)])


def _as_never_null(definition: str) -> str:
    kind, *said = _clauses(definition)
    return " ".join([kind, "NOT NULL", *(clause for clause in said if clause.upper() not in {"NULL", "DEFAULT NULL"})])


def _zero(details: MySQLColumnDetails) -> str:
    if details.type in {"enum", "set"}:
        return str(re.findall(r"'(?:[^']|'')*'", details.definition)[0])
    return "0" if details.type in _NUMBERS else _ZEROS.get(details.type, "''")
