"""Rich text from the clipboard becomes Markdown; the HTML is written like that of each program."""

import re
from html import unescape

import pytest
from qingbo.rendering import pasting
from qingbo.rendering.markdown import render_post
from qingbo.rendering.pasting import TooMuch, markdown_of
from work_counting import assert_linear

PLAIN = [
    ("<h1>一</h1><h3>二</h3>", "# 一\n\n### 二"),
    ("<h2><strong>粗</strong></h2>", "## 粗"),
    ("<h2>word # </h2>", "## word \\#"),
    ("<h2>C#</h2>", "## C#"),
    ("<p>一</p>\n<p>二<br>三</p><div>四<br><br>五</div>", "一\n\n二\\\n三\n\n四\n\n五"),
    ("<p>一\n二 three\nfour</p>", "一二 three four"),
    ("<p>a <b>b </b>c<i> d</i></p>", "a **b** c *d*"),
    ("<del>a</del> <s>b</s> <em>c</em> <strong>d</strong>", "~~a b~~ *c* **d**"),
    ("<b>a</b><b>b</b> <b><i>c</i></b>", "**ab *c***"),
    ("H<sub>2</sub>O <kbd>Ctrl</kbd>", "H<sub>2</sub>O <kbd>Ctrl</kbd>"),
    ("<code>a`b</code> <code>``</code>", "``a`b`` ` `` `"),
    ("<ul><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ul>", "- a\n  - b\n- c"),
    ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b"),
    ("<ol start=9><li>a<li>b</ol>", "9. a\n10. b"),
    ("<ol><li>a</li></ol><ol><li>b</li></ol>", "1. a\n\n1) b"),
    ("<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", "- a\n\n  b\n\n- c"),
    ("<ul><li><pre>a\n\nb</pre></li><li><hr></li></ul>", "- ```\n  a\n\n  b\n  ```\n- ___"),
    ("<ul><li><input type=checkbox checked> a</li><li><label><input type=checkbox>b</label></li></ul>",
     "- [x] a\n- [ ] b"),
    ("<ul><li role=checkbox aria-checked=true>a</li><li>[x] b</li></ul>", "- [x] a\n- \\[x] b"),
    ("<blockquote><p>a</p><ul><li>b</li></ul></blockquote><blockquote>c</blockquote>", "> a\n>\n> - b\n\n> c"),
    ('<pre><code class="hljs language-js">\na  = 1\n\n```\n</code></pre>', "````js\na  = 1\n\n```\n````"),
    ("<p>a</p><hr><p>b</p>", "a\n\n---\n\nb"),
    ("<a href='https://a.example/x_(y)'>z</a>", "[z](https://a.example/x_(y))"),
    ("<a href='https://a.example/ x)|'>z]</a>", "[z\\]](https://a.example/%20x%29%7C)"),
    ("见<a href='https://a.example/'>https://a.example</a>。", "见https://a.example。"),
    ("<a href='https://a.example'><b>b</b> c</a>", "[**b** c](https://a.example)"),
    ("<a href='https://a.example'><h3>h</h3></a>", "### [h](https://a.example)"),
    ("<a href=https://a.example><img src=//a.example/i.png alt='图[1]'></a>",
     "[![图\\[1\\]](https://a.example/i.png)](https://a.example)"),
    ("<dl><dt>a</dt><dd>b</dd></dl><details><summary>c</summary>d</details>", "a\n\nb\n\nc\n\nd"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "text"), PLAIN)
def test_rich_text_becomes_what_a_writer_types(html: str, text: str) -> None:
    assert markdown_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<table><tr><th>a</th><th align=right>b|c</th></tr><tr><td>1<br>2</td><td><code>x|y</code></td></tr></table>",
         "| a | b\\|c |\n| --- | ---: |\n| 1<br>2 | `x\\|y` |"),
        ("<table><tbody><tr><td><b>a</b></td><td>b</td></tr><tr><td><p>1</p><p>2</p></td></tr></tbody></table>",
         "| a | b |\n| --- | --- |\n| 1<br>2 |  |"),
        ("<table><thead><tr><td>a<td>b</thead><tr><td rowspan=2>c<td>d<tr><td>e<tr><td colspan=2><ul><li>f<li>g</ul>",
         "| a | b |\n| --- | --- |\n| c | d |\n|  | e |\n| f<br>g |  |"),
        ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", "a\n\nb"),
        ("<table><tr><td></td></tr></table>", ""),
        ("<table><tr><td>a|b *c*<td><code>\\|</code></table>", "| a\\|b \\*c\\* | `\\\\|` |\n| --- | --- |"),
    ],
)  # fmt: skip
def test_tables(html: str, text: str) -> None:
    assert markdown_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("snake_case, 2 * 3, a [b], C#, 5 < 6, R&D, f(x)", "snake_case, 2 * 3, a [b], C#, 5 < 6, R&D, f(x)"),
        ("中文（说明）：第1. 条——“引号”", "中文（说明）：第1. 条——“引号”"),
        ("*a*", "\\*a\\*"), ("_a_", "\\_a\\_"), ("a ~~b~~", "a \\~\\~b\\~\\~"), ("`a`", "\\`a\\`"),
        ("# a", "\\# a"), ("#a", "#a"), ("1. a", "1\\. a"), ("2027. 年", "2027\\. 年"), ("1.5 a", "1.5 a"),
        ("- a", "\\- a"), ("+ a", "\\+ a"), ("-a", "-a"), ("&gt; a", "\\> a"), ("&lt;b&gt;", "\\<b>"),
        ("vector&lt;int&gt;", "vector<int>"), ("[a](b)", "\\[a](b)"), ("&amp;lt;", "\\&lt;"),
        ("C:\\temp \\n", "C:\\temp \\n"), ("\\*", "\\\\\\*"), ("[a]: b", "\\[a]: b"), ("---", "\\---"),
        ("a<br>---", "a\\\n\\---"),
        ("**a", "**a"), ("http://a.example/a_b_c", "http://a.example/a_b_c"),
    ],
)  # fmt: skip
def test_marks_are_escaped_only_where_they_would_change_the_text(html: str, text: str) -> None:
    written = markdown_of(f"<p>{html}</p>")
    shown = re.sub("<[^>]*>", "", render_post(written)).strip()
    assert unescape(shown.replace("\n", "")) == unescape(html.replace("<br>", ""))
    assert written == text


