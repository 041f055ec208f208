"""Rendering takes time in proportion to the text, up to a fixed maximum; steps are counted instead of time."""

import pytest
from qingbo.rendering import budget, colouring, markdown, nesting
from qingbo.rendering.markdown import render_comment, render_post, rendered_post
from work_counting import assert_linear, work_of

pytestmark = pytest.mark.slow

UNITS = [
    *(
        "- [x] a\n",
        "- a\n\n",
        "1. a\n",
        "> a\n",
        ">",
        "# a\n",
        "a\n=\n",
        "a\n\n",
        "a\n",
        "|-|-|\n",
        "```\n",
        "    a\n\n",
    ),
    *("[", "![", "^[", "[a](b)", "[a](", "[a](<", '[a](b "', "[^a]", '[a]: b "\n', "[a\n", "[^a]: "),
    *("*", "*a ", "*a*", "**a", "*a**b", "_a_ ", "~~a~~ ", "`", "`a", "&", "&amp;", "\\", "a  \n", "**中。**文"),
    *("https://a.example", "https://a.example ", "http://a/(", "www.a.b ", "a@b.c ", "a@", "<http://", "://"),
    *(
        "<",
        "<a",
        '<a b="',
        "<b>",
        "<div>",
        "<dl><dt>",
        "<table><td>",
        "<p>",
        "<b></b>",
        "<!--",
        "<!-- -->",
        "<?",
        "<![CDATA[",
    ),
    *("<script>\n\n", "<pre>\n\n", "<details>\n\n", "<int>", "<iframe src=//a.example>"),
    *(
        "$x$ ",
        "$",
        "$x ",
        "$$",
        "$$x",
        "$$\n",
        "$$\nx\n$$\n",
        "$$x$$\n",
        "$\\a$ ",
        "$'$",
        "| $x$ |\n|-|\n",
        "```math\n",
    ),
    *("==a==", "==a ", "a==", "==", "= ", "===", "*==a", "[==a==](b)"),
    *("> [!NOTE]\n> a\n\n", "> [!NOTE]\n", "> [!TIP]\n>> ", ">>>> [!TIP]\n>>>> a\n\n"),
    *(
        "a\n: b\n",
        "a\n: b\n\n",
        "a\n\n: b\n\n",
        ": a\n",
        "a\n: - b\n",
        "a\n: b\n: c\n",
        "a\n: b\n  : c\n",
        "- a\n  : b\n",
    ),
    *("[TOC]\n\n", "[TOC]\n\n# a\n", "# $x$ *b*\n", "[[toc]]\n", "https://a.example\n\n", "<https://a.example>\n\n"),
    *("```js {1-9} title=a.b\nx\n```\n", "```{1-9}\n\n", "``` {1-9,"),
    *("<font>", "<b onclick=a>", "[a](javascript:b)", "<form>\n"),
]

NESTED = [("*a ", "a* "), ("[", "](a)"), ("![", "](a)"), ("^[", "]"), ("<b>", "</b>"), ("~~a ", "a~~ "), ("(", ")")]
NESTED += [("==a ", "a== "), ("$x ", "$ "), ("$$", "$$"), ("$\\sqrt{", "}$"), ("> [!TIP]\n> ", ""), ("a\n: ", "b")]


