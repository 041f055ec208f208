"""The pages of tags and categories of an old site redirect to those of tags."""

from pathlib import Path
from typing import Any

import pytest
from import_reports import counted, printed
from qingbo.imports.report import Item, Topic
from site_imports import followed, run, site_files, written

POST = "---\ntitle: One\ndate: 2024-01-01\n%s---\ntext\n"
TERMS = "tags: [C++, 红 茶]\ncategories: [Tea, Green]\n"


@pytest.mark.parametrize(
    ("files", "addresses"),
    [
        (
            {
                "_config.yml": "root: /b/\ncategory_map: {Tea: cha}\ntag_dir: t\n",
                "source/_posts/2024-01-01-one.md": POST % TERMS,
            },
            {"/b/t/C": "C++", "/b/t/红-茶": "红 茶", "/b/categories/cha": "Tea", "/b/categories/cha/Green": "Green"},
        ),
        (
            {"source/_posts/one.md": POST % "categories:\n- [A, B]\n- [A, C]\n- D\n"},
            {"/categories/A": "A", "/categories/A/B": "B", "/categories/A/C": "C", "/categories/D": "D"},
        ),
        (
            {"hugo.yaml": "languages: {en: {}, zh: {}}\n", "content/posts/one.zh.md": POST % TERMS},
            {"/zh/tags/c++": "C++", "/zh/tags/红-茶": "红 茶", "/zh/categories/tea": "Tea",
             "/zh/categories/green": "Green"},
        ),
        (
            {"hugo.toml": "[taxonomies]\ntag = 'label'\n", "content/posts/one.md": POST % TERMS},
            {"/label/c++": "C++", "/label/红-茶": "红 茶"},
        ),
        (
            {
                "config.toml": "base_url = 'https://tea.example'\n",
                "content/blog/one.md": POST % "taxonomies: {tags: [红 茶]}\n",
            },
            {"/tags/hong-cha": "红 茶"},
        ),
        (
            {
                "_config.yml": "jekyll-archives: {permalinks: {tag: '/t/:name/'}}\n",
                "_posts/2024-01-01-one.md": POST % TERMS,
            },
            {"/t/c/": "C++", "/t/红-茶/": "红 茶", "/category/tea/": "Tea", "/category/green/": "Green"},
        ),
        ({"_config.yml": "title: x\n", "_posts/2024-01-01-one.md": POST % TERMS}, {}),
    ],
    ids=["hexo", "hexo paths", "hugo", "hugo taxonomies", "zola", "jekyll-archives", "jekyll"],
)  # fmt: skip
def test_each_generator_has_its_addresses(tmp_path: Path, files: dict[str, str], addresses: dict[str, str]) -> None:
    (found,) = site_files(written(tmp_path, files)).values()
    assert {page.address: page.name for page in found.terms} == addresses


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_they_redirect_unless_another_tag_has_the_address(blog: Any, tmp_path: Path) -> None:
    files = {
        "source/_posts/one.md": POST % "tags: [Tea, 红茶, C++]\ncategories: Drinks\n",
        "source/_posts/two.md": POST % "tags: [cups, Tea]\n",
        "source/_drafts/three.md": POST % "tags: [Secret]\n",
    }
    blog.post(tags=["Cups!"])
    site = written(tmp_path, files)
    report = run(blog, site)
    for old, new in {"/tags/Tea/": "/tags/tea", "/tags/红茶/": "/tags/hong-cha", "/categories/Drinks": "/tags/drinks",
                     "/tags/C/": "/tags/c"}.items():  # fmt: skip
        answer = followed(blog.visitor(), old)
        assert (answer.status_code, answer.request.path) == (200, new), old
    assert blog.visitor().get("/tags/Secret").status_code == 404
    assert printed(report, Topic.CHECK) == [
        f"{site}/source/_posts/two.md: /tags/cups, of “cups”, does not redirect: the blog has another page there"
    ]
    assert counted(report, Item.REDIRECT) == {"new": 4}
    assert counted(run(blog, site), Item.REDIRECT) == {"unchanged": 4}
