"""`make docs` builds in both languages without a warning, and no link of the result is broken."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
CHINESE = ".zh-CN.md"
KINDS = ("tutorial", "how-to", "reference")
CHINESE_PAGES = sorted(ROOT.glob(f"docs/**/*{CHINESE}"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    for language in ("en", "zh"):
        command = ["sphinx-build", "--quiet", "--fail-on-warning", "--keep-going", "--conf-dir", "docs"]
        done = subprocess.run(
            [str(Path(sys.executable).with_name(command[0])), *command[1:],
             "--doctree-dir", folder / "doctrees" / language, ROOT, folder / "docs" / language],
            cwd=ROOT, env={**os.environ, "DOCS_LANGUAGE": language}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
    (folder / "docs/index.html").write_bytes((ROOT / "docs/languages.html").read_bytes())
    return folder / "docs"


@cache
def _parsed(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def _targets(page: Path) -> Iterator[str]:
    for name in ("href", "src"):
        yield from (str(tag[name]) for tag in _parsed(page).find_all(attrs={name: True}))


@pytest.mark.slow
def test_no_link_of_the_site_is_broken(site: Path) -> None:
    pages = [page for page in site.rglob("*.html") if "_static" not in page.parts]
    assert len(pages) > 60
    for page in pages:
        for target in _targets(page):
            parts = urlsplit(target)
            if parts.scheme or not (parts.path or parts.fragment):
                continue
            place = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert place.exists(), f"{page}: {target}"
            if parts.fragment and place.suffix == ".html":
                assert _parsed(place).find(id=unquote(parts.fragment)), f"{page}: {target}"


@pytest.mark.slow
def test_every_page_can_be_reached_from_the_navigation(site: Path) -> None:
    for language, first in (("en", "README"), ("zh", "README.zh-CN")):
        start = site / language / "docs" / f"{first}.html"
        side = _parsed(start).select_one(".sidebar-tree")
        assert side is not None
        linked = {(start.parent / str(link["href"])).resolve() for link in side.find_all("a") if link["href"] != "#"}
        built = {page.resolve() for page in (site / language).rglob("*.html") if "_static" not in page.parts}
        assert {page.name for page in built - linked} == {f"{first}.html", "index.html", "search.html"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_of_these_kinds_is_in_both_languages(kind: str) -> None:
    folder = ROOT / "docs" / kind
    chinese = {path.name.removesuffix(CHINESE) for path in folder.glob(f"*{CHINESE}")}
    english = {path.stem for path in folder.glob("*.md") if not path.name.endswith(CHINESE)}
    assert chinese == english


def english_of(chinese: Path) -> Path:
    return chinese.with_name(chinese.name.replace(CHINESE, ".md"))


def test_both_languages_have_the_same_code_blocks() -> None:
    pages = [*CHINESE_PAGES, ROOT / f"README{CHINESE}"]
    for chinese in pages:
        assert blocks(chinese) == blocks(english_of(chinese)), chinese
    assert sum(len(blocks(chinese)) for chinese in pages) > 100


def blocks(page: Path) -> list[str]:
    """Return the code blocks of a page without comments, which are in the page's language."""
    found = re.findall(r"^```.*?^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [re.sub(r"\s*# .*", "", block) for block in found]


def test_pages_of_two_languages_link_to_each_other() -> None:
    for chinese in CHINESE_PAGES:
        english = english_of(chinese)
        assert f"[English]({english.name})" in chinese.read_text(encoding="utf-8")
        assert f"[中文]({chinese.name})" in english.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", CHINESE_PAGES, ids=lambda page: page.name)
def test_both_languages_have_the_same_parts_and_name_the_same_code(page: Path) -> None:
    """Headings, rows of tables and items of lists are in the same order; what is written as code is the same."""
    assert outline(page) == outline(english_of(page))
    assert code(page) == code(english_of(page))


def outline(page: Path) -> list[str]:
    """Return the beginnings of the lines that structure a page, such as ``##`` and ``|``."""
    return re.findall(r"^(?:#+(?= )|\||\*(?= )|\d+\.(?= ))", without_blocks(page), re.MULTILINE)


def code(page: Path) -> set[str]:
    return set(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", without_blocks(page)))


def without_blocks(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
