"""Whole blogs of Hexo, Hugo, Jekyll and Zola: nothing is missing, doubled or published by mistake. On every engine."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from import_reports import counted, printed
from qingbo.extensions import session
from qingbo.imports.listing import list_files
from qingbo.imports.report import Item, Topic
from qingbo.media.models import Media
from qingbo.posts.kinds import PAGE
from sample_sites import SITES, SampleSite
from site_imports import followed, post_with, posts, run

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_first, pytest.mark.parametrize("name", SITES)]


@pytest.fixture
def site(name: str) -> SampleSite:
    return SITES[name]


@pytest.fixture
def folder(site: SampleSite, tmp_path: Path) -> Path:
    return site.write(tmp_path / "site")


def test_the_generator_is_recognised_from_the_site_and_its_posts(name: str, folder: Path) -> None:
    parts = {"hexo": "source/_posts", "hugo": "content/posts", "jekyll": "_posts", "zola": "content/blog"}
    for each in (folder, folder / parts[name]):
        site = list_files(each).site
        assert (site.generator.name, site.root) == (name, folder)


def test_no_text_is_missing_doubled_or_taken_from_elsewhere(blog: Any, site: SampleSite, folder: Path) -> None:
    report = run(blog, folder)
    assert printed(report, Topic.LEFT_OUT) == []
    everything = "\n".join(post.text for post in posts())
    assert {marker: everything.count(marker) for marker in site.markers} == dict.fromkeys(site.markers, 1)
    assert not [marker for marker in site.unused if marker in everything]
    assert report.counts[Item.FILE].total() == site.skipped == counted(report, Item.FILE)["skipped"]
    assert len(posts()) == len(site.markers)
    assert {marker for marker in site.markers if post_with(marker).kind == PAGE} == site.pages


def test_again_and_from_another_place_nothing_is_new(blog: Any, site: SampleSite, folder: Path) -> None:
    run(blog, folder)
    before = [(post.id, post.text, post.updated_at) for post in posts()]
    moved = folder.rename(folder.with_name("moved"))
    copied = shutil.copytree(moved, folder.with_name("copied"))
    for each in (moved, moved, copied):
        report = run(blog, each)
        assert counted(report).keys() | counted(report, Item.PAGE).keys() == {"unchanged"}
        assert counted(report, Item.REDIRECT).keys() <= {"unchanged"}
        assert [(post.id, post.text, post.updated_at) for post in posts()] == before


def test_everything_public_is_at_its_old_addresses(blog: Any, site: SampleSite, folder: Path) -> None:
    report = run(blog, folder)
    visitor = blog.visitor()
    for marker, addresses in site.public.items():
        post = post_with(marker)
        for address in addresses:
            answer = followed(visitor, address)
            assert answer.status_code == 200, address
            assert marker in answer.text, address
            assert post.slug in answer.request.path
    assert "does not redirect" not in " ".join(printed(report, Topic.CHECK))


def test_what_is_withheld_stays_withheld(blog: Any, site: SampleSite, folder: Path) -> None:
    report = run(blog, folder)
    visitor = blog.visitor()
    for marker, addresses in site.withheld.items():
        for address in (*addresses, f"/posts/{post_with(marker).slug}", f"/{post_with(marker).slug}"):
            assert followed(visitor, address).status_code == 404, address
    withheld = len(report.about(Topic.DRAFT)) + len(report.about(Topic.SCHEDULED))
    assert withheld == len(site.withheld)
    for path in ("/", "/archive", "/feed.atom", "/sitemap.xml"):
        page = visitor.get(path).text
        assert not [marker for marker in site.withheld if marker in page or f"/{post_with(marker).slug}<" in page]


def test_every_picture_arrives(blog: Any, site: SampleSite, folder: Path) -> None:
    report = run(blog, folder)
    assert report.about(Topic.MISSING) == []
    assert counted(report, Item.PICTURE) == {"new": site.pictures}
    assert session().scalar(sa.select(sa.func.count()).select_from(Media)) == site.pictures


def test_a_dry_run_says_the_same(blog: Any, site: SampleSite, folder: Path) -> None:
    dry = run(blog, folder, is_dry=True)
    assert posts() == []
    real = run(blog, folder)
    assert (dry.counts, dry.remarks) == (real.counts, real.remarks)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_without_the_right_to_make_pages_they_are_left_out(blog: Any, site: SampleSite, folder: Path) -> None:
    report = run(blog, folder, role="author")
    assert len(report.about(Topic.LEFT_OUT)) == len(site.pages)
    assert "Only editors and administrators can create pages" in report.about(Topic.LEFT_OUT)[0].text
