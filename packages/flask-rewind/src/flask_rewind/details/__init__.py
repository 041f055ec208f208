"""The details of an entry: what an engine needs to bring a hidden column, table or type back.

An object of one of these `classes` is stored as JSON in the column ``details`` of ``rewind_attic``; `codec` writes and
reads it. The fields have the same names in the JSON, so they are the storage format. If you rename, add or drop a
field, raise `codec.LAYOUT` and add a reader for the previous layout. SQL in these fields is in the dialect of the
engine that hid the thing. Nothing here queries a database.
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
