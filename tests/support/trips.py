"""A trip of a database over one kind of operation: up, down, and up again, with what each leg makes of it.

A leg ends in the same state whether it was broken off before or not; that is what the proofs compare.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import flask_rewind
import sqlalchemy as sa
from broken_moves import Command, Kill, dealt, kills_of
from database_snapshots import Snapshots
from database_states import state_of
from flask_rewind.journal import crossings
from histories import History
from operation_kinds import ROWS, SCHEMA, Kind
from whole_database import WholeDatabase, differences, whole_database

DATA_STATEMENTS = ("UPDATE ", "INSERT ", "DELETE ", "bulk_insert", ".update()")
LEGS = ("up", "down", "up again")


def up() -> None:
    """Go up to the kind's revision."""
    flask_rewind.upgrade()


def down() -> None:
    """Go down below it."""
    flask_rewind.downgrade(revision="1")


@dataclass(frozen=True)
class Leg:
    """One move of a trip."""

    name: str
    command: Command
    opposite: Command
    before: WholeDatabase
    after: WholeDatabase
    kills: list[Kill]
    crossings_before: int
    """How many crossings the journal has that are done."""


class MovedBlog:
    """A database that is moved, and what must be so of it afterwards."""

    def __init__(self, blog: History) -> None:
        self.blog = blog
        self.engine_name = "mariadb" if blog.engine.dialect.name == "mysql" else blog.engine.dialect.name

    def crossings_done(self) -> int:
        """Return how many crossings the journal has that are done."""
        query = sa.select(sa.func.count()).select_from(crossings).where(crossings.c.state == "done")
        with self.blog.engine.connect() as connection:
            return int(connection.scalar(query) or 0)

    def assert_calm(self) -> None:
        """Assert that nothing is left to be done."""
        (status,) = flask_rewind.status()
        assert status.unfinished is None
        states = [crossing.state for move in flask_rewind.log() for crossing in move.crossings]
        assert "begun" not in states

    def assert_is(self, wanted: WholeDatabase) -> None:
        """Assert that everything in the database is as wanted."""
        assert differences(whole_database(self.blog.engine), wanted) == []

    def assert_arrived(self, leg: Leg) -> None:
        """Assert that the database is as if the leg had not been broken off."""
        self.assert_is(leg.after)
        assert self.crossings_done() == leg.crossings_before + 1
        self.assert_calm()

    def assert_said_truly(self, leg: Leg, said: str) -> None:
        """Assert that what an error says of the database is so."""
        (status,) = flask_rewind.status()
        if "Nothing of this revision was kept" in said:
            assert status.unfinished is None
            self.assert_is(leg.before)
        elif "so it is complete" in said:
            assert (status.current, status.unfinished) == (leg.after.at, None)
        elif "is still to be taken back" in said or "had been committed" in said:
            assert status.unfinished is not None
        else:
            assert status.unfinished is None
            assert status.current in {leg.before.at, leg.after.at}

    def assert_back(self, leg: Leg, gone_and_back: WholeDatabase) -> None:
        """Assert that the leg was taken back, or was finished and then gone back."""
        done = self.crossings_done() - leg.crossings_before
        self.assert_is(gone_and_back if done else leg.before)
        assert done in {0, 2}
        self.assert_calm()


class Trip(MovedBlog):
    """A database on its way. The test that it is for has a `name`, and a `folder` to write into."""

    def __init__(self, blog: History, snapshots: Snapshots, kind: Kind, folder: Path, name: str) -> None:
        super().__init__(blog)
        self.changes_rows = any(word in line for line in (*kind.up, *kind.down) for word in DATA_STATEMENTS)
        """Whether the scripts have data statements, whose effect on earlier rows stays on MariaDB."""
        self._snapshots = snapshots
        self._kind = kind
        self.folder = folder
        self.name = name
        self._seen: set[tuple[str, str]] = set()
        blog.revision(SCHEMA, "pass")
        blog.revision(*kind.scripts())
        flask_rewind.upgrade(revision="1")
        for row in ROWS:
            blog.run(row)

    def legs(self) -> "list[Leg]":
        """Go each leg once, unbroken."""
        found = []
        for name in LEGS:
            command, opposite = (down, up) if name == "down" else (up, down)
            if name == "down":
                for row in self._kind.new_rows:
                    self.blog.run(row)
            before, done = whole_database(self.blog.engine), self.crossings_done()
            self._snapshots.save(_saved(name))
            kills = kills_of(self.blog, command, self.folder / "fault-points")
            after = whole_database(self.blog.engine)
            found.append(Leg(name, command, opposite, before, after, kills, done))
        return found

    def broken_off(self, few: int, *, of_script: bool = False) -> Iterator[tuple[Leg, Kill]]:
        """Yield each leg with where to break it off; the database is as the leg found it.

        Args:
            few: how many places of a leg CI tries; `make prove` tries all.
            of_script: whether only places before statements that change the schema count.
        """
        for leg in self.legs():
            kills = [kill for kill in leg.kills if kill.is_of_script or not of_script]
            for kill in dealt(kills, few, self.name, leg.name):
                self.back_to_begin(leg)
                yield leg, kill

    def back_to_begin(self, leg: Leg) -> None:
        """Let the database be as the leg found it."""
        self._snapshots.restore(_saved(leg.name))

    def leaves_a_new_state(self, leg: Leg) -> bool:
        """Return whether no earlier break of the leg has left the database as it is now.

        Many breaks leave the same state, because an engine takes back what was not committed. It is tried once.
        """
        state = leg.name, state_of(self.blog.engine)
        is_new = state not in self._seen
        self._seen.add(state)
        return is_new

    def keep(self) -> None:
        """Save the present state for `back_to_kept`."""
        self._snapshots.save("kept")

    def back_to_kept(self) -> None:
        """Let the database be as at the last `keep`."""
        self._snapshots.restore("kept")

    def gone_and_back(self, leg: Leg) -> WholeDatabase:
        """Return what the leg and the way back make of the database."""
        self.back_to_begin(leg)
        leg.command()
        leg.opposite()
        return whole_database(self.blog.engine)


def _saved(leg: str) -> str:
    return f"before_{leg.replace(' ', '_')}"
