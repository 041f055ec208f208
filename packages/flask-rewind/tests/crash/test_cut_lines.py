"""An administrator ends the session that moves a database, or the statement that it executes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from awaiting import awaited
from broken_moves import StoppedMove, named
from operation_kinds import EVERY_KIND, Kind
from other_sessions import OtherSessions
from trips import Leg, Trip

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.combinations, pytest.mark.on("mariadb", "postgresql")]

CountFault = Callable[[str], None]
FEW = 1


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_session_that_is_ended_before_a_statement(trip: Trip, kind: Kind, count_fault: CountFault) -> None:
    sessions = OtherSessions(trip.blog.engine.url)
    for leg, kill in trip.broken_off(FEW, of_script=True):
        note = empty_note(trip)
        with named(f"{leg.name}, cut {kill.name}"):
            with StoppedMove(trip.blog, leg.command, kill.number, note) as move:
                sessions.end(move.session, "cut")
                awaited(lambda number=move.session: number not in {each.number for each in sessions.all()})
                move.go_on()
                code = move.wait()
            assert_ended_well(trip, leg, code, note)
        count_fault(f"sessions ended on {trip.engine_name}, before a statement")


@pytest.mark.parametrize("how", ["cut", "cancelled"])
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_session_that_is_ended_in_a_statement(trip: Trip, kind: Kind, how: str, count_fault: CountFault) -> None:
    sessions = OtherSessions(trip.blog.engine.url)
    for leg, kill in trip.broken_off(FEW, of_script=True):
        note = empty_note(trip)
        with named(f"{leg.name}, {how} {kill.name}"):
            with StoppedMove(trip.blog, leg.command, kill.number, note) as move:
                with sessions.tables_locked():
                    move.go_on()
                    awaited(lambda move=move: sessions.waiting() or move.has_ended())
                    if move.has_ended():
                        continue
                    sessions.end(move.session, how)
                code = move.wait()
            assert_ended_well(trip, leg, code, note)
        count_fault(f"sessions {how} on {trip.engine_name}, in a statement")


def empty_note(trip: Trip) -> Path:
    """Return the file for the error of the next move, without that of the one before it."""
    note = trip.folder / "error"
    note.unlink(missing_ok=True)
    return note


def assert_ended_well(trip: Trip, leg: Leg, code: int, note: Path) -> None:
    """Assert that the error has told the truth, and that the next command ends the move.

    There is no error where the statement cleaned up after the version row was committed.
    """
    assert code in {0, 1}
    trip.assert_said_truly(leg, note.read_text() if code else "")
    leg.command()
    trip.assert_arrived(leg)
