"""Reading the report of an import in tests."""

from qingbo.imports import report_text
from qingbo.imports.report import Item, Report, Topic


def counted(report: Report, item: Item = Item.POST) -> dict[str, int]:
    """Return the counts of an item by outcome, without zeros."""
    return {outcome.value: number for outcome, number in report.counts[item].items() if number}


def printed(report: Report, topic: Topic) -> list[str]:
    """Return the printed lines about a topic, without its label."""
    alone = Report(remarks=report.about(topic))
    return [line.partition(": ")[2] for line in report_text.lines(alone)]
