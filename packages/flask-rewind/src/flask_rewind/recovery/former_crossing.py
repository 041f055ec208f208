"""What a process that ended right after it wrote a version row has left: its crossing is done, and not cleaned up."""

from sqlalchemy import Connection

from flask_rewind.attic_entries import Attic
from flask_rewind.engines.registry import hider_of


def end_former_crossing(connection: Connection, attic: Attic) -> None:
    """Drop the markers of what came back, and delete its entries. Call it where no crossing is unfinished."""
    returned = attic.returning()
    hider = hider_of(connection) if returned else None
    if hider is not None:
        hider.clean_up((), returned, ())
        hider.drop_markers()
    attic.end_crossing()
