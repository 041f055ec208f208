"""The report of an import as text for a terminal. Pure functions."""

from collections.abc import Iterator

from qingbo.imports.report import Outcome, Remark, Report, Topic

_LABELS = {
    Topic.DRAFT: "draft",
    Topic.SCHEDULED: "scheduled",
    Topic.SKIPPED: "skipped",
    Topic.MISSING: "missing",
    Topic.CHECK: "please check",
    Topic.LEFT_OUT: "left out",
}
"""The words before the remarks, in the order of printing."""
_SUMS = (
    (Topic.DRAFT, "became a draft", "became drafts"),
    (Topic.SCHEDULED, "is scheduled", "are scheduled"),
    (Topic.MISSING, "picture or file is missing", "pictures or files are missing"),
    (Topic.CHECK, "thing to check", "things to check"),
)


def lines(report: Report) -> Iterator[str]:
    """Yield a line for each remark."""
    for topic, label in _LABELS.items():
        for remark in report.about(topic):
            yield _printable(f"{label}: {sentence_of(remark)}")


def summary(report: Report) -> Iterator[str]:
    """Yield the counts, a line for each kind of item, and a line about what needs attention."""
    if report.is_dry:
        yield "This was a dry run: nothing was changed."
    is_empty = True
    for item, outcomes in report.counts.items():
        if outcomes.total():
            is_empty = False
            parts = [f"{outcomes[outcome]} {outcome}" for outcome in Outcome if outcomes[outcome]]
            yield f"{item.capitalize()}: {', '.join(parts)}."
    if is_empty:
        yield "There was nothing to import."
    sums = [f"{len(found)} {one if len(found) == 1 else many}." for found, one, many in _found(report)]
    if sums:
        yield " ".join(sums)


def _found(report: Report) -> Iterator[tuple[list[Remark], str, str]]:
    for topic, one, many in _SUMS:
        if found := report.about(topic):
            yield found, one, many


def sentence_of(remark: Remark) -> str:
    """Return a remark with its place and what to do."""
    place = f"{remark.source}, line {remark.line}" if remark.line else remark.source
    return "; ".join(filter(None, [f"{place}: {remark.text}", remark.hint]))


def _printable(text: str) -> str:
    """Return a line with control characters escaped, so that it cannot move the cursor of a terminal."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
