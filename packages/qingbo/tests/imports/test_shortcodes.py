"""Shortcodes become Markdown; unknown ones stay and are listed with their line; code stays as it is."""

import pytest
from qingbo.imports.line_breaks import with_hard_breaks
from qingbo.imports.shortcodes.converting import converted
from work_counting import cpu_seconds

FILES = {
    "tea": "/posts/tea",
    "posts/tea.md": "/posts/tea",
    "2024-01-02-tea": "/posts/tea",
    "@/blog/tea.md": "/posts/tea",
}


def convert(notation: str, text: str) -> str:
    return converted(text, notation, FILES.get).text


@pytest.mark.parametrize(
    ("notation", "text", "expected"),
    [
        ("nunjucks", "{% codeblock lang:js a.js %}\nx\n{% endcodeblock %}", '```js title="a.js"\nx\n```'),
        ("nunjucks", "{% codeblock %}\n```\n{% endcodeblock %}", "````\n```\n````"),
        ("nunjucks", "{% blockquote Ann %}\nx\n{% endblockquote %}", "> x\n>\n> — Ann"),
        ("nunjucks", "see {% post_link tea %}.", "see [tea](/posts/tea)."),
        ("nunjucks", "{% post_link tea 'Green [tea]' %}", "[Green \\[tea\\]](/posts/tea)"),
        ("nunjucks", "[x]({% post_path tea %})", "[x](/posts/tea)"),
        ("nunjucks", "{% asset_link a.pdf The file %}", "[The file](a.pdf)"),
        ("nunjucks", "{% link Site https://a.example %}", "[Site](https://a.example)"),
        ("nunjucks", '{% img left /a.png 300 200 "T" "A" %}', '![A](/a.png "T")'),
        ("nunjucks", "{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("nunjucks", "{% note danger %}x{% endnote %}", "> [!CAUTION]\n> x"),
        ("nunjucks", "a\n{% youtube dQw4w9WgXcQ %}\nb", "a\n\nhttps://www.youtube.com/watch?v=dQw4w9WgXcQ\n\nb"),
        ("nunjucks", "{% bilibili BV1xx411c7mD %}", "https://www.bilibili.com/video/BV1xx411c7mD"),
        ("nunjucks", "{% gist ann/0123abcd %}", "https://gist.github.com/ann/0123abcd"),
        ("nunjucks", "{% iframe https://a.example 9 9 %}", "https://a.example"),
        ("liquid", "{% highlight ruby linenos %}\nx\n{% endhighlight %}", "```ruby\nx\n```"),
        ("liquid", "a {% highlight c %}\nx\n{% endhighlight %}", "a \n\n```c\nx\n```"),
        ("liquid", "- {% highlight c %}\n  x\n  {% endhighlight %}", "- ```c\n  x\n  \n```"),
        ("liquid", "# A\n\n* Contents\n{:toc}\n\n* b\n", "# A\n\n\n* b"),
        ("liquid", '{% include image.html url="/a.png" description="C" %}', '![C](/a.png "C")'),
        ("liquid", "[x]({% post_url 2024-01-02-tea %})", "[x](/posts/tea)"),
        ("liquid", '{% include figure.html src="a.png" alt="A" caption="C" %}', '![A](a.png "C")'),
        ("liquid", '{% include video id="76979871" provider="vimeo" %}', "https://vimeo.com/76979871"),
        ("liquid", '{% include youtube.html id="dQw4w9WgXcQ" %}', "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("liquid", "![a]({{ site.baseurl }}/a.png)", "![a](/a.png)"),
        ("liquid", "![a]({{ '/a.png' | relative_url }})", "![a](/a.png)"),
        ("liquid", "```\n{% raw %}\n{{ x }}\n{% endraw %}\n```", "```\n{{ x }}\n```"),
        ("liquid", "{% comment %}x{% endcomment %}y", "y"),
        ("liquid", "# Head\n{: .class}\ntext", "# Head\ntext"),
        ("hugo", '{{< figure\n  src="a.png" title="T" >}}', '![T](a.png "T")'),
        ("hugo", '{{< figure src="a.png" link="/x" >}}', "[![](a.png)](/x)"),
        ("hugo", "{{< highlight go >}}\nx\n{{< /highlight >}}", "```go\nx\n```"),
        ("hugo", '[x]({{< relref "posts/tea.md" >}}) [y]({{% ref "tea" %}})', "[x](/posts/tea) [y](/posts/tea)"),
        ("hugo", '{{< youtube id="dQw4w9WgXcQ" >}}', "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("hugo", "{{< gist ann 0123abcd >}}", "https://gist.github.com/ann/0123abcd"),
        ("hugo", "{{% notice tip %}}\nx\n{{% /notice %}}", "> [!TIP]\n> x"),
        ("hugo", "`{{</* x */>}}`", "`{{< x >}}`"),
        ("zola", '{{ youtube(id="dQw4w9WgXcQ") }}', "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("zola", '{% quote(author="Ann") %}\nx\n{% end %}', "> x\n>\n> — Ann"),
        ("zola", "[x](@/blog/tea.md#head)", "[x](/posts/tea#head)"),
        ("wiki", "[[tea]] and [[tea#head|Green]] ![[a.png]]", "[tea](/posts/tea) and [Green](/posts/tea) ![[a.png]]"),
        ("wiki", "a %%[[tea]]\nmine%% b ![[tea]] `%%x%%` 5%%", "a  b [tea](/posts/tea) `%%x%%` 5%%"),
        ("", "[x](posts/tea.md) {% x %} {{< y >}}", "[x](/posts/tea) {% x %} {{< y >}}"),
    ],
)
def test_common_shortcodes_become_markdown(notation: str, text: str, expected: str) -> None:
    found = converted(text, notation, FILES.get)
    assert found.text.strip("\n") == expected
    assert found.doubts == []


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        ("nunjucks", "{% foo a %}"),
        ("nunjucks", "{% foo %}x{% endfoo %}"),
        ("nunjucks", "{% post_link none %}"),
        ("nunjucks", "{% youtube <script> %}"),
        ("liquid", "{% if x %}"),
        ("liquid", "{{ page.title }}"),
        ("hugo", "{{< foo >}}x{{< /foo >}}"),
        ("hugo", "{{< ref none.md >}}"),
        ("zola", "{{ foo(a=1) }}"),
        ("", "[x](none.md)"),
    ],
)
def test_what_is_unknown_stays_and_is_listed_with_its_line(notation: str, text: str) -> None:
    found = converted(f"one\n\n{text}\n", notation, FILES.get)
    assert found.text == f"one\n\n{text}\n"
    assert [doubt.line for doubt in found.doubts] == [3]


@pytest.mark.parametrize(
    "text",
    [
        "```\n{% youtube dQw4w9WgXcQ %} {{< foo >}} [[tea]] [x](tea.md)\n```",
        "~~~~\n```\n{% raw %}\n~~~\n~~~~",
        "`{% raw %}` and ``{{< ` foo >}}``",
        "> ```\n> {% foo %}\n> ```",
        "[x](https://a.example/b.md) [y](/c.html)",
    ],
)
@pytest.mark.parametrize("notation", ["nunjucks", "hugo", "zola", "wiki", ""])
def test_code_and_other_links_stay(notation: str, text: str) -> None:
    found = converted(text, notation, FILES.get)
    assert (found.text, found.doubts) == (text, [])


def test_the_lines_of_the_old_text_are_known() -> None:
    text = "1\n{% youtube dQw4w9WgXcQ %}\n3\n{% comment %}\n5\n{% endcomment %}\n7\n![8](8.png)\n"
    found = converted(text, "nunjucks", FILES.get)
    lines = found.text.split("\n")
    assert len(lines) == len(found.lines)
    assert [found.lines[lines.index(each)] for each in ("1", "3", "7", "![8](8.png)")] == [1, 3, 7, 8]


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        ("nunjucks", "{% raw %}" * 50_000),
        ("nunjucks", "{% note %}" * 20_000 + "{% endnote %}" * 20_000),
        ("nunjucks", "a`b``c```d\n" * 40_000),
        ("nunjucks", "```\n" * 100_000),
        ("hugo", "{{< a " * 80_000),
        ("zola", "{{ a(" * 100_000),
        ("wiki", "[[" * 200_000),
        ("", "](a" * 150_000),
    ],
)
def test_no_text_takes_long(notation: str, text: str) -> None:
    assert cpu_seconds(lambda: convert(notation, text)) < 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\n\nc", "a  \nb\n\nc"),
        ("- a\n  b\n> c\n> d", "- a  \n  b\n> c  \n> d"),
        ("a  \nb\\\nc", "a  \nb\\\nc"),
        ("```\na\nb\n```\n\n    c\n    d", "```\na\nb\n```\n\n    c\n    d"),
        ("`a\nb` c\nd", "`a\nb` c\nd"),
        ("| a |\n|---|\n| b |", "| a |\n|---|\n| b |"),
    ],
)
def test_line_breaks_are_kept_where_a_blog_showed_them(text: str, expected: str) -> None:
    assert with_hard_breaks(text) == expected
