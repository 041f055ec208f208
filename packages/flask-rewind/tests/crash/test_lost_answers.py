"""The line is cut between the migrator and the server, which has the statement already, or has it not."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from broken_moves import dealt, named
from cutting_proxy import CuttingProxy
from database_snapshots import snapshots_of
from flask import Flask
from flask_rewind.errors import RewindError
from histories import History
from operation_kinds import EVERY_KIND, Kind
from trips import Leg, Trip

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.combinations, pytest.mark.on("mariadb", "postgresql")]

MakeApp = Callable[..., Flask]
CountFault = Callable[[str], None]
FEW = 1
STATEMENTS = {
    # In a packet of its own: its length, its number, the command for a query.
    "mariadb": re.compile(
        rb"(?s)^....\x03\s*(?:COMMIT|(?:ALTER|CREATE|DROP|RENAME)\b(?!.{0,40}\b(?:rewind_|alembic_version)))"
    ),
    "postgresql": re.compile(rb"COMMIT\x00"),
}
MOVER = b"rewind_moves"
"""What only the connection of the mover sends, not that of its lease."""
PASSED_ON = [pytest.param(True, id="executed"), pytest.param(False, id="not executed")]


@pytest.fixture
def proxy(database_url: str) -> Iterator[CuttingProxy]:
    url = sa.make_url(database_url)
    with CuttingProxy(url.host or "", url.port or 0).running() as running:
        yield running


@pytest.fixture
def trip(
    make_app: MakeApp,
    database_url: str,
    proxy: CuttingProxy,
    kind: Kind,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Trip]:
    address = sa.make_url(database_url).set(host="127.0.0.1", port=proxy.port)
    blog = History(make_app(address.render_as_string(hide_password=False)))
    snapshots = snapshots_of(blog.engine)
    yield Trip(blog, snapshots, kind, tmp_path, request.node.name)
    proxy.let_be()
    snapshots.forget()


@pytest.mark.parametrize("is_passed_on", PASSED_ON)
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_statement_whose_answer_is_lost(
    trip: Trip, kind: Kind, proxy: CuttingProxy, is_passed_on: bool, count_fault: CountFault
) -> None:
    for leg in trip.legs():
        for number in dealt(range(count_of(trip, leg, proxy)), FEW, trip.name, leg.name):
            trip.back_to_begin(leg)
            proxy.cut_at(STATEMENTS[trip.engine_name], MOVER, number, is_passed_on=is_passed_on)
            with named(f"{leg.name}, cut at statement {number}"):
                said = error_of(leg)
                assert proxy.has_cut.is_set()
                proxy.let_be()
                if said:
                    trip.assert_said_truly(leg, said)
                    leg.command()
                trip.assert_arrived(leg)
            count_fault(f"lines cut on {trip.engine_name}, the statement was {'' if is_passed_on else 'not '}executed")


def count_of(trip: Trip, leg: Leg, proxy: CuttingProxy) -> int:
    """Return at how many statements a leg can be cut."""
    trip.back_to_begin(leg)
    proxy.cut_at(STATEMENTS[trip.engine_name], MOVER, None)
    leg.command()
    proxy.let_be()
    return proxy.seen


def error_of(leg: Leg) -> str:
    """Return what a move says that fails; empty where it does not."""
    try:
        leg.command()
    except RewindError as error:
        return f"{error.message}\n{error.hint}"
    return ""
