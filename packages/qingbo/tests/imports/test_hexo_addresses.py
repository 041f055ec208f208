"""The addresses of a Hexo blog."""

from pathlib import Path

import pytest
from site_imports import addresses_in, written


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("posts/:abbrlink.html", "/blog/posts/4a17b156.html"),
        (":lang/:title/", "/blog/zh/one/"),
        (":hash/", "/blog/47aa30f85911/"),
        (":id/", None),
    ],
)
def test_front_matter_fills_patterns_of_addresses(tmp_path: Path, pattern: str, address: str | None) -> None:
    config = f"root: /blog/\npermalink: {pattern}\npermalink_defaults: {{lang: zh}}\n"
    post = "---\ntitle: One\ndate: 2024-01-01\nabbrlink: 4a17b156\nempty:\n---\ntext\n"
    site = written(tmp_path, {"_config.yml": config, "source/_posts/one.md": post})
    assert addresses_in(site) == {"source/_posts/one.md": [address] if address else []}
