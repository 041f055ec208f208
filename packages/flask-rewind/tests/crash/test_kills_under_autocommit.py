"""Killed moves of an app whose engine commits every statement: the next command ends them."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from broken_moves import Kill, dealt, killed, named
from flask import Flask
from histories import History
from operation_kinds import EVERY_KIND, KINDS, Kind
from trips import Leg, Trip

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.combinations, pytest.mark.on("mariadb", "postgresql")]

CountFault = Callable[[str], None]
FEW = 2
BY_KIND = [each for each in EVERY_KIND if each.id != "statements that commit by themselves"]
"""After its LOCK TABLES nobody can write into the journal, as each statement under AUTOCOMMIT asks for."""
RENAMED = [pytest.param(KINDS[name], id=name) for name in ("rows that move to a new table", "a type")]
"""A table with a sequence, and a type that a column uses: renamed when they are hidden and when they return."""


@pytest.fixture
def blog(make_app: Callable[..., Flask], database_url: str) -> History:
    options = {"isolation_level": "AUTOCOMMIT"}
    return History(make_app(database_url, config={"SQLALCHEMY_ENGINE_OPTIONS": options}))


@pytest.mark.parametrize("kind", BY_KIND)
def test_the_next_command_changes_no_row_twice(trip: Trip, kind: Kind, count_fault: CountFault) -> None:
    for leg in trip.legs():
        for kill in dealt(leg.kills, FEW, trip.name, leg.name):
            broken_off_and_ended(trip, leg, kill, count_fault)


@pytest.mark.on("postgresql")
@pytest.mark.parametrize("kind", RENAMED)
def test_the_next_command_ends_what_was_killed_beside_a_rename(trip: Trip, kind: Kind, count_fault: CountFault) -> None:
    for leg in trip.legs():
        for before, kill in pairwise(leg.kills):
            if "RENAME" in before.name + kill.name:
                broken_off_and_ended(trip, leg, kill, count_fault)


def broken_off_and_ended(trip: Trip, leg: Leg, kill: Kill, count_fault: CountFault) -> None:
    trip.back_to_begin(leg)
    killed(trip.blog, leg.command, kill)
    count_fault(f"kills under AUTOCOMMIT on {trip.engine_name}")
    if trip.leaves_a_new_state(leg):
        with named(f"{leg.name}, killed {kill.name}"):
            leg.command()
            trip.assert_arrived(leg)
