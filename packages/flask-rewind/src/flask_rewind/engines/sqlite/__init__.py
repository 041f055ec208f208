"""A SQLite table as its own CREATE TABLE text, changed in that text, and rebuilt only where its rows must change."""

from flask_rewind.engines.sqlite.table import SQLiteTable
from flask_rewind.engines.sqlite.text import (
    Constraint,
    TableText,
    affinity,
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

__all__ = [
    "Constraint",
    "SQLiteTable",
    "TableText",
    "affinity",
    "clause_of",
    "clauses",
    "columns_named",
    "declared_type",
    "kind_of",
    "kinds_of",
    "referring_to",
    "spelling",
    "without_clauses",
]
