"""A crossing: one revision script run on one database, recorded, watched, and taken back if it fails.

`database_move` is where to start. `taking_back` undoes a crossing by the journal and the catalog alone.
"""

from flask_rewind.crossing.database_move import DatabaseMove
from flask_rewind.crossing.move_record import MoveRecord
from flask_rewind.crossing.taking_back import TakingBack

__all__ = ["DatabaseMove", "MoveRecord", "TakingBack"]