@pytest.mark.parametrize("unit", UNITS)
def test_the_work_grows_with_the_text_and_no_faster(unit: str) -> None:
    for render in (render_post, render_comment):
        assert_linear(render, lambda size: unit * (size // len(unit)))


@pytest.mark.parametrize(("opening", "closing"), NESTED)
def test_the_work_grows_no_faster_where_marks_stand_inside_each_other(opening: str, closing: str) -> None:
    def make(size: int) -> str:
        return opening * (size // 6) + closing * (size // 6)

    for render in (render_post, render_comment):
        assert_linear(render, make)


@pytest.mark.parametrize("unit", ["- [x] a\n", "<div>", "[^a]", "[", "*a*", "https://a.example ", "|a|b|\n"])
def test_a_text_takes_no_more_steps_than_allowed(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "STEPS", 600)
    monkeypatch.setattr(budget, "NOTES", 50)
    render_post("warm")
    small, large = ("[^a]: x\n\n" + unit * (size // len(unit)) for size in (8_000, 16_000))
    assert rendered_post(large).is_cut
    assert len(render_post(large)) < 8 * len(large)
    assert work_of(render_post, large) < 1.7 * work_of(render_post, small)


@pytest.mark.parametrize(
    "unit", ["$x$ ", "> [!TIP]\n> a\n\n", "a\n: b\n\n", "# a\n\n", "==a== ", "```js {1}\nx\n```\n"]
)
def test_an_honest_text_of_tens_of_thousands_of_characters_is_rendered_whole(unit: str) -> None:
    assert not rendered_post("[TOC]\n\n# x\n\n" + unit * (20_000 // len(unit))).is_cut


def test_an_honest_task_list_of_eighty_thousand_characters_is_rendered_whole() -> None:
    rendered = rendered_post("- [x] a\n" * 10_000)
    assert not rendered.is_cut
    assert rendered.html.count("<input") == 10_000


def test_a_footnote_that_is_used_everywhere_does_not_multiply_the_text() -> None:
    text = "[^a]: x\n\n" + "[^a]" * 20_000
    assert len(render_post(text)) < 600_000


def test_a_long_link_definition_that_is_used_everywhere_does_not_multiply_the_text() -> None:
    text = f"[a]: /{'x' * 50_000}\n\n" + "[a]" * 10_000
    assert len(render_post(text)) < 1_000_000


def test_a_small_table_does_not_become_a_million_cells() -> None:
    head = "|" + "a|" * 200 + "\n|" + "-|" * 200 + "\n"
    assert rendered_post((head + "|\n" * 300 + "\n") * 10).html.count("<td>") <= budget.STEPS


@pytest.mark.parametrize("unit", ["<div>", "<dl>", "<b>", "<ul><li>", "<table><tr><td>", "> ", "- ", "*a "])
def test_elements_are_not_nested_deeply(unit: str) -> None:
    depth = deepest = 0
    for tag in markdown_tags(render_post(unit * 500)):
        depth += -1 if tag.startswith("</") else 1
        deepest = max(deepest, depth)
    assert deepest <= nesting.DEEPEST * 4 // 3  # the parser of HTML adds a tbody to each table


def markdown_tags(html: str) -> list[str]:
    return [f"<{part.partition('>')[0]}" for part in html.split("<")[1:] if not part.startswith(("br", "input", "hr"))]


def test_what_is_left_of_a_text_is_shown_as_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "STEPS", 120)
    rendered = rendered_post("*一*\n\n" * 3 + "- 二 *三*\n" * 50)
    assert '<em class="han">一</em>' in rendered.html
    assert rendered.html.count("二 *三*") == 50
    assert '<pre class="plain">' in rendered.html


def test_text_inside_too_many_quotes_and_lists_is_shown() -> None:
    for mark in (">", "- ", "1. "):
        rendered = rendered_post(f"{mark * 60}甲\n\n乙")
        assert "甲" in rendered.html
        assert "<p>乙</p>" in rendered.html
        assert rendered.is_cut


@pytest.mark.parametrize("language", ["csharp", "java", "make"])
def test_code_that_a_lexer_may_be_slow_with_is_shown_plain(language: str) -> None:
    assert "<span" in render_post(f"```{language}\nint a = 1;\n```")
    rendered = rendered_post(f"```{language}\n{'a ' * 10_000}\n```")
    assert "<span" not in rendered.html
    assert rendered.is_cut


def test_each_language_is_one_that_pygments_knows_and_colours() -> None:
    for language in sorted(colouring.LANGUAGES):
        colours = colouring.Colours()
        assert colours.of("a = 1\n", language), language
        assert not colours.is_cut


def test_all_code_of_a_post_shares_what_may_be_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colouring, "TOKENS", 100)
    rendered = rendered_post("```python\nx = 1\n```\n\n" * 50)
    assert rendered.is_cut
    assert rendered.html.count("<span") <= colouring.TOKENS


def test_code_that_is_coloured_in_part_is_shown_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colouring, "TOKENS", 5)
    html = render_post("```python\n\nx = 1 < 2\ny = 3\n```")
    assert html.endswith("\ny = 3\n</code></pre>\n")
    assert (
        markdown.render_post("```nosuch\n\nx\n```")
        == '<pre tabindex="0"><code class="language-nosuch">\nx\n</code></pre>\n'
    )
