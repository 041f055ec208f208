"""Each example of docs/reference/markdown.md is rendered as documented."""

import re
from pathlib import Path

import pytest
from qingbo.rendering.code_blocks import read_info
from qingbo.rendering.excerpts import excerpt_of_post
from qingbo.rendering.markdown import render_comment, render_post, rendered_post

PAGE = (Path(__file__).parents[4] / "docs/reference/markdown.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```markdown\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
SHOWN = [
    *("<em>", "<strong>", "<s>", "<mark>", "<code>", "<img", 'class="footnote-ref"'),
    *('<h1 id="user-content-heading">', "<blockquote>", "<ul", 'type="checkbox"', '<td align="right">', "<dt>", "<dd>"),
    *('<div class="contents">', 'class="anchor"', '<div class="alert alert-warning">', '<p class="card-link">'),
    *("<math>", '<math display="block">', "<figcaption>app.py</figcaption>", '<mark><span class="nb">print</span>'),
]


def test_the_page_has_an_example_of_everything() -> None:
    html = "".join(map(render_post, EXAMPLES))
    assert [each for each in SHOWN if each not in html] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_no_example_is_cut_or_refused(example: str) -> None:
    rendered = rendered_post(example.replace("◦", ""))
    assert not rendered.is_cut
    assert not rendered.removals
    assert "formula-error" not in rendered.html


def test_comments_have_what_the_page_marks() -> None:
    for tag in ("<em>", "<strong>", "<s>", "<mark>", "<code>", "<a ", "<blockquote>", "<ul>", "<math>", "<pre "):
        assert tag in "".join(map(render_comment, EXAMPLES)), tag


def test_every_spelling_of_lines_and_names_is_read() -> None:
    (lines, names) = re.findall(r"^\| (?:highlighted lines ◦|file name) \| (.*) \|$", PAGE, re.MULTILINE)
    for spelling in re.findall("`([^`]+)`", lines):
        assert read_info(f"python {spelling}").ranges == ((2, 2), (4, 5)), spelling
    for spelling in re.findall("`([^`]+)`", names):
        info = spelling if spelling.startswith("python") else f"python {spelling}"
        assert (read_info(info).language, read_info(info).title) == ("python", "app.py"), spelling


def test_the_example_of_an_excerpt_chooses_one() -> None:
    (example,) = (each for each in EXAMPLES if "more" in each)
    assert excerpt_of_post(rendered_post(example)) == "What lists show."
