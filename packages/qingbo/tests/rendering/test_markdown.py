"""The HTML of Markdown, and that nothing harmful gets into it."""

import re

import pytest
from qingbo.rendering.markdown import render_comment, render_post

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt&#58;alert(1))",
    "![a](javascript:alert(1))",
    "<a href='data:text/html,<script>alert(1)</script>'>a</a>",
    "<iframe src='https://evil.example'></iframe>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<form action=/logout><button>x</button></form>",
    "<div style='position:fixed'>x</div>",
    "<p class='notice error'>x</p>",
    "<a id='content' href='/'>x</a>",
    "<input type='password' name='p'>",
    "<base href='https://evil.example'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    '<https://a.example/"onmouseover="alert(1)>',
    '```"><script>alert(1)</script>\nx\n```',
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<!--><script>alert(1)</script>-->",
    "<a title='\"><img src=x onerror=alert(1)>'>x</a>",
    '<a title="&quot; onclick=alert(1)">x</a>',
    "<a href=//a.example/\x01onclick=alert(1)>x</a>",
    "\x01script\x02alert(1)\x01/script\x02",
    "\x05script\x06alert(1)\x05/script\x06",
    "<p title='&#5;script&#6;'>x</p><p>&#5;script&#6;alert(1)</p>",
    "<iframe src='https://a.example/\"onload=alert(1)'></iframe>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<embed src='data:text/html,x'><object data='javascript:alert(1)'></object>",
    "<h1 id='content'>x</h1><p id=x name=content>",
    '# content\n\n[a](#"onclick=alert(1))',
    "<a href='#\" onclick=alert(1)'>x</a>",
    "<table><td onclick=alert(1) colspan='1\" onclick=alert(1)'>x",
    "<pre><code class='language-x\" onclick=alert(1)'>x</code></pre>",
    '![x](https://a.example/x.png "\\" onerror=alert(1)")',
    "<script\n>alert(1)</script\n>",
    "<scr<script>ipt>alert(1)</script>",
    "<input type=image src=x onerror=alert(1)>",
    "<plaintext><script>alert(1)</script>",
    "<textarea></textarea><script>alert(1)</script>",
    "<noscript><p title='</noscript><script>alert(1)</script>'>",
    "[x](<javascript:alert(1)>)\n\n[y]\n\n[y]: java&#115;cript:alert(1)",
    "<https://a.example><script>alert(1)</script>",
]

FORBIDDEN = [
    *("<script", " on", "javascript:", "<iframe", "<svg", "<form", "<style", "style=", "notice", "<base", "<meta"),
    *("data:", 'id="content"', 'type="password"', "<button"),
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_acts_comes_through(attack: str) -> None:
    for rendered in (render_post(attack), render_comment(attack)):
        tags = "".join(re.findall(r"""<(?:[^>"]|"[^"]*")*>""", rendered)).lower()
        bare = re.sub(r'(?<=title=)"[^"]*"|(?<=href="#)[^"]*|(?<=colspan=)"[^"]*"', "", tags)
        assert not [word for word in FORBIDDEN if word in bare], rendered
        assert not re.search(r"\son\w+=", re.sub(r'"[^"]*"', '""', tags)), rendered


def test_code_is_coloured_and_chinese_stays() -> None:
    rendered = render_post('```python\nprint("轻博 🎉")\n```')
    assert '<code class="language-python">' in rendered
    assert '<span class="nb">print</span>' in rendered
    assert "轻博 🎉" in rendered


def test_code_of_an_unknown_language_is_shown_plain() -> None:
    assert "&lt;b&gt;" in render_post("```nosuch\n<b>\n```")


def test_tables_footnotes_task_lists_and_bare_links_work() -> None:
    rendered = render_post(
        "| a | b |\n|---|--:|\n| 1 | 2 |\n\nx[^1]\n\n[^1]: note\n\n- [x] done\n\nhttps://a.example/x"
    )
    assert "<td>1</td>" in rendered
    assert 'class="footnote-ref"' in rendered
    assert 'id="fn1"' in rendered
    assert 'type="checkbox"' in rendered
    assert '<a href="https://a.example/x" rel="noopener">' in rendered


def test_harmless_html_in_a_post_stays_and_in_a_comment_is_text() -> None:
    assert "<kbd>Ctrl</kbd>" in render_post("<kbd>Ctrl</kbd>")
    assert "&lt;kbd&gt;" in render_comment("<kbd>Ctrl</kbd>")


def test_a_comment_has_no_headings_pictures_or_tables() -> None:
    rendered = render_comment("# x\n\n![a](https://a.example/x.png)\n\n| a |\n|---|\n| 1 |")
    assert not [tag for tag in ("<h1", "<img", "<table") if tag in rendered]


def test_links_in_comments_are_worth_nothing_to_spammers() -> None:
    assert 'rel="noopener nofollow ugc"' in render_comment("[a](https://a.example)")


def test_a_line_break_in_a_comment_stays_one() -> None:
    assert "<br" in render_comment("one\ntwo")


def test_a_comment_is_not_coloured_and_a_slow_language_nowhere() -> None:
    assert "<span" not in render_comment("```python\nprint(1)\n```")
    assert "<span" not in render_post(f"```systemd\n{' ' * 9900}x\n```")
    assert "<span" not in render_post(f"```python\n{'x = 1;' * 20_000}\n```")


def test_characters_that_no_feed_can_hold_do_not_come_in_as_entities() -> None:
    assert render_post("<p>a&#x1;b&#12;c</p>") == "<p>abc</p>"


def test_columns_keep_their_alignment() -> None:
    html = render_post("| a | b |\n|--:|:-:|\n| 1 | 2 |")
    assert '<td align="right">1</td>' in html
    assert '<td align="center">2</td>' in html
    assert "style" not in html
