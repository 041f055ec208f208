"""Columns of SQLite: clauses that would restrict or change a hidden value are removed from the table's own text.

No row changes for that: SQLite documents that NOT NULL, foreign keys and CHECKs may be changed in ``sqlite_master``
(sqlite.org/lang_altertable.html, section 7). If a key changes, the table is rebuilt. Everything is in the crossing's
transaction.
"""

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import Named, SQLiteColumnDetails, TableKeys
from flask_rewind.engines.columns import Columns
from flask_rewind.engines.constraints import DROP_THEM, Restore
from flask_rewind.engines.sqlite.clauses import clause_of, declared_type, kinds_of, without_clauses
from flask_rewind.engines.sqlite.constraints import indexes_of, restores_of_indexes, take_keys
from flask_rewind.engines.sqlite.parts import columns_named, kind_of
from flask_rewind.engines.sqlite.returned_text import (
    checks_of,
    keys_on_return,
    loosened,
    parts_on_return,
    spells_the_same,
)
from flask_rewind.engines.sqlite.table import SQLiteTable
from flask_rewind.engines.sqlite.text import TableText
from flask_rewind.errors import Refused
from flask_rewind.sql.tokenizer import tokens


class SQLiteColumns(Columns):
    """Hides columns of a SQLite database and brings them back."""

    def look_at(self, place: Place) -> SQLiteColumnDetails | None:
        row = self.run(
            'SELECT "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(:table)'
            " WHERE lower(name) = lower(:column)",
            table=place.table,
            column=place.column,
        ).one()
        if row.hidden:
            return None
        if views := self._table(place.table).views_of(place.column or ""):
            raise Refused(f"{place} cannot be hidden while a view shows it: {', '.join(views)}.", DROP_THEM)
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

    def hide(self, entry: Entry) -> None:
        place, details = entry.place, entry.details_as(SQLiteColumnDetails)
        self._constraints.drop_keys_to(entry)
        for name, _ in details.indexes:
            self.run_literally(f"DROP INDEX {self.quote(name)}")
        text = loosened(self._table(place.table).text, place.column or "", details)
        self._table(place.table).change_text(text, moves_rows=details.moves_rows)
        self._table(place.table).rename_column(place.column or "", entry.name)

    def insert_without(self, entry: Entry) -> str:
        return "fails"  # SQLite requires a value for every column, hidden ones too

    def newborn_rows(self, entry: Entry) -> int:
        details = entry.details_as(SQLiteColumnDetails)
        if not details.not_null or details.has_default or details.is_numbered:
            return 0
        return self._values.null_rows(entry)

    def bring_back(self, entry: Entry, *, nullable: bool, fill: str | None) -> list[Restore]:
        place = entry.place
        if fill is not None:
            self._values.fill_hidden(entry, fill, f"{entry.name} IS NULL", nullable=nullable)
        self._table(place.table).rename_column(entry.name, place.column or "")
        details, away = entry.details_as(SQLiteColumnDetails), self._away(entry)
        parts = parts_on_return(entry, away)
        came = [part for part in parts if not away & columns_named(part)]
        waiting = [self._waiting(entry, part) for part in parts if part not in came]
        text = self._text_on_return(entry, away, came, nullable=nullable)
        kinds = {kind_of(part) for part in came}
        is_stricter = not nullable and not details.not_null
        asks_rows = is_stricter or "CHECK" in kinds or clause_of(details.definition, "CHECK") is not None
        self._table(place.table).change_text(
            text, moves_rows=details.moves_rows or "UNIQUE" in kinds, asks_rows=asks_rows
        )
        self._table(place.table).number_from(details.last_number)
        return [*restores_of_indexes(place, details.indexes, self.quote(place.table)), *waiting, *keys_on_return(entry)]

    def show(self, entry: Entry) -> None:
        self._table(entry.place.table).rename_column(entry.name, entry.place.column or "")

    def purge(self, entry: Entry) -> None:
        """Rebuild the table: SQLite refuses DROP COLUMN if a constraint names the column."""
        for name in self.users_of(entry):
            raise Refused(
                f"{entry.place} cannot be purged: the trigger or view {name} uses it (as {entry.name}).",
                f"Drop {name} first.",
            )
        text = TableText(self._table(entry.place.table).text)
        text.drop_column(entry.name)
        self._table(entry.place.table).rebuild(text)

    def users_of(self, entry: Entry) -> list[str]:
        """Return the triggers and views that name a hidden column."""
        users = "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view') AND instr(sql, :name)"
        named = self.run(users, name=entry.name).all()
        return [name for name, sql in named if entry.name in {token.name for token in tokens(sql)}]

    def _rest_of_key(self, place: Place, text: TableText) -> list[str]:
        """Return the other columns of the primary key; none if the rows do not allow them as the key."""
        rest = [name for name in text.primary_key if name.lower() != (place.column or "").lower()]
        if not rest:
            return []
        columns, table = ", ".join(map(self.quote, rest)), self.table_of(place)
        twice = f"SELECT 1 FROM {table} GROUP BY {columns} HAVING count(*) > 1 LIMIT 1"
        asked = [twice]
        if len(rest) == 1 and declared_type(text.definition(rest[0])).upper() == "INTEGER":  # it would be the row id
            asked.append(f"SELECT 1 FROM {table} WHERE typeof({columns}) <> 'integer' LIMIT 1")
        return [] if any(self.run_literally(query).first() for query in asked) else rest

    def _keys_to(self, place: Place, *, is_primary: bool) -> tuple[TableKeys, ...]:
        """Return the foreign keys to a column, by table."""
        rows = self.run(
            "SELECT DISTINCT m.name FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) k"
            " WHERE m.type = 'table' AND lower(k.\"table\") = lower(:table) ORDER BY 1",
            table=place.table,
        )
        found = [(name, take_keys(TableText(self._table(name).text), place, is_primary)) for (name,) in rows.all()]
        return tuple(TableKeys(name, keys) for name, keys in found if keys)

    def _away(self, entry: Entry) -> set[str]:
        """Return the columns that the table had when this one was hidden, and does not have now."""
        there = {name.lower() for name in TableText(self._table(entry.place.table).text).columns}
        return {name.lower() for name in entry.details_as(SQLiteColumnDetails).columns} - there

    def _waiting(self, entry: Entry, part: str) -> Restore:
        """Return a constraint that cannot return yet because it needs further columns."""
        details = entry.details_as(SQLiteColumnDetails)
        needs = columns_named(part) & {name.lower() for name in details.columns}
        place = Place(entry.place.schema, entry.place.table)
        return Restore("part", place, "", part, frozenset(needs), (details.text,))

    def _text_on_return(self, entry: Entry, away: set[str], came: list[str], *, nullable: bool) -> str:
        column, details = entry.place.column or "", entry.details_as(SQLiteColumnDetails)
        current = self._table(entry.place.table).text
        definition = details.definition
        former = tokens(definition)[0]
        if former.name != column:  # it returns under another name
            definition = f"{self.quote(column)}{definition[former.end :]}"
        elif nullable != details.not_null and spells_the_same(current, loosened(details.text, column, details)):
            return details.text  # the exact former text: RENAME COLUMN had put names in quotes
        for check in checks_of(definition, away):
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

    def _indexes_on(self, place: Place) -> tuple[Named, ...]:
        column = (place.column or "").lower()
        return tuple(
            index
            for index in indexes_of(self, place)
            if column in {token.name.lower() for token in tokens(index.sql[index.sql.index("(") :])}
        )

    def _table(self, name: str) -> SQLiteTable:
        return SQLiteTable(self.connection, name)
