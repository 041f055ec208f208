"""The margin of a long text: its table of contents and its footnotes."""

import pytest
from qingbo.rendering.margins import contents_list, headings_of, with_sidenotes
from qingbo.rendering.markdown import render_post

LONG = "字" * 1500


def contents(*headings: str) -> str:
    found = headings_of(render_post("\n\n".join((*headings, LONG))))
    return contents_list(found) if found else ""


def test_a_long_text_with_three_headings_has_contents() -> None:
    assert contents("## 一 *b* & [c](/d)", "### 二", "## <三>") == (
        '<ul><li><a href="#user-content-一-b--c">一 b &amp; c</a>'
        '<ul><li><a href="#user-content-二">二</a></li></ul></li>'
        '<li><a href="#user-content-三">&lt;三&gt;</a></li></ul>'
    )


@pytest.mark.parametrize(
    ("headings", "shown"),
    [
        (["## a", "### b", "### c", "## d"], 4),
        (["### a", "## b", "## c"], 3),
        (["### a", "### b", "## c", "### d"], 4),
        (["# a", "### b", "### c", "## d"], 2),
    ],
)
def test_contents_are_two_levels_of_lists_that_close(headings: list[str], shown: int) -> None:
    made = contents(*headings)
    assert made.count("<li>") == made.count("</li>") == shown
    assert made.count("<ul>") == made.count("</ul>")
    assert "</ul></ul>" not in made


def test_short_texts_and_those_with_contents_of_their_own_have_none() -> None:
    three = "## a\n\n## b\n\n## c\n\n"
    assert headings_of(render_post(three)) == []
    assert headings_of(render_post("## a\n\n## b\n\n" + LONG)) == []
    assert headings_of(render_post(f"[TOC]\n\n{three}{LONG}")) == []
    assert len(headings_of(render_post(three + "> ## quoted\n\n" + LONG))) == 3


def test_a_footnote_stands_in_the_line_that_refers_to_it_too() -> None:
    html = with_sidenotes(render_post("One[^a] and again[^a], two.[^b]\n\n[^a]: *First*.\n[^b]: Second."))
    assert html.count('class="sidenote"') == 2
    assert '</sup><span class="sidenote"><sup>1</sup> <em>First</em>.</span> and again<sup' in html
    assert html.count('class="footnote-item"') == 2
    assert html.count("id=") == len({*html.split("id=")}) - 1


@pytest.mark.parametrize("note", ["One.\n\n    Two.", "* a list", "> a quotation"])
def test_footnotes_that_fit_no_line_stay_where_they_are(note: str) -> None:
    html = render_post(f"One[^a].\n\n[^a]: {note}")
    assert with_sidenotes(html) == html


def test_a_text_without_footnotes_stays_as_it_is() -> None:
    html = render_post("No notes.")
    assert with_sidenotes(html) == html
