"""Going back through a crossing by what the journal recorded of it, without the script's other function.

What the crossing had hidden returns, what it had added is hidden, and everything else is made as it was by the
database's own text of it. Rows are not looked at: data statements are not undone.
"""

from flask_rewind.undoing.lost_attributes import LostAttributes
from flask_rewind.undoing.undo import Undo

__all__ = ["LostAttributes", "Undo"]
