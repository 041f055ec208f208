"""A pytest plugin: how many faults of each kind the tests have made, in the summary."""

from collections import Counter
from collections.abc import Callable

import pytest

_PROPERTY = "faults"


@pytest.fixture
def count_fault(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return a function that counts a fault of a kind, once the test has seen the database recover from it."""

    def count(kind: str) -> None:
        request.node.user_properties.append((_PROPERTY, kind))

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    counts = Counter(
        kind
        for report in reports
        if report.when == "call"
        for name, kind in report.user_properties
        if name == _PROPERTY
    )
    if counts:
        terminalreporter.section("faults that a database has recovered from", sep="-")
        for kind, number in sorted(counts.items()):
            terminalreporter.write_line(f"{number:>6}  {kind}")
