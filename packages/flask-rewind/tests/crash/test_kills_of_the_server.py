"""The server is killed at random moments of long steps; when it runs again, the next command ends the move."""

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import flask_rewind
import pytest
from broken_moves import Command, forked, named, noting
from flask import Flask
from histories import History
from operation_kinds.kind import adding, batched
from private_servers import PrivateServer, private_server
from trips import Leg, MovedBlog, down, up
from whole_database import whole_database

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.on("mariadb", "postgresql")]

MakeApp = Callable[..., Flask]
CountFault = Callable[[str], None]
MOMENTS = int(os.environ.get("SERVER_KILLS", "2"))
"""How often the server is killed in each kind of step; `make prove` kills it more often."""
ROWS = int(os.environ.get("SERVER_ROWS", "20000"))
SEED = int(os.environ.get("SERVER_SEED", "21"))

BIG = """
op.create_table("big",
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), sa.Column("title", sa.String(40)),
    sa.Column("body", sa.Text), sa.Column("score", sa.Integer, nullable=False), mysql_charset="utf8mb4")"""
FILL = {
    "mariadb": "INSERT INTO big SELECT seq, CONCAT('title ', seq), REPEAT('x', 300), seq FROM seq_1_to_{}",
    "postgresql": "INSERT INTO big SELECT i, 'title ' || i, repeat('x', 300), i FROM generate_series(1, {}) i",
}
FILLED = "\n".join(
    [
        adding("big", '"slug", sa.String(40)'),
        'op.execute("UPDATE big SET slug = title")',
        batched("big", 'alter_column("slug", nullable=False, existing_type=sa.String(40))'),
    ]
)
RETYPED = 'alter_column("score", type_=sa.{}, existing_nullable=False)'
STEPS = {
    "a type that needs other rows": (
        batched("big", RETYPED.format("BigInteger")),
        batched("big", RETYPED.format("Integer")),
    ),
    "a column that is filled": (FILLED, 'op.drop_column("big", "slug")'),
    "an index": ('op.create_index("by_body", "big", ["title", "score"])', 'op.drop_index("by_body", "big")'),
    "a column that was never null": (
        'op.drop_column("big", "score")',
        adding("big", '"score", sa.Integer, nullable=False'),
    ),
}


@pytest.fixture
def server(engine_name: str) -> Iterator[PrivateServer]:
    with private_server(engine_name) as made:
        yield made


@pytest.fixture
def moved(make_app: MakeApp, server: PrivateServer, engine_name: str, step: str) -> MovedBlog:
    """Return a blog with a large table, below a revision with a long step."""
    made = MovedBlog(History(make_app(server.empty_database("blog"))))
    made.blog.revision(BIG, "pass")
    made.blog.revision(*STEPS[step])
    flask_rewind.upgrade(revision="1")
    made.blog.run(FILL[engine_name].format(ROWS))
    return made


@pytest.mark.parametrize("step", STEPS)
def test_the_next_command_ends_the_move(
    moved: MovedBlog, server: PrivateServer, engine_name: str, step: str, tmp_path: Path, count_fault: CountFault
) -> None:
    # From the second time on, each end of the trip stays the same.
    *_, way_up, way_down = [timed(moved, command) for command in (up, down, up, down)]
    chance = random.Random(f"{SEED} {engine_name} {step}")
    for number in range(MOMENTS):
        leg, seconds = way_down if number % 2 else way_up
        leg = replace(leg, crossings_before=moved.crossings_done())
        moment = chance.random() * seconds
        with named(f"{leg.name}, killed after {moment:.3f} of {seconds:.3f} seconds"):
            kill_while_it_moves(moved, server, leg, moment, tmp_path / "error")
            leg.command()
            moved.assert_arrived(leg)
        count_fault(f"kills of the server on {engine_name}")


def timed(moved: MovedBlog, command: Command) -> tuple[Leg, float]:
    """Go one leg, and return it with the seconds that it took."""
    before, done, began = whole_database(moved.blog.engine), moved.crossings_done(), time.monotonic()
    command()
    seconds = time.monotonic() - began
    leg = Leg(command.__name__, command, command, before, whole_database(moved.blog.engine), [], done)
    return leg, seconds


def kill_while_it_moves(moved: MovedBlog, server: PrivateServer, leg: Leg, moment: float, note: Path) -> None:
    """Kill the server some time after a move has begun in another process, and start it again."""
    note.unlink(missing_ok=True)
    mover = forked(moved.blog.engine, lambda: noting(leg.command, note), lambda point: None)
    time.sleep(moment)
    server.kill()
    code = os.waitstatus_to_exitcode(os.waitpid(mover, 0)[1])
    server.start()
    assert code == 0 or note.read_text()  # an error for users, no other one
