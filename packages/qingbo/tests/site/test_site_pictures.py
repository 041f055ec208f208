"""Logo, cover and icon: their HTML, who sees them, and that they cannot be deleted while in use."""

import json
import re
from typing import Any

import pytest
import sample_media as samples
import sqlalchemy as sa
from media_uploads import take
from qingbo.background import background_of
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.media.addresses import address_of
from qingbo.media.models import Media
from qingbo.site_settings import DRAFTS, SiteSetting
from qingbo.tasks import JOBS

pytestmark = pytest.mark.sqlite_first


@pytest.fixture(autouse=True)
def _know_no_picture(blog: Any) -> None:
    blog.app.extensions.pop("qingbo_site_pictures", None)


def head(blog: Any, path: str = "/") -> str:
    return str(blog.visitor().get(path).text.partition("</header>")[0])


def images(html: str) -> list[str]:
    return re.findall(r"<img [^>]*>", html)


def icons(html: str) -> list[str]:
    return re.findall(r'<link rel="(?:icon|apple-touch-icon)"[^>]*>', html)


def test_without_pictures_pages_have_our_mark(blog: Any) -> None:
    page = head(blog)
    assert re.fullmatch(r'<img src="/static/v-\w+/mark\.svg" alt="" width="30" height="30">', images(page)[0])
    assert re.fullmatch(r'<link rel="icon" href="/static/v-\w+/mark\.svg" type="image/svg\+xml">', icons(page)[0])
    assert "site-cover" not in blog.visitor().read("/")


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [(300, 100, (120, 40)), (32, 20, (32, 20)), (40, 40, (40, 40)), (2000, 100, (240, 12)), (100, 900, (4, 40))],
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_logo_is_as_high_as_a_line_of_the_header_and_says_its_size(
    blog: Any, width: int, height: int, shown: tuple[int, int]
) -> None:
    media = take(blog, samples.png(width, height), "logo.png")
    blog.change_settings(logo=address_of(media))
    assert images(head(blog)) == [f'<img src="{address_of(media)}" alt="" width="{shown[0]}" height="{shown[1]}">']
    background_of(blog.app).work_off(JOBS)
    session().expire_all()
    small = f"/media/{media.handle}/~480.webp" if width > 480 else address_of(media)
    assert images(head(blog, "/no")) == [f'<img src="{small}" alt="" width="{shown[0]}" height="{shown[1]}">']


def test_icons_are_named_in_the_sizes_that_there_are(blog: Any) -> None:
    for width, expected in ((512, [(480, "webp"), (512, "png")]), (180, [(180, "png")]), (900, [(480, "webp")])):
        media = take(blog, samples.png(width, width), "icon.png")
        background_of(blog.app).work_off(JOBS)
        blog.change_settings(favicon=address_of(media))
        found = icons(head(blog))
        said = [re.search(r'type="image/(\w+)" sizes="(\d+)x(\d+)"', each) for each in found[:-1]]
        assert [(int(each[2]), each[1]) for each in said if each and each[2] == each[3]] == expected
        assert 'rel="apple-touch-icon"' in found[-1]
        for link in found:
            address = re.search(r'href="([^"]+)"', link)
            assert address
            assert blog.visitor().get(address[1]).status_code == 200


def test_the_cover_is_on_the_first_page_alone_and_costs_it_one_query(blog: Any, count_queries: Any) -> None:
    blog.visitor().get("/")
    before = len(count_queries(lambda: blog.visitor().get("/")))
    media = take(blog, samples.jpeg(1700, 500), "cover.jpg")
    background_of(blog.app).work_off(JOBS)
    with writing():
        session().execute(sa.update(Media).values(alt='A "bridge"'))
        session().commit()
    blog.change_settings(cover=address_of(media), logo=address_of(media), favicon=address_of(media))
    blog.visitor().get("/archive")  # from here on, logo and icon are known
    cover = blog.visitor().get("/").text.partition('site-cover">')[2].partition("</div>")[0]
    assert 'alt="A &quot;bridge&quot;"' in cover
    assert 'width="1700" height="500"' in cover
    assert 'fetchpriority="high"' in cover
    assert len(count_queries(lambda: blog.visitor().get("/"))) == before + 1
    assert "site-cover" not in blog.visitor().read("/archive")


def test_everybody_sees_a_picture_of_the_site_as_long_as_it_is_one(blog: Any) -> None:
    names = ("logo", "cover", "favicon")
    files = {name: take(blog, samples.jpeg(200 + place, 90), f"{name}.jpg") for place, name in enumerate(names)}
    files["custom_css"] = take(blog, samples.jpeg(333, 90), "ground.jpg")
    for name, media in files.items():
        address = address_of(media)
        assert blog.visitor().get(address).status_code == 404
        blog.change_settings(**{name: f"body {{ background: url({address}) }}" if name == "custom_css" else address})
        answer = blog.visitor().get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=3600")
        blog.change_settings(**{name: ""})
        assert blog.visitor().get(address).status_code == 404


def test_a_picture_of_the_site_or_of_a_draft_of_its_look_is_not_deleted(blog: Any) -> None:
    used, tried, free = (take(blog, samples.jpeg(200 + place, 90), f"{place}.jpg") for place in range(3))
    numbers = [str(each.id) for each in (used, tried, free)]
    addresses = [address_of(each) for each in (used, tried, free)]
    blog.change_settings(logo=addresses[0])
    with writing():
        value = json.dumps({"cover": addresses[1]})
        session().execute(sa.insert(SiteSetting).values(name=f"{DRAFTS}7", value=value))
        session().commit()
    root = blog.visitor("root", "administrator")
    page = root.read("/studio/media")
    assert (page.count("Used by the blog"), page.count("Unused")) == (2, 1)
    root.send("/studio/media/delete", page="/studio/media", media=numbers)
    assert "Not deleted, because they are still in use:" in root.read("/studio/media")
    assert [root.get(address).status_code for address in addresses] == [200, 200, 404]
    blog.change_settings(logo="")
    root.send("/studio/media/delete", page="/studio/media", media=numbers[:1])
    assert root.get(addresses[0]).status_code == 404


def test_what_is_not_there_or_no_picture_leaves_pages_as_they_are(blog: Any) -> None:
    film = take(blog, samples.MP4, "film.mp4")
    plain = head(blog)
    for address in ("/media/0123456789ab/gone.png", address_of(film)):
        blog.change_settings(logo=address, cover=address, favicon=address)
        assert images(head(blog)) == images(plain)
        assert icons(head(blog)) == icons(plain)
        assert "site-cover" not in blog.visitor().read("/")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_without_the_database_error_pages_ask_for_no_picture(blog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    media = take(blog, samples.png(80, 40), "logo.png")
    settings = blog.app.extensions["qingbo_settings"]
    blog.app.extensions["qingbo_settings"] = settings.model_copy(
        update={"logo": address_of(media), "cover": address_of(media)}
    )

    def gone(*args: Any) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr("qingbo.site.views.listing.published_page", gone)
    monkeypatch.setattr("qingbo.appearance.pictures.picture_at", gone)
    monkeypatch.setattr("qingbo.media.decorating.picture_at", gone)
    answer = blog.visitor().get("/")
    assert answer.status_code == 503
    assert "Temporarily unavailable" in answer.text
