"""What only a Jekyll blog can show."""

from pathlib import Path

from site_imports import addresses_in, site_files, written

POST = "---\ntitle: One\n---\ntext\n"
CONFIG = """
collections:
  notes: {output: true, permalink: '/n/:name/'}
  recipes: {output: true}
defaults:
- {scope: {path: '', type: posts}, values: {permalink: '/blog/:title/'}}
- {scope: {path: _posts/private}, values: {published: false}}
"""


def test_defaults_of_the_configuration_hold_where_front_matter_is_silent(tmp_path: Path) -> None:
    site = written(
        tmp_path,
        {
            "_config.yml": CONFIG,
            "_posts/2024-01-01-one.md": POST,
            "_posts/2024-01-02-two.md": "---\npermalink: /two\n---\ntext\n",
            "_posts/private/2024-01-03-three.md": POST,
            "_posts/private/2024-01-04-four.md": "---\npublished: true\n---\ntext\n",
        },
    )
    files = site_files(site)
    assert [each.addresses for each in files.values()] == [
        ("/blog/one/",), ("/two",), ("/blog/three/",), ("/blog/four/",),
    ]  # fmt: skip
    withheld = [name for name, each in files.items() if each.file.withheld]
    assert withheld == ["_posts/private/2024-01-03-three.md"]


def test_collections_have_their_own_addresses(tmp_path: Path) -> None:
    site = written(
        tmp_path, {"_config.yml": CONFIG, "Gemfile": "", "_notes/deep/one.md": POST, "_recipes/deep/one.md": POST}
    )
    assert list(addresses_in(site).values()) == [["/n/one/"], ["/recipes/deep/one.html"]]


def test_spaces_part_the_categories_in_a_line(tmp_path: Path) -> None:
    post = "---\ntitle: One\ncategories: jekyll update\n---\ntext\n"
    site = written(tmp_path, {"_config.yml": "title: x\n", "_posts/2024-01-02-one.md": post})
    (found,) = site_files(site).values()
    assert (found.file.tags, found.addresses) == (["jekyll", "update"], ("/jekyll/update/2024/01/02/one.html",))


def test_a_post_without_a_date_in_its_name_stays_unpublished(tmp_path: Path) -> None:
    site = written(tmp_path, {"_config.yml": "title: x\n", "_posts/one.md": "---\ndate: 2024-01-01\n---\ntext\n"})
    (found,) = site_files(site).values()
    assert found.file.withheld == ("its name does not begin with a date, so Jekyll does not publish it",)


def test_the_home_page_has_no_old_address(tmp_path: Path) -> None:
    site = written(
        tmp_path, {"_config.yml": "baseurl: /b\n", "Gemfile": "", "index.md": "---\ntitle: Home\n---\ntext\n"}
    )
    assert addresses_in(site) == {"index.md": []}
