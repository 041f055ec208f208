"""What only a blog of Hugo or Zola can show."""

from pathlib import Path

from site_imports import addresses_in, site_files, written

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
