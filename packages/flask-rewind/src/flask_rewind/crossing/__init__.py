"""A crossing: one revision script run on one database, recorded, watched, and taken back if it fails.

`database_move` is where to start.
"""

from flask_rewind.crossing.database_move import DatabaseMove
from flask_rewind.crossing.failure_messages import COMPLETE, NOTHING_KEPT, TO_BE_TAKEN_BACK, what_stays
from flask_rewind.crossing.move_record import MoveRecord

__all__ = ["COMPLETE", "NOTHING_KEPT", "TO_BE_TAKEN_BACK", "DatabaseMove", "MoveRecord", "what_stays"]
