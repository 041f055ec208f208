"""sitemap.xml and robots.txt."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.posts.bin import delete_post
from qingbo.posts.models import Tag
from qingbo.site import sitemap
from qingbo.site.crawlers import AI_CRAWLERS
from sitemap_rules import addresses_in, is_index, sitemap_problems

pytestmark = pytest.mark.sqlite_first

ADDRESS = "https://blog.example.com"


@pytest.fixture
def filled(blog: Any) -> Any:
    """A blog with pages of every sort over three years, and posts that are not for everybody."""
    settings = blog.app.extensions["qingbo_settings"]
    blog.app.extensions["qingbo_settings"] = settings.model_copy(update={"address": ADDRESS})
    ann, ed = blog.user("ann"), blog.user("ed", "editor")
    for year in (2021, 2024, 2025):
        for number in range(4):
            at = datetime(year, 3, number + 1, tzinfo=UTC)
            blog.post(f"Post {year} {number}", author=ann, tags=["茶 & <tea>", "a"], series="Learning", published_at=at)
    blog.post("About", author=ed, kind="page")
    hidden = {"author": ed, "tags": ["hidden"], "series": "Hidden series"}
    blog.post("Hidden draft", **hidden, published_at=None)
    blog.post("Hidden tomorrow", **hidden, published_at=now() + timedelta(days=1))
    blog.post("Hidden private", **hidden, visibility="private")
    blog.post("Hidden unlisted", **hidden, visibility="unlisted")
    blog.post("Hidden page", author=ed, kind="page", visibility="private")
    binned = blog.post("Hidden in the trash", **hidden)
    with writing():
        delete_post(session(), binned)
        session().execute(sa.update(Tag).where(Tag.name == "a").values(slug="a b&ü"))
        session().commit()
    return blog


def fetched(blog: Any, path: str) -> bytes:
    response = blog.visitor().get(path)
    assert (response.status_code, response.mimetype) == (200, "application/xml"), path
    data: bytes = response.data
    assert sitemap_problems(data, ADDRESS) == []
    return data


def test_the_sitemap_has_every_public_page_and_all_of_them_answer(filled: Any) -> None:
    document = fetched(filled, "/sitemap.xml")
    assert not is_index(document)
    found = [each.removeprefix(ADDRESS) for each in addresses_in(document)]
    posts = [f"/posts/post-{year}-{number}" for year in (2021, 2024, 2025) for number in range(4)]
    others = ["/", "/about", "/tags/cha-tea", "/tags/a%20b%26%C3%BC", "/users/ann", "/series/learning"]
    assert sorted(found) == sorted([*posts, *others])
    assert {path: filled.visitor().get(path).status_code for path in found} == dict.fromkeys(found, 200)
    assert document.count(b"<lastmod>") == len(found)


def test_above_the_limit_there_is_an_index_by_year_with_the_same_pages(
    filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = addresses_in(fetched(filled, "/sitemap.xml"))
    monkeypatch.setattr(sitemap, "MOST_IN_ONE", len(whole))
    assert not is_index(fetched(filled, "/sitemap.xml"))
    monkeypatch.setattr(sitemap, "MOST_IN_ONE", len(whole) - 1)
    monkeypatch.setattr(sitemap, "MOST_IN_FILE", 3)
    filled.forget_pages()
    index = fetched(filled, "/sitemap.xml")
    assert is_index(index)
    files = [each.removeprefix(f"{ADDRESS}/sitemap-") for each in addresses_in(index)]
    years = [f"{year}{part}.xml" for year in (2021, 2024, 2025) for part in ("", "-2")]
    assert files == ["pages.xml", "tags.xml", "people.xml", "series.xml", *years]
    found = [each for name in files for each in addresses_in(fetched(filled, f"/sitemap-{name}"))]
    assert sorted(found) == sorted(whole)


@pytest.mark.parametrize(
    "name",
    ["none", "2022", "2021-2", "2021-0", "2021-01", "2021-x", "2021-", "pages-2", "99999", "٢٠٢١", "2021-٢", "1"],
)
def test_there_are_no_other_files(filled: Any, name: str) -> None:
    assert filled.visitor().get(f"/sitemap-{name}.xml").status_code == 404


def test_posts_from_before_the_years_of_the_archive_are_in_the_first_file(
    blog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = blog.app.extensions["qingbo_settings"]
    blog.app.extensions["qingbo_settings"] = settings.model_copy(update={"address": ADDRESS})
    for year in (1200, 1826, 2025):
        blog.post(f"Post {year}", published_at=datetime(year, 6, 1, tzinfo=UTC))
    monkeypatch.setattr(sitemap, "MOST_IN_ONE", 1)
    files = addresses_in(fetched(blog, "/sitemap.xml"))
    assert f"{ADDRESS}/sitemap-1826.xml" in files
    found = [each for name in files for each in addresses_in(fetched(blog, name.removeprefix(ADDRESS)))]
    assert len([each for each in found if "/posts/" in each]) == 3


def test_an_empty_blog_has_its_first_page_in_the_sitemap(blog: Any) -> None:
    document = blog.visitor().get("/sitemap.xml").data
    assert addresses_in(document) == ["http://localhost/"]


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap-pages.xml", "/robots.txt", "/opensearch.xml"])
def test_without_an_address_nothing_with_links_is_kept_or_shared(blog: Any, path: str) -> None:
    response = blog.visitor().get(path, headers={"Host": "evil.example"})
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Host" in response.headers["Vary"]
    settings = blog.app.extensions["qingbo_settings"]
    blog.app.extensions["qingbo_settings"] = settings.model_copy(update={"address": ADDRESS})
    response = blog.visitor().get(path, headers={"Host": "evil.example"})
    assert "evil.example" not in response.text
    assert "no-store" not in response.headers["Cache-Control"]
    again = blog.visitor().get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("posts", [1, 40])
def test_the_sitemap_asks_the_database_a_constant_number_of_times(
    blog: Any, posts: int, count_queries: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(posts):
        blog.post(f"Post {number}", tags=[f"tag {number}"], series=f"Series {number % 3}")
    statements = count_queries(lambda: blog.visitor().get("/sitemap.xml"))
    assert len(statements) == 6  # the newest post, pages, tags, people, series, posts
    assert not any("posts.text" in statement for statement in statements)
    year = now().astimezone(UTC).year
    assert len(count_queries(lambda: blog.visitor().get(f"/sitemap-{year}.xml"))) <= 4


def robots(blog: Any) -> str:
    response = blog.visitor().get("/robots.txt")
    assert (response.status_code, response.mimetype) == (200, "text/plain")
    return str(response.text)


def test_robots_are_told_what_is_not_for_them(blog: Any) -> None:
    text = robots(blog)
    assert text.startswith("User-agent: *\nDisallow: /account$\n")
    assert "Sitemap" not in text  # it needs a whole address, and the request's is anybody's
    settings = blog.app.extensions["qingbo_settings"]
    blog.app.extensions["qingbo_settings"] = settings.model_copy(update={"address": ADDRESS})
    assert robots(blog).endswith(f"\n\nSitemap: {ADDRESS}/sitemap.xml\n")


def test_a_setting_turns_crawlers_of_language_models_away(blog: Any) -> None:
    assert "GPTBot" not in robots(blog)
    blog.change_settings(ai_crawlers="refuse")
    groups = robots(blog).strip().split("\n\n")
    assert groups[1].split("\n") == [*(f"User-agent: {name}" for name in AI_CRAWLERS), "Disallow: /"]
    assert {"GPTBot", "ClaudeBot", "CCBot", "Google-Extended", "PerplexityBot", "Bytespider"} <= set(AI_CRAWLERS)
    assert not {"Googlebot", "bingbot", "Baiduspider"} & set(AI_CRAWLERS)
    assert len({name.lower() for name in AI_CRAWLERS}) == len(AI_CRAWLERS)
