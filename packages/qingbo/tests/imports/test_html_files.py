"""HTML files with front matter are posts in Hexo, Hugo and Jekyll."""

from pathlib import Path
from typing import Any

import pytest
from import_reports import printed
from qingbo.imports.report import Topic
from site_imports import followed, post_with, posts, run, written

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("engine_name", ["sqlite"])]

POST = """---
title: Two
---
<p>marker1 <a href="{% post_url 2024-01-01-one %}">one</a> <b>bold</b></p>

<p><img src="{{ site.baseurl }}/tea.png" alt="tea"></p>

{% highlight c %}
if (a < b)
    return;
{% endhighlight %}

<p>{% unknown %}</p>
<form><p>end</p></form>
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    files = {
        "_config.yml": "permalink: /:title.html\n",
        "_posts/2024-01-01-one.md": "---\ntitle: One\n---\none\n",
        "_posts/2024-01-02-two.html": POST,
        "_posts/2024-01-03-plain.html": "<p>no front matter</p>",
        "tea.png": "21",
        "about.html": "---\ntitle: About\n---\n<p>marker2</p>\n",
        "index.html": "---\nlayout: home\n---\n{% for post in site.posts %}{{ post.title }}{% endfor %}\n",
        "_layouts/post.html": "---\n---\n{{ content }}",
    }
    return written(tmp_path / "site", files)


def test_their_text_becomes_markdown_with_its_shortcodes_and_pictures(blog: Any, site: Path) -> None:
    report = run(blog, site)
    text = post_with("marker1").text
    assert text.startswith("marker1 [one](/posts/one) **bold**\n\n")
    assert "/tea.png" in text
    assert "{{" not in text
    assert "```c\nif (a < b)\n    return;\n```" in text
    assert text.endswith("{% unknown %}\n\nend")
    assert report.about(Topic.MISSING) == []
    assert printed(report, Topic.CHECK) == [
        f"{site}/_posts/2024-01-02-two.html, line 4: unknown shortcode {{% unknown %}}"
    ]
    assert "marker1" in followed(blog.visitor(), "/two.html").text
    assert "marker2" in followed(blog.visitor(), "/about.html").text


def test_templates_and_files_without_front_matter_are_passed_over(blog: Any, site: Path) -> None:
    report = run(blog, site)
    assert len(posts()) == 3
    assert printed(report, Topic.SKIPPED) == [
        f"{site}/_posts/2024-01-03-plain.html: it is HTML without front matter",
        f"{site}/index.html: the theme fills this page",
    ]
