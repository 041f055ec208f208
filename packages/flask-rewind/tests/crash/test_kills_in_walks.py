"""Random walks over random histories, killed at random points, as is what ends them: nothing is lost."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import flask_rewind
import pytest
import sqlalchemy as sa
from broken_moves import KILLED, Command, death_at, in_child
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from random_histories import World, fills_for
from random_walks import begun, followed, in_database, law, schema_of
from schema_texts import schema_texts

pytestmark = [pytest.mark.slow, pytest.mark.histories]

CountFault = Callable[[str], None]
Directory = tuple[Flask, Path]
USUAL_POINTS = 40
"""About as many fault points as a crossing of these histories has."""


@given(seed=st.integers(0, 2**32 - 1))
@law
def test_the_next_command_ends_each_killed_move(directory: Directory, seed: int, count_fault: CountFault) -> None:
    chance = random.Random(seed)
    engine, revisions = begun(directory, chance, chance.randint(2, 8))
    world, at = World(), 0
    schemas, texts = {0: schema_of(engine)}, {0: schema_texts(engine)}
    for number in range(chance.randint(2, 6)):
        target = chance.randint(0 if number else 1, len(revisions))  # the first target must not be base
        fill = fills_for(world, revisions)
        move = partial(flask_rewind.checkout, revision=f"r{target}" if target else "base", fill=fill)
        while at != target:
            for _ in range(chance.randint(1, 3)):
                if is_killed(engine, move, chance):
                    count_fault("kills in random walks")
            move()
            at = followed(engine, world, revisions, at, target)
        schema, text = schema_of(engine), schema_texts(engine)
        assert schema == schemas.setdefault(at, schema), f"at r{at}"
        assert text == texts.setdefault(at, text), f"at r{at}"
        (status,) = flask_rewind.status()
        assert status.unfinished is None
        world.write(engine, chance)
    assert in_database(engine) == world.visible()


def is_killed(engine: sa.Engine, move: Command, chance: random.Random) -> bool:
    """Run a move in a process that is killed at one of its fault points, and return whether it came so far."""
    number = int(chance.expovariate(1 / USUAL_POINTS))
    commits_first = chance.random() < 0.3 and engine.dialect.name == "mysql"
    ended = in_child(engine, move, death_at(number, commits_first=commits_first))
    assert ended in {0, KILLED}
    return ended == KILLED
