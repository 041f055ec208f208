"""SQLite: renaming, and what would act on or forbid a hidden value taken out of the table's own text.

No row is touched: SQLite documents that NOT NULL, foreign keys and CHECKs may be changed in ``sqlite_master``
(sqlite.org/lang_altertable.html, section 7). All of it is inside the crossing's transaction.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from sqlite3 import SQLITE_LIMIT_COLUMN
from typing import Any

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import HIDDEN, PREFIX, Entry, Place
from flask_rewind.details import KeyText, Named, SQLiteColumnDetails, SQLiteTableDetails, TableDetails, TableKeys
from flask_rewind.engines.hiding import DROP_THEM, Hider, Restore, on_table
from flask_rewind.engines.sqlite import (
    SQLiteTable,
    TableText,
    clause_of,
    clauses,
    columns_named,
    declared_type,
    kind_of,
    kinds_of,
    referring_to,
    spelling,
    without_clauses,
)
from flask_rewind.errors import Refused
from flask_rewind.sql.tokens import tokens

_MOST_COLUMNS = 2000
"""SQLITE_MAX_COLUMN as it is by itself (sqlite.org/limits.html)."""


class SQLiteHider(Hider):
    """Hides and returns in a SQLite database."""

    def look_at_column(self, place: Place) -> SQLiteColumnDetails | None:
        row = self.run(
            'SELECT "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(:table)'
            " WHERE lower(name) = lower(:column)",
            table=place.table,
            column=place.column,
        ).one()
        if row.hidden:
            return None
        if views := self._table(place.table).views_of(place.column or ""):
            raise Refused(f"{place} cannot be hidden: {', '.join(views)} would show it.", DROP_THEM)
        whole = self._table(place.table).text
        text = TableText(whole)
        has_default = row.dflt_value is not None and row.dflt_value.upper() != "NULL"
        definition = text.definition(place.column or "")
        is_unique_alone = has_default and clause_of(definition, "UNIQUE") is not None
        uniques = text.take_uniques(place.column or "", also_alone=has_default)
        return SQLiteColumnDetails(
            text=whole,
            definition=definition,
            primary_key=bool(row.pk),
            rest_of_key=tuple(self._rest_of_key(place, text)) if row.pk else (),
            uniques=tuple(uniques),
            keys_to=self._keys_to(place, is_primary=bool(row.pk)),
            moves_rows=bool(row.pk or uniques or is_unique_alone),
            stays_not_null=bool(row.pk and row.notnull),
            is_numbered=bool(row.pk) and text.has_number_key,
            last_number=self._table(place.table).last_number(),
            not_null=bool(row.notnull),
            has_default=has_default,
            keys=tuple(text.take_keys(place.column)),
            checks=tuple(text.take_checks_of(place.column or "")),
            indexes=self._indexes_on(place),
        )

    def _rest_of_key(self, place: Place, text: TableText) -> list[str]:
        """Return the columns that are the primary key without this one, none where the rows do not allow that."""
        rest = [name for name in text.primary_key if name.lower() != (place.column or "").lower()]
        if not rest:
            return []
        columns, table = ", ".join(map(self.quote, rest)), self.table_of(place)
        twice = f"SELECT 1 FROM {table} GROUP BY {columns} HAVING count(*) > 1 LIMIT 1"
        asked = [twice]
        if len(rest) == 1 and declared_type(text.definition(rest[0])).upper() == "INTEGER":  # it would be the row id
            asked.append(f"SELECT 1 FROM {table} WHERE typeof({columns}) <> 'integer' LIMIT 1")
        return [] if any(self.run_literally(query).first() for query in asked) else rest

    def hide_column(self, entry: Entry) -> None:
        place, details = entry.place, entry.details_as(SQLiteColumnDetails)
        self.drop_keys_to(entry)
        for name, _ in details.indexes:
            self.run_literally(f"DROP INDEX {self.quote(name)}")
        text = _loosened(self._table(place.table).text, place.column or "", details)
        self._write(place, text, moves_rows=details.moves_rows)
        self._table(place.table).rename_column(place.column or "", entry.name)

    def _write(self, place: Place, text: str, *, moves_rows: bool, asks_rows: bool = False) -> None:
        """Change the text of the table; where its keys are others by that, move the rows.

        With `asks_rows` every row is read, and held against the text.
        """
        table = self._table(place.table)
        if moves_rows:
            table.rebuild(TableText(text))
        elif asks_rows:
            table.write_text_that_holds(text)
        else:
            table.write_text(text)

    def _keys_to(self, place: Place, *, is_primary: bool) -> tuple[TableKeys, ...]:
        """Return the tables with foreign keys to a column, and what these say."""
        rows = self.run(
            "SELECT DISTINCT m.name FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) k"
            " WHERE m.type = 'table' AND lower(k.\"table\") = lower(:table) ORDER BY 1",
            table=place.table,
        )
        found = [(name, _take_keys(TableText(self._table(name).text), place, is_primary)) for (name,) in rows.all()]
        return tuple(TableKeys(name, keys) for name, keys in found if keys)

    def drop_keys_to(self, entry: Entry) -> None:
        details = entry.details_as(SQLiteColumnDetails)
        for name, _ in details.keys_to:
            text = TableText(self._table(name).text)
            _take_keys(text, entry.place, details.primary_key)
            self._table(name).write_text(str(text))

    def insert_without_columns(self, entry: Entry) -> str:
        return "fails"  # it wants a value for each column that is there

    def newborn_rows(self, entry: Entry) -> int:
        details = entry.details_as(SQLiteColumnDetails)
        if not details.not_null or details.has_default or details.is_numbered:
            return 0
        return self.null_rows(entry)

    def return_column(self, entry: Entry, *, nullable: bool, fill: str | None) -> list[Restore]:
        place = entry.place
        if fill is not None:
            self.fill_hidden(entry, fill, f"{entry.name} IS NULL", nullable=nullable)
        self._table(place.table).rename_column(entry.name, place.column or "")
        details, away = entry.details_as(SQLiteColumnDetails), self._away(entry)
        parts = _parts_on_return(entry, away)
        came = [part for part in parts if not away & columns_named(part)]
        waiting = [self._waiting(entry, part) for part in parts if part not in came]
        text = self._text_on_return(entry, away, came, nullable=nullable)
        kinds = {kind_of(part) for part in came}
        is_stricter = not nullable and not details.not_null
        asks_rows = is_stricter or "CHECK" in kinds or clause_of(details.definition, "CHECK") is not None
        self._write(place, text, moves_rows=details.moves_rows or "UNIQUE" in kinds, asks_rows=asks_rows)
        self._table(place.table).number_from(details.last_number)
        return [*_restores(place, details.indexes, self.quote(place.table)), *waiting, *_keys_on_return(entry)]

    def show_column(self, entry: Entry) -> None:
        self._table(entry.place.table).rename_column(entry.name, entry.place.column or "")

    def make(self, restore: Restore) -> None:
        if restore.kind not in {"part", "key to"}:
            super().make(restore)
            return
        place = restore.place
        text = TableText(self._table(place.table).text)
        if not restore.needs <= {name.lower() for name in text.columns}:
            return  # the fingerprint says what is missing
        if restore.kind == "key to":
            text.put_keys([[place.column or "", restore.sql]])
            self._table(place.table).write_text(str(text))
            return
        kind = kind_of(restore.sql)
        if kind == "PRIMARY KEY":
            text.drop_primary_key()
            text.be_as(TableText(restore.more[0]))
        text.parts.append(restore.sql)
        self._write(place, str(text), moves_rows=kind in {"UNIQUE", "PRIMARY KEY"}, asks_rows=kind == "CHECK")

    def _away(self, entry: Entry) -> set[str]:
        """Return the columns that stood beside this one, and are not there, or not yet."""
        there = {name.lower() for name in TableText(self._table(entry.place.table).text).columns}
        return {name.lower() for name in entry.details_as(SQLiteColumnDetails).columns} - there

    def _waiting(self, entry: Entry, part: str) -> Restore:
        """Return a constraint that waits for other columns than the one that returned."""
        details = entry.details_as(SQLiteColumnDetails)
        needs = columns_named(part) & {name.lower() for name in details.columns}
        place = Place(entry.place.schema, entry.place.table)
        return Restore("part", place, "", part, frozenset(needs), (details.text,))

    def _text_on_return(self, entry: Entry, away: set[str], came: list[str], *, nullable: bool) -> str:
        column, details = entry.place.column or "", entry.details_as(SQLiteColumnDetails)
        current = self._table(entry.place.table).text
        definition = details.definition
        former = tokens(definition)[0]
        if former.name != column:  # it returns under another one
            definition = f"{self.quote(column)}{definition[former.end :]}"
        elif nullable != details.not_null and _spells_the_same(current, _loosened(details.text, column, details)):
            return details.text  # to the letter: RENAME COLUMN had put names in quotes
        for check in _checks_of(definition, away):
            definition = definition.replace(f" {check}", "", 1)
        if nullable:
            definition = without_clauses(definition, {"NOT NULL"})
        elif not details.not_null:
            definition += " NOT NULL"
        text = TableText(current)
        if details.primary_key and "PRIMARY KEY" in {*map(kind_of, came), *kinds_of(definition)}:
            text.drop_primary_key()
            text.be_as(TableText(details.text))
        text.replace(column, definition)
        text.parts += came
        return str(text)

    def is_temporary(self, place: Place) -> bool:
        query = "SELECT 1 FROM sqlite_temp_master WHERE type = 'table' AND lower(name) = lower(:name)"
        return self.run(query, name=place.table).first() is not None

    def has_no_room(self, error: DBAPIError) -> bool:
        return "too many columns" in str(error.orig)

    def _columns(self, table: str) -> list[str]:
        return list(self.run("SELECT name FROM pragma_table_xinfo(:table)", table=table).scalars())

    def excess_of(self, table: str, more: int) -> int:
        """Return how many columns a table would have too many with so many `more`."""
        driver: Any = self.connection.connection.driver_connection
        most = driver.getlimit(SQLITE_LIMIT_COLUMN) if hasattr(driver, "getlimit") else _MOST_COLUMNS
        return max(0, len(self._columns(table)) + more - most)

    def make_room(self, place: Place, actions: Sequence[str], staying: Collection[str] = ()) -> list[str]:
        excess = self.excess_of(place.table, len(actions))
        if not excess:
            return []
        columns = self._columns(place.table)
        text = TableText(self._table(place.table).text)
        bound = {name.lower() for each in text.constraints() for name in each.columns} | {*staying}
        going = [name for name in columns if HIDDEN.fullmatch(name) and name not in bound]
        return sorted(going, key=lambda name: int(name.removeprefix(PREFIX)))[:excess]

    def primary_key(self, place: Place) -> list[str]:
        query = "SELECT name FROM pragma_table_info(:table) WHERE pk ORDER BY pk"
        return list(self.run(query, table=place.table).scalars())

    def look_at_table(self, place: Place) -> SQLiteTableDetails:
        return SQLiteTableDetails(text=self._table(place.table).text, indexes=self._indexes_of(place))

    def _indexes_of(self, place: Place) -> tuple[Named, ...]:
        """Return the indexes of a table that a CREATE INDEX made."""
        rows = self.run(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            " AND lower(tbl_name) = lower(:t) ORDER BY name",
            t=place.table,
        )
        return tuple(Named(*row) for row in rows)

    def hide_table(self, entry: Entry) -> None:
        place, details = entry.place, entry.details_as(SQLiteTableDetails)
        for name, _ in details.indexes:  # their names are the whole schema's, and cannot be changed
            self.run_literally(f"DROP INDEX {self.quote(name)}")
        text = TableText(details.text)
        text.take_keys()
        text.without_column_keys()
        self._table(place.table).write_text(str(text))
        self._table(place.table).rename(entry.name)

    def return_table(self, entry: Entry) -> list[Restore]:
        details, name = entry.details_as(SQLiteTableDetails), entry.place.table
        sql = details.text
        words = tokens(sql)
        if words[1].word != "VIRTUAL" and words[2].name != name:  # it returns under another one
            sql = TableText(sql).under(f"CREATE TABLE {self.quote(name)} (")
        self._table(entry.name).rename(name)
        self._table(name).write_text(sql)
        return [*_restores(entry.place, details.indexes, self.quote(name)), *self.triggers_of(entry)]

    def trigger_named(self, name: str) -> tuple[str, str] | None:
        statement = "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND lower(name) = lower(:name)"
        row = self.run(statement, name=name).first()
        return tuple(row) if row is not None else None

    def has(self, restore: Restore) -> bool:
        if restore.kind in {"part", "key to"}:
            text = TableText(self._table(restore.place.table).text)
            return text.has_constraint(restore.sql, behind=restore.place.column or "")
        if restore.kind == "constraint":
            there = TableText(self._table(restore.place.table).text).constraints()
            return restore.name.lower() in {(each.name or "").lower() for each in there}
        found = self.run(
            "SELECT 1 FROM sqlite_master WHERE type = :kind AND lower(name) = lower(:name)"
            " AND (type = 'index' OR lower(tbl_name) = lower(:table))",
            kind=restore.kind,
            name=restore.name,
            table=restore.place.table,
        )
        return found.first() is not None

    def purge_column(self, entry: Entry) -> None:
        """Move the rows instead of DROP COLUMN, which SQLite refuses where a constraint names the column."""
        for name in self.users_of(entry):
            raise Refused(f"{entry.place} cannot be purged: {name} uses it, as {entry.name}.", f"Drop {name} first.")
        text = TableText(self._table(entry.place.table).text)
        text.drop_column(entry.name)
        self._table(entry.place.table).rebuild(text)

    def users_of(self, entry: Entry) -> list[str]:
        """Return the triggers and views that name a hidden column."""
        users = "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view') AND instr(sql, :name)"
        named = self.run(users, name=entry.name).all()
        return [name for name, sql in named if entry.name in {token.name for token in tokens(sql)}]

    def without_column(self, details: TableDetails, column: str) -> TableDetails:
        if not isinstance(details, SQLiteTableDetails):
            return details
        text = TableText(details.text)
        text.drop_column(column)
        return replace(details, text=str(text))

    @contextmanager
    def unnoticed(self, place: Place) -> Iterator[None]:
        statement = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = lower(:table)"
        triggers = self.run(f"{statement} ORDER BY rowid", table=place.table).all()
        for name, _ in triggers:
            self.run_literally(f"DROP TRIGGER {self.quote(name)}")
        yield
        for _, sql in triggers:
            self.run_literally(sql)

    def bytes_of(self, column: str) -> str:
        return f"length(CAST({column} AS BLOB))"

    def forget_value(self, entry: Entry, condition: ColumnElement[bool]) -> int:
        default = self.run(
            "SELECT dflt_value FROM pragma_table_xinfo(:table) WHERE name = :column",
            table=entry.place.table,
            column=entry.name,
        ).scalar()
        return self.set_value(entry.place, {entry.name: literal_column(default or "NULL")}, condition)

    def _table(self, name: str) -> SQLiteTable:
        return SQLiteTable(self.connection, name)

    def _indexes_on(self, place: Place) -> tuple[Named, ...]:
        column = (place.column or "").lower()
        return tuple(
            index
            for index in self._indexes_of(place)
            if column in {token.name.lower() for token in tokens(index.sql[index.sql.index("(") :])}
        )


def _loosened(sql: str, column: str, details: SQLiteColumnDetails) -> str:
    """Return the text of a table where the column holds nobody back: no foreign key, and rows can come without it."""
    text = TableText(sql)
    text.take_keys(column)
    if details.primary_key:
        rest = details.rest_of_key
        text.drop_primary_key()
        if not rest:
            text.number_rows()
        else:
            quoted = ('"' + name.replace('"', '""') + '"' for name in rest)
            text.add_constraint(f"PRIMARY KEY ({', '.join(quoted)})")
    text.take_uniques(column, also_alone=details.has_default)
    text.take_checks_of(column)
    # NULLs are all different to a UNIQUE, the same default is not.
    clauses = {"REFERENCES", "UNIQUE" if details.has_default else "NOT NULL"}
    text.replace(column, without_clauses(text.definition(column), clauses))
    return str(text)


def _take_keys(text: TableText, place: Place, is_primary: bool) -> tuple[KeyText, ...]:
    """Take the foreign keys to a column out of the text of a table, and return them."""
    taken = text.take_keys_to(place.table, {(place.column or "").lower(), *([None] if is_primary else [])})
    return tuple(KeyText(column, sql) for column, sql in taken)


def _spells_the_same(one: str, other: str) -> bool:
    return [token.name for token in tokens(one)] == [token.name for token in tokens(other)]


def _checks_of(definition: str, columns: set[str]) -> list[str]:
    """Return the CHECKs in a column definition that name one of these other columns."""
    texts = [definition[each.start : each.end] for each in clauses(definition) if each.kind == "CHECK"]
    return [text for text in texts if columns & {*spelling(text)}]


def _parts_on_return(entry: Entry, away: set[str]) -> list[str]:
    """Return the constraints of a table that went with a column, as parts of its text."""
    details = entry.details_as(SQLiteColumnDetails)
    key = TableText(details.text).table_keys() if details.primary_key else []
    moved = [*(each.text for each in key), *_checks_of(details.definition, away)]
    return [*details.uniques, *details.keys, *details.checks, *(f" {text}" for text in moved)]


def _keys_on_return(entry: Entry) -> list[Restore]:
    """Return the foreign keys to a column, which wait for their tables and columns."""
    return [
        Restore(
            "key to",
            Place(entry.place.schema, table, column or None),
            "",
            referring_to(sql, entry.place.table),
            frozenset({column.lower()} if column else columns_named(sql)),
        )
        for table, keys in entry.details_as(SQLiteColumnDetails).keys_to
        for column, sql in keys
    ]


def _restores(place: Place, indexes: Sequence[Named], table: str) -> list[Restore]:
    return [Restore("index", place, name, on_table(sql, "sqlite", table)) for name, sql in indexes]
