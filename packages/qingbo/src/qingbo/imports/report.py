"""The result of an import, as values: counts and remarks. `report_text` makes sentences of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from qingbo.imports.doubts import Doubt


class Item(StrEnum):
    """What an import brings."""

    POST = "posts"
    PAGE = "pages"
    TAG = "tags"
    CATEGORY = "categories"
    SERIES = "series"
    COMMENT = "comments"
    USER = "users"
    PICTURE = "pictures"
    ATTACHMENT = "attachments"
    REDIRECT = "redirects"
    REMINDER = "reminders"
    FILE = "files"


class Outcome(StrEnum):
    """What became of an item."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED_HERE = "deleted here"
    """An earlier import brought it, and somebody has deleted it in the blog."""
    LEFT_OUT = "left out"
    """It should have come, but could not; the exit code is 1 then."""
    SKIPPED = "skipped"
    """It is not meant to be imported, such as a file of another type."""


class Topic(StrEnum):
    """What a remark is about."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    MISSING = "missing"
    """A picture or an attachment that could not be imported."""
    CHECK = "check"
    """It was imported, but somebody should look at the result."""
    SKIPPED = "skipped"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to know about one item."""

    topic: Topic
    source: str
    """The file, or the item in an export file, such as ``blog.xml, post 12``."""
    text: str
    line: int | None = None
    """In the file."""
    hint: str = ""
    """What to do."""


@dataclass(slots=True)
class Report:
    """The result of an import."""

    is_dry: bool = False
    """Whether nothing was kept."""
    counts: dict[Item, Counter[Outcome]] = field(default_factory=lambda: {item: Counter() for item in Item})
    remarks: list[Remark] = field(default_factory=list)

    def count(self, item: Item, outcome: Outcome, number: int = 1) -> None:
        """Add to a count."""
        self.counts[item][outcome] += number

    def note(self, topic: Topic, source: object, text: str, line: int | None = None, hint: str = "") -> None:
        """Add a remark."""
        self.remarks.append(Remark(topic, str(source), text, line, hint))

    def note_all(self, topic: Topic, source: object, doubts: Iterable[Doubt]) -> None:
        """Add a remark for each doubt."""
        for doubt in doubts:
            self.note(topic, source, doubt.text, doubt.line, doubt.hint)

    def leave_out(self, item: Item, source: object, text: str, line: int | None = None, hint: str = "") -> None:
        """Count an item that could not be imported, and say why."""
        self.count(item, Outcome.LEFT_OUT)
        self.note(Topic.LEFT_OUT, source, text, line, hint)

    def about(self, topic: Topic) -> list[Remark]:
        """Return the remarks about a topic, in their order."""
        return [each for each in self.remarks if each.topic is topic]

    @property
    def is_complete(self) -> bool:
        """Whether nothing was left out."""
        return not any(counts[Outcome.LEFT_OUT] for counts in self.counts.values())

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON; items without a count are not in it."""
        counts = {item.value: dict(outcomes) for item, outcomes in self.counts.items() if outcomes.total()}
        return {"dry_run": self.is_dry, "counts": counts, "remarks": [asdict(each) for each in self.remarks]}
