"""The report of the last import, which the studio shows. Flushes; the caller commits."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qingbo.clock import now
from qingbo.imports.report import Remark, Report, Topic
from qingbo.site_settings import LAST_IMPORT, SiteSetting

MOST_REMARKS = 1000


@dataclass(frozen=True, slots=True)
class LastReport:
    """The report of the last import."""

    at: datetime
    source: str
    """What was imported: a folder, a file or an address of a database without its password."""
    counts: dict[str, dict[str, int]]
    """By item and outcome."""
    remarks: list[Remark]
    """At most `MOST_REMARKS`."""
    left_off: int
    """How many more remarks there were."""


def keep_report(session: Session, report: Report, source: str) -> None:
    """Store the report of an import in place of the one before; that of a dry run is not stored."""
    if report.is_dry:
        return
    values = report.as_dict()
    kept = {
        "at": now().isoformat(),
        "source": source[:1000].encode(errors="replace").decode(),
        "counts": values["counts"],
        "remarks": values["remarks"][:MOST_REMARKS],
        "left_off": max(0, len(values["remarks"]) - MOST_REMARKS),
    }
    session.execute(delete(SiteSetting).where(SiteSetting.name == LAST_IMPORT))
    session.add(SiteSetting(name=LAST_IMPORT, value=json.dumps(kept)))
    session.flush()


def last_report(session: Session) -> LastReport | None:
    """Return the report of the last import, or None if there was none."""
    value = session.scalar(select(SiteSetting.value).where(SiteSetting.name == LAST_IMPORT))
    if value is None:
        return None
    kept = json.loads(value)
    remarks = [Remark(**{**each, "topic": Topic(each["topic"])}) for each in kept["remarks"]]
    return LastReport(**{**kept, "at": datetime.fromisoformat(kept["at"]), "remarks": remarks})
