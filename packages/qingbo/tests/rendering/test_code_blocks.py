"""File names and highlighted lines of code blocks, in the notations of other programs."""

import re

import pytest
from qingbo.rendering import budget
from qingbo.rendering.code_blocks import CodeInfo, read_info
from qingbo.rendering.markdown import render_comment, render_post, rendered_post


@pytest.mark.parametrize(
    ("info", "language", "title", "lines"),
    [
        ("python", "python", "", []),
        ('python {3,5-7} title="app.py"', "python", "app.py", [3, 5, 6, 7]),
        ('python title="my app.py" {3}', "python", "my app.py", [3]),
        ("js{1,4-6}", "js", "", [1, 4, 5, 6]),
        ('go {linenos=table,hl_lines=["2-3",5],linenostart=199}', "go", "", [2, 3, 5]),
        ("go {hl_lines=[2]}", "go", "", [2]),
        ('py hl_lines="2 4-5" linenums="1"', "py", "", [2, 4, 5]),
        ("js app.js https://a.example link mark:2,4-5", "js", "app.js", [2, 4, 5]),
        ("js src/app.js", "js", "src/app.js", []),
        ("js:app.js", "js", "app.js", []),
        ("ts {2} [config.ts]", "ts", "config.ts", [2]),
        ("ts filename=a.ts", "ts", "a.ts", []),
        ('title="a.py"', "", "a.py", []),
        ("{.python .numberLines}", "python", "", []),
        ("js:line-numbers {1}", "js", "", [1]),
        ("rust,ignore", "rust", "", []),
        ("c++", "c++", "", []),
        ("text some words", "text", "", []),
        ("js {3-1,9,0}", "js", "", [9]),
        ("js {1-999999}", "js", "", list(range(1, 11))),
        ("js {9999999999}", "js", "", []),
        ("mermaid", "mermaid", "", []),
    ],
)
def test_what_stands_behind_a_fence_is_read(info: str, language: str, title: str, lines: list[int]) -> None:
    read = read_info(info)
    assert (read.language, read.title) == (language, title)
    assert [number for number, is_marked in enumerate(read.highlighted(10), 1) if is_marked] == lines


def test_a_file_name_is_a_caption() -> None:
    html = render_post('```python title="a<b>.py"\nx = 1\n```')
    assert '<figure class="code">\n<figcaption>a&lt;b&gt;.py</figcaption>\n<pre tabindex="0"><code class=' in html
    assert html.endswith("</code></pre>\n</figure>\n")


def test_lines_are_highlighted_with_and_without_colours() -> None:
    assert '<mark><span class="n">y</span>' in render_post("```python {2}\nx = 1\ny = 2\n```")
    assert render_post("```nosuch {1,3}\na\n<b>\nc\n```") == (
        '<pre tabindex="0"><code class="language-nosuch"><mark>a\n</mark>&lt;b&gt;\n<mark>c\n</mark></code></pre>\n'
    )


def test_a_piece_of_code_that_goes_over_lines_is_highlighted_by_lines() -> None:
    html = render_post('```python {2}\n"""a\nb\nc"""\n```')
    (marked,) = re.findall("<mark>(.*?)</mark>", html, re.DOTALL)
    assert marked.count("<span") == marked.count("</span>")
    assert re.sub("<[^>]*>", "", marked) == "b\n"


def test_a_comment_has_no_captions() -> None:
    assert render_comment('```python {1} title="a.py"\nx\n```').count("<mark>") == 1
    assert "figure" not in render_comment('```python title="a.py"\nx\n```')


def test_a_diagram_stays_code() -> None:
    assert (
        render_post("```mermaid\nA-->B\n```")
        == '<pre tabindex="0"><code class="language-mermaid">A--&gt;B\n</code></pre>\n'
    )


def test_all_highlighted_lines_of_a_text_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "STEPS", 100)
    rendered = rendered_post("```x {1-999999}\n" + "a\n" * 500 + "```")
    assert rendered.is_cut
    assert rendered.html.count("<mark>") <= 100
    assert rendered.html.count("a\n") == 500


def test_a_long_list_of_lines_takes_no_time_of_its_own() -> None:
    assert len(read_info("js {" + "1-999999," * 100_000 + "}").ranges) < 100
    assert CodeInfo(ranges=((1, 999_999),) * 60).highlighted(2) == [True, True]
