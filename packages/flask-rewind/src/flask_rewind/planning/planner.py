"""Gathers the steps of a plan while its move is made on stand-ins."""

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
    """The plan of one move, as far as it is known."""

    _tried: list[_Tried] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """What the app should mind when the move is made."""

    def try_crossing(self, connection: Connection, bind: str, revision: str, direction: str, message: str) -> StepProbe:
        """Note that a crossing is tried, and return what looks at its statements."""
        probe = probe_of(connection)
        self._tried.append(_Tried(bind, revision, direction, message, probe))
        return probe

    def end_crossing(self, warnings: Sequence[str]) -> None:
        """Note that the crossing that is being tried came to its end, and what the app should mind then."""
        tried = self._tried[-1]
        tried.is_through = True
        self.warnings += [f"{tried.bind}: {each}" if tried.bind else each for each in warnings]

    def crossings(self, opaque: str) -> tuple[PlannedCrossing, ...]:
        """Return what was tried; `opaque` says why the last of them did not come to its end."""
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
        """Return whether a crossing was begun."""
        return any((each.bind, each.revision) == (bind, revision) for each in self._tried)
