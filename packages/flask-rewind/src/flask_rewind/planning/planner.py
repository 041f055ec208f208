"""Collect the steps of a plan while its move is made on stand-ins."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from flask_rewind.engines.lock_probe import StepProbe
from flask_rewind.engines.registry import probe_of
from flask_rewind.results import PlannedCrossing

LATER = "not planned yet: the plan ended before it"


@dataclass
class _Tried:
    bind: str
    revision: str
    direction: str
    message: str
    probe: StepProbe
    is_through: bool = False


@dataclass
class Planner:
    """The plan of one move, as far as it has been tried."""

    _tried: list[_Tried] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """What the app must avoid after the move."""

    def try_crossing(self, connection: Connection, bind: str, revision: str, direction: str, message: str) -> StepProbe:
        """Record that a crossing is being tried, and return the probe for its statements."""
        probe = probe_of(connection)
        self._tried.append(_Tried(bind, revision, direction, message, probe))
        return probe

    def end_crossing(self, warnings: Sequence[str]) -> None:
        """Record that the crossing being tried has ended, with its warnings."""
        tried = self._tried[-1]
        tried.is_through = True
        self.warnings += [f"{tried.bind}: {each}" if tried.bind else each for each in warnings]

    def crossings(self, opaque: str) -> tuple[PlannedCrossing, ...]:
        """Return the crossings that were tried; `opaque` says why the last one did not end."""
        return tuple(
            PlannedCrossing(
                each.bind,
                each.revision,
                each.direction,
                each.message,
                tuple(each.probe.planned),
                "" if each.is_through else opaque,
            )
            for each in self._tried
        )

    def is_tried(self, bind: str, revision: str) -> bool:
        """Return whether a crossing of this revision was tried on a database."""
        return any((each.bind, each.revision) == (bind, revision) for each in self._tried)
