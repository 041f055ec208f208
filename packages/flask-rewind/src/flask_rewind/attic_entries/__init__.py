"""What is hidden: `rewind_attic`, one row for each hidden column, table or type, in the database itself.

A hidden column stays in its row, or goes into a side table, under the name ``_attic_<number>``; a hidden table stays in
its schema under a name of the same kind. The number is that of its entry, which belongs to the revision and the
direction that hid it.
"""

from flask_rewind.attic_entries.attic import Attic
from flask_rewind.attic_entries.entry import HIDDEN, PREFIX, SIDE, Entry
from flask_rewind.attic_entries.table import table
from flask_rewind.places import Place

__all__ = ["HIDDEN", "PREFIX", "SIDE", "Attic", "Entry", "Place", "table"]
