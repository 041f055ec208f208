"""Whoever moves a database may be killed at any point; the next command alone ends the move."""

from collections.abc import Callable

import pytest
from broken_moves import dealt, killed, named
from operation_kinds import EVERY_KIND, Kind
from trips import Trip

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.combinations]

CountFault = Callable[[str], None]
FEW = 2
"""How many of the points of a leg CI tries; `make prove` tries all."""


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_same_command_ends_it(trip: Trip, kind: Kind, count_fault: CountFault) -> None:
    for leg, kill in trip.broken_off(FEW):
        killed(trip.blog, leg.command, kill)
        with named(f"{leg.name}, killed {kill.name}"):
            leg.command()
            trip.assert_arrived(leg)
        count_fault(f"kills of the migrator on {trip.engine_name}, then the same command")


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_opposite_command_ends_it(trip: Trip, kind: Kind, count_fault: CountFault) -> None:
    for leg in trip.legs():
        back = trip.gone_and_back(leg)
        for kill in dealt(leg.kills, FEW // 2, trip.name, leg.name):
            trip.back_to_begin(leg)
            killed(trip.blog, leg.command, kill)
            with named(f"{leg.name}, killed {kill.name}"):
                leg.opposite()
                trip.assert_back(leg, back)
            count_fault(f"kills of the migrator on {trip.engine_name}, then the opposite command")
