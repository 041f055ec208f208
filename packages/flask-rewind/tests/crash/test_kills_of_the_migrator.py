"""Whoever moves a database may be killed at any point; the next command alone ends the move."""

from collections.abc import Callable

import pytest
from broken_moves import Kill, dealt, killed, named
from operation_kinds import EVERY_KIND, Kind
from trips import Leg, Trip

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.combinations]

CountFault = Callable[[str], None]
FEW = 2
"""How many of the points of a leg CI tries; `make prove` tries all."""


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_same_and_the_opposite_command_end_it(trip: Trip, kind: Kind, count_fault: CountFault) -> None:
    for leg in trip.legs():
        back = trip.gone_and_back(leg)
        for kill in dealt(leg.kills, FEW, trip.name, leg.name):
            kill_at(trip, leg, kill)
            count_fault(f"kills of the migrator on {trip.engine_name}")
            if not trip.leaves_a_new_state(leg):
                continue
            count_fault(f"states that these left on {trip.engine_name}, ended by the same and by the opposite command")
            with named(f"{leg.name}, killed {kill.name}"):
                leg.command()
                trip.assert_arrived(leg)
                kill_at(trip, leg, kill)
                leg.opposite()
                trip.assert_back(leg, back)


def kill_at(trip: Trip, leg: Leg, kill: Kill) -> None:
    """Kill a leg that begins anew."""
    trip.back_to_begin(leg)
    killed(trip.blog, leg.command, kill)
