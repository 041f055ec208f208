"""The table `rewind_attic`, in the app's database: one row, an entry, for each hidden column, table or type.

A hidden column stays in its table, or moves into a side table, under the name ``_attic_<number>``. A hidden table stays
in its schema under such a name. The number is the number of its entry. An entry belongs to the revision and the
direction that hid the thing.
"""

from flask_rewind.attic_entries.attic import Attic
from flask_rewind.attic_entries.entry import HIDDEN, PREFIX, SIDE, Entry
from flask_rewind.attic_entries.table import table
from flask_rewind.places import Place

__all__ = ["HIDDEN", "PREFIX", "SIDE", "Attic", "Entry", "Place", "table"]
