"""The migrator is killed while the database executes one of its statements, and may go on with that."""

import os
import signal
from collections.abc import Callable

import pytest
from broken_moves import KILLED, dealt, in_child, named
from fault_points import FaultPoint
from operation_kinds import EVERY_KIND, Kind
from other_sessions import OtherSessions
from trips import Leg, Trip
from waiting_moves import ENDS, is_ended_after_it_waited

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.combinations]

CountFault = Callable[[str], None]
FEW = 1
MOMENTS = (1, 30, 300)
"""How many instructions of SQLite's machine a statement has executed."""


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.on("mariadb", "postgresql")
def test_a_server_may_go_on(trip: Trip, kind: Kind, end: str, count_fault: CountFault) -> None:
    sessions = OtherSessions(trip.blog.engine.url)
    for leg, kill in trip.broken_off(FEW, of_script=True):
        with named(f"{leg.name}, killed {kill.name}"):
            if is_ended_after_it_waited(trip, leg, kill.number, end, sessions):
                count_fault(f"kills inside a statement on {trip.engine_name}, {end}")


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.on("sqlite")
def test_sqlite_is_in_the_middle(trip: Trip, kind: Kind, count_fault: CountFault) -> None:
    for leg in trip.legs():
        for kill in dealt([each for each in leg.kills if each.is_of_script], FEW, trip.name, leg.name):
            for instructions in MOMENTS:
                trip.back_to_begin(leg)
                if not killed_after(trip, leg, kill.number, instructions):
                    continue
                with named(f"{leg.name}, killed {instructions} instructions {kill.name}"):
                    leg.command()
                    trip.assert_arrived(leg)
                count_fault("kills inside a statement on sqlite")


def killed_after(trip: Trip, leg: Leg, number: int, instructions: int) -> bool:
    """Kill a move when SQLite has executed some instructions from a fault point on; return False where it ends."""
    count = iter(range(number + 1))

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def reach(point: FaultPoint) -> None:
        if next(count, None) == number:
            point.connection.set_progress_handler(die, instructions)

    code = in_child(trip.blog.engine, leg.command, reach)
    assert code in {0, KILLED}
    return code == KILLED
