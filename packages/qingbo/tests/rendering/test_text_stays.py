"""No text disappears: what is not HTML stays text, and an element that is left open does not hide the rest."""

import re
from html import unescape

import pytest
from qingbo.rendering.markdown import render_comment, render_post


def text_of(html: str) -> str:
    return unescape(re.sub(r'<(?:[^>"]|"[^"]*")*>', "", html))


@pytest.mark.parametrize(
    "text",
    [
        "vector<int> 后文", "Map<String, List<T>> x", "#include <iostream>", "输入 <your-name> 即可", "a <b && c> d",
        "<T>(x: T)", "std::vector<bool> v", "<title> 标题", "<textarea> 后文", "<xmp> 后文",
        "<noembed>", "<noframes>",
        "<plaintext> 后文", "<style> 后文", "<svg> 后文", "<math> 后文", "<input> 后文", "<button>按</button>",
        "<body>",
        "<?php echo 1; ?> 后文", "<!DOCTYPE html> 后文", "<![CDATA[ x ]]> 后文", "<!-- 未完", "<iframe> 后文", "<form>",
    ],
)  # fmt: skip
def test_what_is_no_html_that_people_write_with_is_text(text: str) -> None:
    for render in (render_post, render_comment):
        for around in ("{}", "前 {}", "- {}", "> {}", "## {}", "1. 甲\n   {}", "**{}**"):
            shown = " ".join(text_of(render(around.format(text))).split())
            assert text in shown, (around, shown)


@pytest.mark.parametrize("text", ["vector<int>", "<title>x", "<script>alert(1)</script>"])
def test_what_is_no_html_is_text_in_a_table_and_in_html(text: str) -> None:
    assert text in text_of(render_post(f"| a |\n|---|\n| {text} |"))
    assert text in text_of(render_post(f"<div>\n{text}\n</div>"))
    assert text in text_of(render_post(f"<pre>\n{text}\n</pre>"))


@pytest.mark.parametrize(
    "opening",
    [
        *("<script>", "<style>", "<textarea>", "<title>", "<xmp>", "<noembed>", "<noframes>", "<plaintext>"),
        *("<iframe>", "<template>"),
        *("<!--", "<?", "<?php", "<![CDATA[", "<!DOCTYPE", "<div class=\"a", "<pre>", "<select>", "<svg>", "<math>"),
        *("<a href='x", "<table>", "<table><tr>", "<details>", "<object>", "<video>", "<b>", "<h1>"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", ["{} 一", "{}\n一", "文 {} 一", "- {} 一", "> {} 一"])
def test_what_is_left_open_does_not_swallow_what_follows(opening: str, start: str) -> None:
    html = render_post(f"{start.format(opening)}\n\n二 **三**\n\n- 四")
    assert "<p>二 <strong>三</strong></p>" in html
    assert re.search(r"<ul>\n<li>四</li>\n</ul>\s*$", html)
    assert not re.search(r"<(table|details|video|b|h1|div|a)\b[^>]*>[^\0]*二[^\0]*</\1>", html)


def test_code_of_a_page_is_shown_whole_and_runs_nowhere() -> None:
    html = render_post("<script>\nlet a = 1\n\n* b\n</script>\n\n文")
    assert text_of(html).strip() == "<script>\nlet a = 1\n\n* b\n</script>\n\n文"


def test_comments_of_html_are_not_shown() -> None:
    assert text_of(render_post("甲 <!-- 乙 --> 丙\n\n<!-- 丁\n\n戊 -->\n\n己")).split() == ["甲", "丙", "己"]


@pytest.mark.parametrize(
    "tag",
    [
        '<iframe src="{}" width=1></iframe>', "<embed src='{}'>", '<object data="{}"></object>',
        '<iframe\n  allowfullscreen\n  src="{}"></iframe>',
    ],
)  # fmt: skip
def test_a_page_inside_the_page_becomes_a_link(tag: str) -> None:
    assert 'href="https://a.example/v?a=1&amp;b=2"' in render_post(tag.format("https://a.example/v?a=1&b=2"))
    assert 'href="https://a.example/v"' in render_post(f"文 {tag.format('//a.example/v')} 文")
    for bad in ("javascript:alert(1)", "data:text/html,x", "/local", ""):
        assert "<a" not in render_post(tag.format(bad))


def test_html_that_people_write_with_stays() -> None:
    table = '<table>\n<tr><td colspan="2" rowspan="3">a</td></tr>\n</table>'
    assert '<td colspan="2" rowspan="3">a</td>' in render_post(table)
    assert render_post("<u>a</u> <kbd>b</kbd> <ruby>漢<rt>kan</rt></ruby>").count("</") == 5
    assert "<summary>a</summary>" in render_post("<details>\n<summary>a</summary>\n\n**b**\n\n</details>")
    assert "<details>" in render_post("<details>\n\nb\n\n</details>\n\nc")
    assert render_post("<ul><li>a<li>b</ul>").count("<li>") == 2
    assert "<p>b</p>\n</div>" in render_post("<div>\n\nb\n\n</div>")
    assert text_of(render_post("<center>a</center> <font color=red>b</font>")).split() == ["a", "b"]


def test_a_field_that_takes_input_does_not_stay() -> None:
    for field in ("<input>", "<input value=x>", "<input type=text>", "<INPUT type='checkbox'>", "<input type=radio/>"):
        for around in ("{}", "文 {}", "<div>{}</div>", "- [ ] {}", "| a |\n|--|\n| {} |"):
            html = render_post(around.format(field))
            assert html.count("<input") == around.count("[ ]")
            assert field in text_of(html)
    assert 'disabled="" type="checkbox"' in render_post("- [x] a")


def test_a_table_of_contents_jumps_to_headings() -> None:
    html = render_post("[一](#一) [Two](#two-2)\n\n# 一\n\n## Two 2\n\n## Two 2\n\nC++ & `x`\n---")
    assert re.findall(r'<h\d id="([^"]*)"', html) == [
        *("user-content-一", "user-content-two-2", "user-content-two-2-1", "user-content-c--x"),
    ]
    assert 'href="#user-content-一"' in html
    assert 'href="#user-content-two-2"' in html


def test_an_anchor_that_an_author_sets_is_kept_out_of_the_way_of_the_page() -> None:
    html = render_post('<a name="x"></a> <p id="content">a</p>\n\n[x](#x) [c](#content) [page](#comments)')
    assert 'name="user-content-x"' in html
    assert 'id="user-content-content"' in html
    assert re.findall(r'href="([^"]*)"', html) == ["#user-content-x", "#user-content-content", "#comments"]
    assert "<a" not in render_comment('<a id="content">x</a>')


def test_two_headings_never_have_one_id() -> None:
    ids = re.findall(r'id="([^"]*)"', render_post("# a-1\n\n# a\n\n# a\n\n# A\n\n# a-1\n\n# !\n\n# 🎉"))
    assert len(ids) == len(set(ids)) == 5


def test_a_footnote_in_a_comment_is_text() -> None:
    assert "说明" in text_of(render_comment("甲[^1]\n\n[^1]: 说明"))