@pytest.mark.parametrize(
    "html",
    [
     "前<b>（注意）</b>后", "<b>“引”</b>后", "<b>注意：</b>后面", "a<b>(b)</b>c", "<b>a</b><i>b</i>",
     "甲<b><i>《书》</i></b>乙",
    ],
)  # fmt: skip
def test_bold_beside_punctuation_is_bold(html: str) -> None:
    shown = (
        render_post(markdown_of(html)).replace("strong>", "b>").replace('<em class="han">', "<i>").replace("em>", "i>")
    )
    assert shown in {f"<p>{html}</p>\n", f"<p>{html.replace('<b><i>', '<i><b>').replace('</i></b>', '</b></i>')}</p>\n"}


def test_word() -> None:
    item = (
        "<p class=MsoListParagraph style='margin-left:36.0pt;text-indent:-18.0pt;mso-list:l0 level{} lfo1'>"
        "<![if !supportLists]><span lang=EN-US style='font-family:Symbol'><span style='mso-list:Ignore'>{}"
        "<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp; </span></span></span><![endif]>{}<o:p></o:p></p>\n"
    )
    html = (
        "<html xmlns:o=\"urn:x\"><head><title>t</title><!--[if gte mso 9]><xml><o:x>无</o:x></xml><![endif]-->"
        "<style><!-- p {margin:0} --></style></head><body lang=ZH-CN><!--StartFragment--><h1>标题<o:p></o:p></h1>\n"
        "<p class=MsoNormal>第一\n行<b><span lang=EN-US>bold</span></b><o:p>&nbsp;</o:p></p>\n"
        + item.format(1, "·", "一") + item.format(2, "o", "二") + item.format(1, "·", "三")
        + "<p class=MsoNormal><o:p>&nbsp;</o:p></p>" + item.format(1, "(1)", "甲") + item.format(1, "(2)", "乙")
        + "<p class=MsoNormal><a href=\"file:///C:/x.doc\">文件</a></p><!--EndFragment--></body></html>"
    )  # fmt: skip
    assert markdown_of(html) == "# 标题\n\n第一行**bold**\n\n- 一\n  - 二\n- 三\n\n1. 甲\n2. 乙\n\n文件"


def test_google_docs() -> None:
    html = (
        '<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1"><h2 dir="ltr">'
        '<span style="font-weight:400;white-space:pre-wrap">题</span></h2><p><span style="font-weight:700">粗'
        '</span><span style="font-weight:400;font-style:italic">斜</span><span style="text-decoration:line-through">删'
        '</span><span style="font-family:\'Courier New\',monospace">code</span></p><br><ul><li aria-level="1">'
        '<p dir="ltr"><span>一</span></p></li><ul><li aria-level="2"><p><span>二</span></p></li></ul></ul></b>'
    )
    assert render_post(markdown_of(html)) == (
        '<div class="heading">\n<h2 id="user-content-题">题</h2>\n<a class="anchor" href="#user-content-题" '
        'aria-label="“题”的链接" rel="noopener"></a>\n</div>\n'
        '<p><strong>粗</strong><em class="han">斜</em><s>删</s><code>code</code></p>\n'
        "<ul>\n<li>一\n<ul>\n<li>二</li>\n</ul>\n</li>\n</ul>\n"
    )


def test_an_article_of_wechat() -> None:
    html = (
        '<section style="a:b"><section><section><p style="b:c"><span style="font-size: 15px;">\u200b一&nbsp;<span '
        'style="font-weight: bold;">二：</span>三</span></p><p><br></p><section><p><img class="rich_pages" '
        'data-src="https://a.example/i?wx_fmt=png" src="data:image/svg+xml,x"></p></section></section></section>'
        '<section class="code-snippet__fix"><ul class="code-snippet__line-index"><li></li><li></li></ul><pre '
        'class="code-snippet__js" data-lang="javascript"><code><span>a</span></code><code><span>b</span></code></pre>'
        "</section></section>"
    )
    assert markdown_of(html) == "一 **二：**三\n\n![](https://a.example/i?wx_fmt=png)\n\n```javascript\na\nb\n```"


