"""The command that ends an interrupted move is killed, too, at each of its own steps; the next one ends the move."""

from collections.abc import Callable

import pytest
from broken_moves import Kill, dealt, killed, kills_of, named
from operation_kinds import EVERY_KIND, Kind
from other_sessions import OtherSessions
from trips import Leg, Trip
from waiting_moves import ENDS, is_ended_after_it_waited

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.combinations]

CountFault = Callable[[str], None]
FEW = 1


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_command_after_it_ends_the_move(trip: Trip, kind: Kind, count_fault: CountFault) -> None:
    for leg in trip.legs():
        for first in most_to_recover(leg):
            for second in dealt(steps_of_recovery(trip, leg, first), FEW, trip.name, leg.name):
                trip.back_to_kept()
                killed(trip.blog, leg.command, second)
                count_fault(f"kills during a recovery on {trip.engine_name}")
                if not trip.leaves_a_new_state(leg):
                    continue
                count_fault(f"states that these left on {trip.engine_name}, ended by the next command")
                with named(f"{leg.name}, killed {first.name}, then {second.name}"):
                    leg.command()
                    trip.assert_arrived(leg)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.on("mariadb")  # elsewhere a recovery executes nothing that could wait
def test_a_statement_of_a_recovery_may_go_on(trip: Trip, kind: Kind, end: str, count_fault: CountFault) -> None:
    sessions = OtherSessions(trip.blog.engine.url)
    for leg in trip.legs():
        first = most_to_recover(leg)[0]
        for second in dealt([each for each in steps_of_recovery(trip, leg, first) if each.is_of_script], FEW):
            trip.back_to_kept()
            with named(f"{leg.name}, killed {first.name}, then in {second.name}"):
                if is_ended_after_it_waited(trip, leg, second.number, end, sessions):
                    count_fault(f"kills inside a statement of a recovery on {trip.engine_name}, {end}")


def most_to_recover(leg: Leg) -> list[Kill]:
    """Return kills after which there is most to do: at the end of the script, and after the version row."""
    of_script = [at for at, kill in enumerate(leg.kills) if kill.is_of_script or kill.is_announced]
    committed = [at for at, kill in enumerate(leg.kills) if kill.name == "before COMMIT"]
    # The one after each of these: the statement was executed, and nothing after it.
    return [leg.kills[at + 1] for at in (of_script[-1:] + committed[:1]) if at + 1 < len(leg.kills)]


def steps_of_recovery(trip: Trip, leg: Leg, first: Kill) -> list[Kill]:
    """Return where the next command can be killed until the script runs again, or until its end.

    What it has to recover from is kept.
    """
    trip.back_to_begin(leg)
    killed(trip.blog, leg.command, first)
    trip.keep()
    kills = kills_of(trip.blog, leg.command, trip.folder / "fault-points")
    begun = [at for at, kill in enumerate(kills) if "INSERT INTO rewind_crossings" in kill.name]
    return kills[: begun[0] + 1] if begun else kills
