"""Describe the visible schema of a database as values, and compare two descriptions."""

from flask_rewind.describing.base import (
    Change,
    Description,
    Key,
    Part,
    as_description,
    as_text,
    changes,
    fingerprint,
    has_more_labels,
    key_of,
    not_brought_back,
    read,
    wanted_back,
    without_parts_of_tables,
)
from flask_rewind.describing.letter_case import without_other_letters
from flask_rewind.describing.recorded_changes import Made

__all__ = [
    "Change",
    "Description",
    "Key",
    "Made",
    "Part",
    "as_description",
    "as_text",
    "changes",
    "fingerprint",
    "has_more_labels",
    "key_of",
    "not_brought_back",
    "read",
    "wanted_back",
    "without_other_letters",
    "without_parts_of_tables",
]
