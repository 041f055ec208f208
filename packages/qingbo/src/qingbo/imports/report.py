"""The result of an import, as sentences."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from qingbo.imports.decision import Decision


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that was left out."""

    path: Path
    reason: str
    line: int | None = None
    hint: str = ""
    """What to do."""

    def __str__(self) -> str:
        place = f"{self.path}, line {self.line}" if self.line else str(self.path)
        return "; ".join(filter(None, [f"{place}: {self.reason}", self.hint]))


@dataclass(frozen=True, slots=True)
class Remark:
    """A note about a file that was imported."""

    path: Path
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


@dataclass(slots=True)
class Report:
    """The result of an import: counts by outcome (new, updated, unchanged, deleted here), and files left out."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    drafts: list[Remark] = field(default_factory=list)
    """Files that became drafts in this import, and why."""
    scheduled: list[Remark] = field(default_factory=list)
    missing: list[Remark] = field(default_factory=list)
    """Files of which some pictures could not be imported, and which."""
    doubts: list[Remark] = field(default_factory=list)

    def add(self, path: Path, outcome: str, decision: Decision) -> None:
        """Record the outcome for a file that was imported."""
        self.counts[outcome] += 1
        if decision.reasons:
            self.drafts.append(Remark(path, "; ".join(decision.reasons)))
        if decision.scheduled_for:
            self.scheduled.append(Remark(path, f"becomes public on {decision.scheduled_for}"))
        if decision.missing:
            self.missing.append(Remark(path, "; ".join(decision.missing)))
        if decision.doubts:
            self.doubts.append(Remark(path, "; ".join(decision.doubts)))

    def lines(self) -> Iterator[str]:
        """Yield a line for each file that needs attention."""
        for word, remarks in (
            ("draft", self.drafts),
            ("scheduled", self.scheduled),
            ("picture missing", self.missing),
            ("please check", self.doubts),
        ):
            for remark in remarks:
                yield _printable(f"{word}: {remark}")
        for problem in self.problems:
            yield _printable(f"left out: {problem}")

    def summary(self) -> str:
        """Return the counts as sentences."""
        parts = [f"{count} {outcome}" for outcome, count in self.counts.items()]
        if self.problems:
            parts.append(f"{len(self.problems)} left out")
        sentences = [f"{', '.join(parts)}."]
        for remarks, words in (
            (self.drafts, "became a draft, became drafts"),
            (self.scheduled, "is scheduled, are scheduled"),
            (self.missing, "lacks a picture, lack pictures"),
            (self.doubts, "thing to check, things to check"),
        ):
            if remarks:
                one, many = words.split(", ")
                sentences.append(f"{len(remarks)} {one if len(remarks) == 1 else many}.")
        return " ".join(sentences)


def _printable(text: str) -> str:
    """Return a line with control characters escaped, so that it cannot move the cursor of a terminal."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