def test_feishu_and_yuque() -> None:
    html = (
        '<div data-page-id="x"><div>\u200b一</div><ul class="list-bullet1"><li class="ace-line"><div>二'
        '</div></li></ul><ul class="list-bullet2"><li><div>三</div></li></ul><ul class="list-bullet1"><li>四</li></ul>'
        '</div><p class="ne-p"><strong><span class="ne-text">五</span></strong></p>'
    )
    assert markdown_of(html) == "一\n\n- 二\n  - 三\n- 四\n\n**五**"


def test_editors_and_pages_of_code() -> None:
    lines = "<div><span style='color:#00f'>def</span> f():</div><div>&nbsp;   return 1</div><br><div>f()</div>"
    code = "def f():\n    return 1\n\nf()"
    style = "color: #333;font-family: Menlo, Monaco, 'Courier New', monospace;white-space: pre;"
    assert markdown_of(f'<meta charset="utf-8"><div style="{style}">{lines}</div>') == f"```\n{code}\n```"
    apart = "".join(f'<div style="font-family: monospace">{line or "<br>"}</div>\n' for line in code.split("\n"))
    assert markdown_of(apart.replace("    ", "&nbsp; &nbsp; ")) == f"```\n{code}\n```"
    github = '<div class="highlight highlight-source-python"><pre>a\n<span>b</span></pre></div><button>Copy</button>'
    assert markdown_of(github) == "```python\na\nb\n```"
    row = '<tr><td class="blob-num" data-line-number="{0}"></td><td class="blob-code">{1}</td></tr>'
    assert markdown_of(f"<table>{row.format(1, 'a')}{row.format(2, '  b')}</table>") == "```\na\n  b\n```"


def test_libreoffice_and_macos() -> None:
    assert markdown_of('<P STYLE="margin: 0"><FONT FACE="x"><B>a</B></FONT></P>\n<P><BR></P>') == "**a**"
    html = '<meta charset="utf-8"><p class="p1">a<span class="Apple-converted-space">&nbsp;</span>b</p>'
    assert markdown_of(html) == "a b"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<script>a</script><style>b</style><!-- c -->d<svg><text>e</text></svg><iframe>f</iframe>", "d"),
        ("<a href='javascript:alert(1)'>a</a> <a href=' JaVa&#10;script:x'>b</a> <a href='data:x'>c</a>", "a b c"),
        ("<img src='data:image/png;base64,x' alt=a><img src='file:///x.png'><img src=x onerror=y>b", "b"),
        ("<p onclick=x style='background:url(x)'>a<span style='display:none'>b</span></p>", "a"),
        ("", ""), ("  \n", ""), ("<p>&nbsp;</p><b> </b><h1></h1><ul><li></li></ul><blockquote></blockquote>", ""),
        ("a < b && c > d", "a < b && c > d"), ("<p>a<p>b", "a\n\nb"), ("a</p></div>b", "ab"),
        ("<a href='x", "<a href='x"),
        ("a<!-- b", "a<!-- b"),
    ],
)  # fmt: skip
def test_what_is_no_text_goes(html: str, text: str) -> None:
    assert markdown_of(html) == text


UNITS = [
    *("<div>", "<b>", "<ul><li>x", "<blockquote>x", "<table><tr><td>x", "<x>", "<a href=b>x", "<p>a*b*"),
    *("<li>x", "<br>x", "<!--", "<style>", '<a href="', "< ", "&amp;", "<code>`</code>x", "<pre>x"),
    "<p style='mso-list:l0 level2'>x",
    *("<div style='font-family:monospace'>x</div>", "<b>a</b><i>b</i>", "<td colspan=99 rowspan=99>x"),
    "<img src=//a/b>",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_the_work_grows_with_the_html_and_no_faster(unit: str) -> None:
    assert_linear(markdown_of, lambda size: f"{unit * (size // 6)}甲")


@pytest.mark.parametrize("unit", UNITS[:7])
def test_deep_nesting_is_flattened(unit: str) -> None:
    assert "甲" in markdown_of(f"{unit * 3_000}甲")


@pytest.mark.slow
@pytest.mark.parametrize(("unit", "count"), [("<div>", 100_000), ("<li>x", 100_000), ("<b>", 350_000)])
def test_much_html_is_converted(unit: str, count: int) -> None:
    assert "甲" in markdown_of(f"{unit * count}甲")


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooMuch):
        markdown_of("a" * 2_000_001)
    monkeypatch.setattr(pasting, "LONGEST", 5_000)
    with pytest.raises(TooMuch):
        markdown_of("<blockquote>" * 18 + "<p>x" * 200)
    monkeypatch.setattr(pasting, "MOST_ELEMENTS", 10)
    with pytest.raises(TooMuch):
        markdown_of("<p>x" * 20)
