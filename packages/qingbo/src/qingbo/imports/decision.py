"""Decides whether and when an imported file becomes public. Pure functions."""

from dataclasses import dataclass, field
from datetime import datetime

from qingbo.imports.doubts import Doubt
from qingbo.imports.markdown_file import MarkdownFile

NO_DATE = "it has no date; see --date-from"


@dataclass(slots=True)
class Decision:
    """The result for one file."""

    published_at: datetime | None
    """None makes it a draft."""
    updated_at: datetime | None = None
    """The post's time of last change; None means now."""
    reasons: list[str] = field(default_factory=list)
    """Why it is a draft."""
    doubts: list[Doubt] = field(default_factory=list)
    missing: list[Doubt] = field(default_factory=list)
    """Pictures that could not be imported, and why."""
    scheduled_for: str = ""
    """When it becomes public, if that is in the future."""


def decide(file: MarkdownFile, place: list[str], otherwise: datetime | None, moment: datetime) -> Decision:
    """Decide about a file.

    Args:
        file: its content.
        place: reasons to withhold every file in its folder.
        otherwise: the date to use if the file has none; None makes it a draft then.
        moment: now, in the time zone for dates in messages.
    """
    reasons, doubts = [*place, *file.withheld], list(file.doubts)
    if file.expires_at is not None:
        if file.expires_at <= moment:
            reasons.append(f"it expired on {_day(file.expires_at, moment)}")
        else:
            expires = f"it expires on {_day(file.expires_at, moment)}"
            doubts.append(Doubt(expires, hint="unpublish it then; Qingbo does not do that by itself"))
    published_at = max((each for each in (file.date, file.publish_at) if each), default=otherwise)
    if published_at is None and not reasons:
        reasons.append(NO_DATE)
    decision = Decision(None if reasons else published_at, None, reasons, doubts)
    if decision.published_at is not None and decision.published_at > moment:
        decision.scheduled_for = f"{decision.published_at.astimezone(moment.tzinfo):%Y-%m-%d %H:%M}"
    if file.updated_at is not None:
        decision.updated_at = _time_of_change(file.updated_at, decision, moment)
    return decision


def _time_of_change(updated_at: datetime, decision: Decision, moment: datetime) -> datetime | None:
    if updated_at > moment:
        day = _day(updated_at, moment)
        decision.doubts.append(Doubt(f"its date of change, {day}, is in the future and was ignored"))
        return None
    return max(updated_at, decision.published_at or updated_at)


def _day(time: datetime, moment: datetime) -> str:
    return f"{time.astimezone(moment.tzinfo):%Y-%m-%d}"
