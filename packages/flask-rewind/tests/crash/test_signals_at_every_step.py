"""Ctrl-C and SIGTERM at every step of every kind of operation: once, and twice."""

import itertools
import signal
from collections.abc import Callable

import flask_rewind
import pytest
from broken_moves import named, signalled
from operation_kinds import EVERY_KIND, Kind
from trips import Leg, Trip

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.combinations]

CountFault = Callable[[str], None]
FEW = 1
NUMBERS = (signal.SIGINT, signal.SIGTERM)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_one_signal_takes_the_crossing_back(trip: Trip, kind: Kind, count_fault: CountFault) -> None:
    for number, (leg, kill) in zip(itertools.cycle(NUMBERS), trip.broken_off(FEW), strict=False):
        with named(f"{leg.name}, {number.name} {kill.name}"):
            code = signalled(trip.blog, leg.command, kill, number)
            assert_taken_back_or_done(trip, leg, code)
            if trip.leaves_a_new_state(leg):
                leg.command()
                trip.assert_arrived(leg)
        count_fault(f"signals on {trip.engine_name}, once")


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_two_signals_end_the_process_at_once(trip: Trip, kind: Kind, count_fault: CountFault) -> None:
    for number, (leg, kill) in zip(itertools.cycle(NUMBERS), trip.broken_off(FEW), strict=False):
        with named(f"{leg.name}, {number.name} twice {kill.name}"):
            assert signalled(trip.blog, leg.command, kill, number, times=2) == 128 + number
            if trip.leaves_a_new_state(leg):
                leg.command()
                trip.assert_arrived(leg)
        count_fault(f"signals on {trip.engine_name}, twice")


def assert_taken_back_or_done(trip: Trip, leg: Leg, code: int) -> None:
    """Assert that a process which got a signal has left nothing open, except rows that cannot be taken back."""
    (status,) = flask_rewind.status()
    if code == 0:  # it came too late
        assert status.current == leg.after.at
    elif status.unfinished is None:
        trip.assert_is(leg.before if status.current == leg.before.at else leg.after)
    else:
        assert trip.changes_rows
