"""Tables of SQLite: their foreign keys are removed from their text, then they are renamed."""

from dataclasses import replace

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import SQLiteTableDetails, TableDetails
from flask_rewind.engines.constraints import Restore
from flask_rewind.engines.sqlite.constraints import indexes_of, restores_of_indexes
from flask_rewind.engines.sqlite.table import SQLiteTable
from flask_rewind.engines.sqlite.text import TableText
from flask_rewind.engines.tables import Tables
from flask_rewind.sql.tokenizer import tokens


class SQLiteTables(Tables):
    """Hides tables of a SQLite database and brings them back."""

    def look_at(self, place: Place) -> SQLiteTableDetails:
        return SQLiteTableDetails(text=self._table(place.table).text, indexes=indexes_of(self, place))

    def hide(self, entry: Entry) -> None:
        place, details = entry.place, entry.details_as(SQLiteTableDetails)
        for name, _ in details.indexes:  # their names are unique in the schema, and SQLite cannot rename them
            self.run_literally(f"DROP INDEX {self.quote(name)}")
        text = TableText(details.text)
        text.take_keys()
        text.without_column_keys()
        self._table(place.table).write_text(str(text))
        self._table(place.table).rename(entry.name)

    def bring_back(self, entry: Entry) -> list[Restore]:
        details, name = entry.details_as(SQLiteTableDetails), entry.place.table
        sql = details.text
        words = tokens(sql)
        if words[1].word != "VIRTUAL" and words[2].name != name:  # it returns under another name
            sql = TableText(sql).under(f"CREATE TABLE {self.quote(name)} (")
        self._table(entry.name).rename(name)
        self._table(name).write_text(sql)
        return [
            *restores_of_indexes(entry.place, details.indexes, self.quote(name)),
            *self._constraints.triggers_of(entry),
        ]

    def is_temporary(self, place: Place) -> bool:
        query = "SELECT 1 FROM sqlite_temp_master WHERE type = 'table' AND lower(name) = lower(:name)"
        return self.run(query, name=place.table).first() is not None

    def primary_key(self, place: Place) -> list[str]:
        query = "SELECT name FROM pragma_table_info(:table) WHERE pk ORDER BY pk"
        return list(self.run(query, table=place.table).scalars())

    def without_column(self, details: TableDetails, column: str) -> TableDetails:
        if not isinstance(details, SQLiteTableDetails):
            return details
        text = TableText(details.text)
        text.drop_column(column)
        return replace(details, text=str(text))

    def _table(self, name: str) -> SQLiteTable:
        return SQLiteTable(self.connection, name)
