"""The addresses and pages of a Hexo blog."""

from pathlib import Path

import pytest
from qingbo.imports.site_file import NotPublished
from site_imports import addresses_in, site_files, written


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("posts/:abbrlink.html", "/blog/posts/4a17b156.html"),
        (":lang/:title/", "/blog/zh/one/"),
        (":hash/", "/blog/47aa30f85911/"),
        (":id/", None),
        (":tea/", "/blog/a%23b%3F/"),
    ],
)
def test_front_matter_fills_patterns_of_addresses(tmp_path: Path, pattern: str, address: str | None) -> None:
    config = f"root: /blog/\npermalink: {pattern}\npermalink_defaults: {{lang: zh}}\n"
    post = "---\ntitle: One\ndate: 2024-01-01\nabbrlink: 4a17b156\ntea: a#b?\nempty:\n---\ntext\n"
    site = written(tmp_path, {"_config.yml": config, "source/_posts/one.md": post})
    assert addresses_in(site) == {"source/_posts/one.md": [address] if address else []}


def test_a_page_without_a_text_is_passed_over(tmp_path: Path) -> None:
    page = "---\ntitle: Links\ntype: link\n---\n"
    site = written(tmp_path, {"source/links/index.md": page, "source/_posts/one.md": "---\ntitle: One\n---\ntext\n"})
    with pytest.raises(NotPublished, match="the theme fills this page"):
        site_files(site)
