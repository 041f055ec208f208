"""What only a blog of Hugo or Zola can show."""

from pathlib import Path
from typing import Any

import pytest
from qingbo.imports.report import Topic
from qingbo.imports.site_file import NotPublished
from site_imports import addresses_in, followed, run, site_files, written

POST = "---\ntitle: One\ndate: 2024-01-01\n---\ntext\n"


def test_the_configuration_may_be_a_folder_of_files(tmp_path: Path) -> None:
    site = written(
        tmp_path,
        {
            "config/_default/hugo.toml": "baseURL = 'https://tea.example/'\n",
            "config/_default/languages.zh.toml": "languageName = '中文'\ncontentDir = 'content/chinese'\n",
            "config/_default/languages.en.toml": "contentDir = 'content/english'\n",
            "config/_default/permalinks.yaml": "post: /p/:slug/\n",
            "content/chinese/post/one.md": POST,
            "content/english/post/one.md": POST,
            "content/english/about.md": "---\ntitle: About\n---\ntext\n",
        },
    )
    assert addresses_in(site) == {
        "content/chinese/post/one.md": ["/zh/p/one/"],
        "content/english/about.md": ["/about"],
        "content/english/post/one.md": ["/p/one/"],
    }
    assert [name for name, each in site_files(site).items() if each.is_page] == ["content/english/about.md"]


def test_a_zola_site_names_its_default_language(tmp_path: Path) -> None:
    site = written(
        tmp_path,
        {
            "config.toml": "base_url = 'https://tea.example'\ndefault_language = 'zh'\n[languages.en]\n",
            "content/blog/one/index.md": POST,
            "content/blog/one/index.en.md": POST,
        },
    )
    assert addresses_in(site) == {
        "content/blog/one/index.en.md": ["/en/blog/one"],
        "content/blog/one/index.md": ["/blog/one"],
    }


def test_the_home_page_has_no_old_address_and_the_slug_of_its_title(tmp_path: Path) -> None:
    site = written(
        tmp_path,
        {"hugo.toml": "", "content/_index.md": "---\ntitle: Welcome\n---\ntext\n", "content/posts/one.md": POST},
    )
    home = site_files(site)["content/_index.md"]
    assert (home.is_page, home.addresses, home.file.slug) == (True, (), "")


def test_the_page_of_a_tag_has_no_old_address_of_its_own(tmp_path: Path) -> None:
    page = "---\ntitle: Tea\n---\nAbout tea.\n"
    site = written(
        tmp_path, {"hugo.toml": "title = 'x'\n", "content/tags/tea/_index.md": page, "content/posts/_index.md": page}
    )
    assert addresses_in(site) == {"content/posts/_index.md": ["/posts"], "content/tags/tea/_index.md": []}


def test_signs_and_zones_in_addresses(tmp_path: Path) -> None:
    post = "---\ntitle: 'C# & C++: 100%'\ndate: 2024-01-02T01:00:00+08:00\n---\ntext\n"
    site = written(
        tmp_path,
        {
            "hugo.toml": "[permalinks]\nnotes = '/:year/:month/:day/:title/'\n",
            "content/notes/one.md": post,
            "content/posts/C# & C++.md": post,
        },
    )
    assert list(addresses_in(site).values()) == [["/2024/01/02/c%23-c++-100/"], ["/posts/c%23-c++"]]


def test_a_page_without_a_text_is_passed_over(tmp_path: Path) -> None:
    site = written(tmp_path, {"hugo.toml": "", "content/search.md": "---\ntitle: S\nlayout: search\n---\n"})
    with pytest.raises(NotPublished, match="the theme fills this page"):
        site_files(site)


@pytest.mark.parametrize(
    "section",
    [
        "cascade: {draft: true}\n",
        "cascade:\n  build: {render: never}\n",
        "cascade:\n- _target: {path: '/posts/deep/**'}\n  draft: true\n",
        "cascade: {params: {draft: true}, target: {kind: page}}\n",
        "draft: true\n",
    ],
)
def test_a_section_withholds_what_is_in_it(tmp_path: Path, section: str) -> None:
    site = written(
        tmp_path,
        {
            "hugo.toml": "",
            "content/posts/_index.md": f"---\ntitle: S\n{section}---\nAbout it.\n",
            "content/posts/deep/one.md": POST,
            "content/notes/one.md": POST,
        },
    )
    withheld = [name for name, each in site_files(site).items() if each.file.withheld]
    assert [name for name in withheld if "_index" not in name] == ["content/posts/deep/one.md"]


def test_a_cascade_reaches_what_its_target_names_and_front_matter_wins(tmp_path: Path) -> None:
    cascade = "cascade:\n- target: {path: /posts/old/**}\n  draft: true\n- target: {kind: section}\n  draft: true\n"
    site = written(
        tmp_path,
        {
            "hugo.yaml": cascade,
            "content/posts/new/one.md": POST,
            "content/posts/old/one.md": POST,
            "content/posts/old/two.md": "---\ntitle: Two\ndate: 2024-01-01\ndraft: false\n---\ntext\n",
        },
    )
    withheld = [name for name, each in site_files(site).items() if each.file.withheld]
    assert withheld == ["content/posts/old/one.md"]


def test_a_file_in_a_bundle_is_no_page(tmp_path: Path) -> None:
    site = written(
        tmp_path, {"hugo.toml": "", "content/posts/one/index.md": POST, "content/posts/one/parts/two.md": POST}
    )
    files = site_files(site)
    assert files["content/posts/one/index.md"].file.withheld == ()
    (reason,) = files["content/posts/one/parts/two.md"].file.withheld
    assert reason == "it belongs to the page one, and Hugo makes no page of it"


def test_what_zola_does_not_render_is_withheld(tmp_path: Path) -> None:
    post = "+++\ntitle = 'One'\ndate = 2024-01-01\nrender = false\n+++\ntext\n"
    site = written(tmp_path, {"config.toml": "base_url = 'https://tea.example'\n", "content/blog/one.md": post})
    (found,) = site_files(site).values()
    assert found.file.withheld == ("render: false",)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_files_with_the_same_name_keep_their_addresses(blog: Any, tmp_path: Path) -> None:
    contents = {
        "content/notes/tea.md": "marker1", "content/posts/tea.md": "marker2", "content/posts/tea.en.md": "marker3",
        "content/news/about.md": "marker4", "content/about.md": "marker5",
    }  # fmt: skip
    files = {name: POST.replace("text", marker) for name, marker in contents.items()}
    languages = "defaultContentLanguage: zh\nlanguages:\n  zh: {}\n  en: {}\n"
    report = run(blog, written(tmp_path, {"hugo.yaml": languages, **files}))
    for address, marker in {
        "/notes/tea/": "marker1", "/posts/tea/": "marker2", "/en/posts/tea/": "marker3", "/news/about/": "marker4",
        "/about/": "marker5",
    }.items():  # fmt: skip
        assert marker in followed(blog.visitor(), address).text, address
    assert report.about(Topic.CHECK) == []
