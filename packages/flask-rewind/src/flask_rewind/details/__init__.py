"""What an engine needs to bring a hidden column, table or type back.

An object of these `classes` is stored as JSON in the column ``details`` of ``rewind_attic``; the `codec` writes and
reads it. The names of the fields are the names in the JSON, so the fields are the format: whoever renames, adds or
drops one raises `codec.LAYOUT`, and adds a reader for the layout before. SQL in these fields is in the dialect of the
engine that hid the thing. Nothing here asks a database.
"""

from flask_rewind.details.classes import (
    CLASSES,
    TITLES,
    ColumnDetails,
    Details,
    MySQLColumnDetails,
    MySQLTableDetails,
    PostgreSQLColumnDetails,
    PostgreSQLTableDetails,
    PostgreSQLTypeDetails,
    SQLiteColumnDetails,
    SQLiteTableDetails,
    TableDetails,
    TypeDetails,
    engine_called,
)
from flask_rewind.details.codec import LAYOUT, Unreadable, details_from, written
from flask_rewind.details.merging import with_missing_parts
from flask_rewind.details.parts import Domain, ForeignKey, KeyText, Named, Parent, Relation, Side, TableKeys

__all__ = [
    "CLASSES",
    "LAYOUT",
    "TITLES",
    "ColumnDetails",
    "Details",
    "Domain",
    "ForeignKey",
    "KeyText",
    "MySQLColumnDetails",
    "MySQLTableDetails",
    "Named",
    "Parent",
    "PostgreSQLColumnDetails",
    "PostgreSQLTableDetails",
    "PostgreSQLTypeDetails",
    "Relation",
    "SQLiteColumnDetails",
    "SQLiteTableDetails",
    "Side",
    "TableDetails",
    "TableKeys",
    "TypeDetails",
    "Unreadable",
    "details_from",
    "engine_called",
    "with_missing_parts",
    "written",
]
