"""L1, L2 and L3: random moves over random histories, with writes in between, compared with a model of the database."""

import random
import shutil
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.results import Plan
from hypothesis import given
from hypothesis import strategies as st
from random_histories import Revisions, World, fills_for, generate_history
from random_walks import begun, emptied, followed, in_database, law, schema_of
from schema_texts import schema_texts

pytestmark = [pytest.mark.slow, pytest.mark.histories]


def crossed(engine: sa.Engine, world: World, revisions: Revisions, at: int, *, up: bool, **options: Any) -> int:
    """Cross one revision in the database and in the model, compare them, and return the new position."""
    if up:
        flask_rewind.upgrade(revision="+1", **options)
    else:
        flask_rewind.downgrade(**options)
    return followed(engine, world, revisions, at, at + 1 if up else at - 1)


@given(seed=st.integers(0, 2**32 - 1))
@law
def test_a_walk_loses_nothing(directory: tuple[Flask, Path], seed: int) -> None:
    chance = random.Random(seed)
    engine, revisions = begun(directory, chance, chance.randint(2, 12))
    walk(engine, revisions, chance)


@given(seed=st.integers(0, 2**32 - 1))
@law
def test_a_walk_over_branches_and_their_merge_loses_nothing(directory: tuple[Flask, Path], seed: int) -> None:
    """The branches are undone last in, first out: the second one builds on the first one's result."""
    chance = random.Random(seed)
    fork = begin, first, second = (chance.randint(1, 2), chance.randint(3, 4), chance.randint(5, 6))
    engine, revisions = begun(directory, chance, second + 2, fork)
    world, at = World(), 0
    schemas, texts = {0: schema_of(engine)}, {0: schema_texts(engine)}
    for _ in range(chance.randint(2, 6)):
        target = chance.choice([0, begin, first, first + 1, second, second + 1, second + 2])
        fill = fills_for(world, revisions)
        while at != target:
            if target > at:
                flask_rewind.upgrade(revision=f"r{at + 1}", fill=fill)
            else:
                below = f"r{at}@-1" if at == first + 1 else f"r{at - 1}" if at > 1 else "base"
                flask_rewind.downgrade(revision=below, fill=fill)
            at = followed(engine, world, revisions, at, at + 1 if target > at else at - 1)
            schema = schema_of(engine)
            assert schema == schemas.setdefault(at, schema), f"at r{at}"
        text = schema_texts(engine)
        assert text == texts.setdefault(at, text), f"at r{at}"
        world.write(engine, chance)
    assert in_database(engine) == world.visible()


@given(seed=st.integers(0, 2**32 - 1))
@law
def test_a_walk_over_generated_revisions_loses_nothing(directory: tuple[Flask, Path], seed: int) -> None:
    app, folder = directory
    engine: sa.Engine = app.extensions["db"].engine
    chance = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    emptied(engine)
    flask_rewind.init()

    def migrate(revision: str) -> None:
        written = flask_rewind.migrate(rev_id=revision, message="generated")
        assert written, f"{revision} changes nothing"
        flask_rewind.upgrade()

    models = app.extensions["db"].metadata
    revisions = generate_history(chance, engine, models, chance.randint(2, 7), migrate)
    flask_rewind.downgrade(revision="base")
    walk(engine, revisions, chance)


def walk(engine: sa.Engine, revisions: Revisions, chance: random.Random) -> None:
    """Go from base to random revisions, one by one or at once, write in between, and compare with the model."""
    world, at = World(), 0
    schemas, texts = {0: schema_of(engine)}, {0: schema_texts(engine)}
    for number in range(chance.randint(2, 8)):
        target = chance.randint(0 if number else 1, len(revisions))  # the first target must not be base
        fill = fills_for(world, revisions)
        name = f"r{target}" if target else "base"
        is_planned, is_at_once = chance.random() < 0.3, chance.random() < 0.4
        plan = flask_rewind.plan(revision=name, fill=fill) if is_planned and target != at else None
        while at != target:
            if is_at_once:
                flask_rewind.checkout(revision=name, fill=fill)
                at = followed(engine, world, revisions, at, target)
            else:
                at = crossed(engine, world, revisions, at, up=target > at, fill=fill)
            plan = assert_planned(plan, revisions) if plan else None
            schema = schema_of(engine)
            assert schema == schemas.setdefault(at, schema), f"at r{at}"
        text = schema_texts(engine)
        assert text == texts.setdefault(at, text), f"at r{at}"
        world.write(engine, chance)
    assert in_database(engine) == world.visible()


def assert_planned(plan: Plan, revisions: Revisions) -> Plan | None:
    """Check that the last move ran as planned; return the plan, or None if it ended there as opaque."""
    for ran in flask_rewind.log(limit=1)[0].crossings:
        (crossing,) = (each for each in plan.crossings if each.revision == ran.revision)
        if any(step.reaches_live for step in revisions[int(ran.revision[1:]) - 1]):
            assert "names the database" in crossing.opaque
            return None
        assert crossing.opaque == ""
        assert [(step.statement, step.purpose) for step in crossing.steps] == [
            (step.statement, step.purpose) for step in ran.steps
        ]
    return plan


WRONG = [
    "pass",
    "op.create_table('stray', sa.Column('id', sa.Integer()))",
    "{right}\n    op.create_table('stray', sa.Column('id', sa.Integer()))",
    "{right}\n    op.add_column({table!r}, sa.Column('stray', sa.Integer()))",
    "{right}\n    op.drop_table({table!r})",
]


@given(seed=st.integers(0, 2**32 - 1))
@law
def test_a_wrong_downgrade_is_refused_and_the_journal_goes_back(directory: tuple[Flask, Path], seed: int) -> None:
    chance = random.Random(seed)
    engine, revisions = begun(directory, chance, chance.randint(2, 12))
    world, at = World(), 0
    below = chance.randint(1, len(revisions))
    schemas = []
    for _ in range(below):
        schemas.append(schema_of(engine))
        at = crossed(engine, world, revisions, at, up=True)
        world.write(engine, chance)
    before = schema_of(engine)
    wrong = chance.choice(WRONG if world.tables else WRONG[:2])
    script = directory[1] / "versions" / f"{below}.py"
    there = sorted(set(world.tables) & {name for kind, name, _ in schemas[-1] if kind == "table"})
    if "{table" in wrong and not there:
        wrong = "pass"
    if wrong == "pass" and schemas[-1] == before:  # its steps cancel each other out
        wrong = WRONG[1]
    text, _, right = script.read_text().partition("def downgrade():\n")
    body = wrong.format(right=right.strip(), table=there[0] if there else "")
    script.write_text(f"{text}def downgrade():\n    {body}\n")
    fill = fills_for(world, revisions)
    with pytest.raises(flask_rewind.Refused, match="does not bring back the schema"):
        flask_rewind.downgrade(fill=fill)
    assert in_database(engine) == world.visible()
    assert schema_of(engine) == before
    at = crossed(engine, world, revisions, at, up=False, from_journal=True, fill=fill)
    assert schema_of(engine) == schemas[at]
    world.write(engine, chance)
    at = crossed(engine, world, revisions, at, up=True)
    assert schema_of(engine) == before
