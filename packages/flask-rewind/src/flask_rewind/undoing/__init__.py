"""Undo a crossing by what the journal recorded, without the script's other function.

Columns and tables that the crossing hid return, those that it added are hidden, and everything else is restored from
the SQL text that the database itself gave for it. Data statements are not undone.
"""

from flask_rewind.undoing.lost_attributes import LostAttributes
from flask_rewind.undoing.undo import Undo

__all__ = ["LostAttributes", "Undo"]
