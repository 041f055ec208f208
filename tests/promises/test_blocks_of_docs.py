"""No code block of the docs is left to chance: a test types it, writes it into a file or checks it."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from guides import CHECKED, COMMANDS, GUIDES
from page_blocks import blocks_of
from qingbo.config import Settings
from qingbo.styling.custom_css import checked_css
from reader import FILES

ROOT = Path(__file__).parents[2]
PAGES = {
    str(path.relative_to(ROOT)): path
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/*.md")])
}


def english(page: str) -> str:
    return page.replace(".zh-CN.md", ".md")


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_a_page_is_followed_or_checked(page: str) -> None:
    text = PAGES[page].read_text(encoding="utf-8")
    # A fence without a language is around a drawing.
    assert len(blocks_of(PAGES[page])) == len(re.findall(r"^ *```\w", text, re.MULTILINE))
    assert not re.search(r"^ *```\n(?:\$ )?(?:qingbo|flask|python|make) ", text, re.MULTILINE)
    for block in blocks_of(PAGES[page]):
        if block.role not in FILES and block.language in CHECKED:
            continue
        assert block.role in {*FILES, "shell"} or block.language in COMMANDS, f"line {block.line}: {block.language}"
        assert english(page) in GUIDES, f"line {block.line}: no test follows this page"


@pytest.mark.parametrize("page", GUIDES)
def test_what_is_left_out_or_done_before_is_on_the_page(page: str) -> None:
    guide = GUIDES[page]
    texts = [block.text for block in blocks_of(PAGES[page])]
    assert all(any(text.startswith(start) for text in texts) for start in {**guide.without, **guide.first})
    assert all(guide.without.values())
    everything = "".join(texts)
    assert [old for old in guide.replaced if old not in everything] == []


def _is_prometheus(text: str) -> None:
    assert yaml.safe_load(text)["scrape_configs"]


def _are_settings(text: str) -> None:
    assert Settings.model_validate(tomllib.loads(text))


def _is_own_css(text: str) -> None:
    assert checked_css(text)


# `rendering/test_reference.py` renders the Markdown.
CHECKS: dict[str, Callable[[str], None]] = {"css": _is_own_css, "toml": _are_settings, "yaml": _is_prometheus}


def test_every_block_that_is_checked_is_valid() -> None:
    checked = 0
    for path in PAGES.values():
        blocks = [(block.language, block.text) for block in blocks_of(path)]
        written = re.findall(r"qingbo\.toml <<'EOF'\n(.*?)^EOF$", path.read_text(), re.DOTALL | re.MULTILINE)
        for language, text in [*blocks, *(("toml", text) for text in written)]:
            if language in CHECKS:
                CHECKS[language](text)
                checked += 1
    assert checked > 8
