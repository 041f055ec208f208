"""The report of an import, as sentences and as JSON."""

import json

from qingbo.imports import report_text
from qingbo.imports.report import Item, Outcome, Report, Topic


def test_a_report_lists_what_to_look_at_and_counts() -> None:
    report = Report()
    report.count(Item.POST, Outcome.UNCHANGED)
    report.count(Item.POST, Outcome.NEW, 3)
    report.count(Item.TAG, Outcome.NEW)
    report.leave_out(Item.POST, "d.md", "has a date that cannot be read: 'x'", 3, "write it as 2024-02-07")
    report.note(Topic.CHECK, "b.md", "one", 7)
    report.note(Topic.CHECK, "c.md", "two")
    report.note(Topic.DRAFT, "a.md", "draft: true")
    assert list(report_text.lines(report)) == [
        "draft: a.md: draft: true",
        "please check: b.md, line 7: one",
        "please check: c.md: two",
        "left out: d.md, line 3: has a date that cannot be read: 'x'; write it as 2024-02-07",
    ]
    assert list(report_text.summary(report)) == [
        "Posts: 3 new, 1 unchanged, 1 left out.",
        "Tags: 1 new.",
        "1 became a draft. 2 things to check.",
    ]
    assert not report.is_complete


def test_a_report_of_nothing_says_so() -> None:
    report = Report(is_dry=True)
    assert list(report_text.summary(report)) == [
        "This was a dry run: nothing was changed.",
        "There was nothing to import.",
    ]
    assert report.is_complete


def test_a_report_as_json_has_every_count_and_remark() -> None:
    report = Report(is_dry=True)
    report.count(Item.PICTURE, Outcome.NEW, 2)
    report.leave_out(Item.PAGE, "a.md", "is “bad”", 4, "mend it")
    assert json.loads(json.dumps(report.as_dict())) == {
        "dry_run": True,
        "counts": {"pages": {"left out": 1}, "pictures": {"new": 2}},
        "remarks": [{"topic": "left out", "source": "a.md", "text": "is “bad”", "line": 4, "hint": "mend it"}],
    }


def test_a_name_cannot_steer_the_terminal_or_break_the_report() -> None:
    report = Report()
    report.leave_out(Item.POST, "a\x1b[2J\n\udcff.md", "is \u202e not UTF-8")
    assert list(report_text.lines(report)) == ["left out: a\\x1b[2J\\n\\udcff.md: is \\u202e not UTF-8"]
