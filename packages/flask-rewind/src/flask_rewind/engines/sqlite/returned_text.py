"""The text of a SQLite table while a column is hidden, and the constraints that return with the column. Pure."""

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import SQLiteColumnDetails
from flask_rewind.engines.constraints import Restore
from flask_rewind.engines.sqlite.clauses import clauses, spelling, without_clauses
from flask_rewind.engines.sqlite.parts import columns_named, referring_to
from flask_rewind.engines.sqlite.text import TableText
from flask_rewind.sql.tokenizer import tokens


def loosened(sql: str, column: str, details: SQLiteColumnDetails) -> str:
    """Return the text of a table in which a column restricts nothing: no foreign key, and inserts can omit it."""
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
    # A UNIQUE constraint allows several NULLs, but not the same default twice.
    clauses = {"REFERENCES", "UNIQUE" if details.has_default else "NOT NULL"}
    text.replace(column, without_clauses(text.definition(column), clauses))
    return str(text)


def spells_the_same(one: str, other: str) -> bool:
    """Return whether two texts have the same words, quoted or not."""
    return [token.name for token in tokens(one)] == [token.name for token in tokens(other)]


def checks_of(definition: str, columns: set[str]) -> list[str]:
    """Return the CHECKs in a column definition that name one of `columns`."""
    texts = [definition[each.start : each.end] for each in clauses(definition) if each.kind == "CHECK"]
    return [text for text in texts if columns & {*spelling(text)}]


def parts_on_return(entry: Entry, away: set[str]) -> list[str]:
    """Return the constraints that were removed with a column, as parts of the table's text."""
    details = entry.details_as(SQLiteColumnDetails)
    key = TableText(details.text).table_keys() if details.primary_key else []
    moved = [*(each.text for each in key), *checks_of(details.definition, away)]
    return [*details.uniques, *details.keys, *details.checks, *(f" {text}" for text in moved)]


def keys_on_return(entry: Entry) -> list[Restore]:
    """Return the foreign keys to a column, to be recreated when their tables and columns are there."""
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
