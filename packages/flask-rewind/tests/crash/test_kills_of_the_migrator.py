"""Whoever moves a database may be killed at any point; the next command alone ends the move."""

import zlib
from collections.abc import Sequence

import pytest
from broken_moves import Kill, killed
from combinations import has_all
from operation_kinds import EVERY_KIND, Kind
from trips import Leg, Trip
from whole_database import whole_database

pytestmark = [pytest.mark.slow, pytest.mark.long]

FEW = 2


def dealt(points: Sequence[Kill], few: int, *seed: str) -> list[Kill]:
    """Return all points for `make prove`; for CI a few, other ones for each kind and leg, the same on every machine."""
    if has_all() or len(points) <= few:
        return list(points)
    begin, step = zlib.crc32("".join(seed).encode()), len(points) // few
    return [points[(begin + at * step) % len(points)] for at in range(few)]


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_same_command_ends_it(trip: Trip, kind: Kind, request: pytest.FixtureRequest) -> None:
    for leg in trip.legs():
        for point in dealt(leg.points, FEW, request.node.name, leg.name):
            trip.back_to_begin(leg)
            killed(trip.blog, leg.command, point)
            leg.command()
            try:
                trip.assert_arrived(leg)
            except AssertionError as error:
                error.add_note(f"{leg.name}, killed {point.name}")
                raise


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_opposite_command_ends_it(trip: Trip, kind: Kind, request: pytest.FixtureRequest) -> None:
    for leg in trip.legs():
        back = trip.gone_and_back(leg)
        for point in dealt(leg.points, FEW // 2, request.node.name, leg.name):
            trip.back_to_begin(leg)
            killed(trip.blog, leg.command, point)
            leg.opposite()
            assert_back(trip, leg, point, back)


def assert_back(trip: Trip, leg: Leg, point: Kill, back: object) -> None:
    """Assert that the leg was taken back, or was finished and gone back."""
    found, done = whole_database(trip.blog.engine), trip.crossings_done() - leg.crossings_before
    wanted = back if done else leg.before
    assert found == wanted, f"{leg.name}, killed {point.name}"
    assert done in {0, 2}
    trip.assert_calm()
