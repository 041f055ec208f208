"""The sentences about an import."""

from pathlib import Path

from qingbo.imports.report import Problem, Remark, Report


def test_a_report_lists_files_to_look_at_and_counts() -> None:
    report = Report()
    report.counts.update({"new": 3, "unchanged": 1})
    report.drafts.append(Remark(Path("a.md"), "draft: true"))
    report.doubts += [Remark(Path("b.md"), "one"), Remark(Path("c.md"), "two")]
    report.problems.append(Problem(Path("d.md"), "has a date that cannot be read: 'x'", 3, "write it as 2024-02-07"))
    assert list(report.lines()) == [
        "draft: a.md: draft: true",
        "please check: b.md: one",
        "please check: c.md: two",
        "left out: d.md, line 3: has a date that cannot be read: 'x'; write it as 2024-02-07",
    ]
    assert report.summary() == "3 new, 1 unchanged, 1 left out. 1 became a draft. 2 things to check."


def test_a_name_cannot_steer_the_terminal_or_break_the_report() -> None:
    report = Report(problems=[Problem(Path("a\x1b[2J\n\udcff.md"), "is \u202e not UTF-8")])
    assert list(report.lines()) == ["left out: a\\x1b[2J\\n\\udcff.md: is \\u202e not UTF-8"]
