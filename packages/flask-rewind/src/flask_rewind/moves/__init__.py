"""Moves as a whole, over every database: made, planned, printed as SQL, or only written down by a stamp."""

from flask_rewind.moves.moving import move_databases
from flask_rewind.moves.plans import plan_databases
from flask_rewind.moves.resuming import abort_databases, resume_databases
from flask_rewind.moves.stamping import stamp_databases
from flask_rewind.moves.targets import heads_of_databases

__all__ = [
    "abort_databases",
    "heads_of_databases",
    "move_databases",
    "plan_databases",
    "resume_databases",
    "stamp_databases",
]
