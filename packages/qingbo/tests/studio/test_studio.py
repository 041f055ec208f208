"""The studio: settings, health, the log, raw data."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from blogs import PASSWORD, Visitor
from qingbo.app import create_app
from qingbo.audit.models import AuditEvent
from qingbo.extensions import db, session
from qingbo.site_settings import SiteSetting
from qingbo.studio.raw_data import SECRETS

pytestmark = pytest.mark.sqlite_first

FORM = {
    "title": "New name",
    "description": "Words.",
    "language": "en",
    "timezone": "Europe/Berlin",
    "posts_per_page": "5",
    "registration": "open",
    "registration_role": "author",
    "guest_comments": "y",
    "comment_hold": "all",
    "comment_links": "0",
    "comment_words": "a, b",
}


def test_settings_hold_from_the_next_page_on(blog: Any) -> None:
    root = blog.visitor("root", "administrator")
    assert root.send("/studio/settings", **FORM).status_code == 303
    page = blog.visitor().read("/")
    assert "New name" in page
    assert "Words." in page
    assert "/register" in page
    page = root.read("/studio/settings")
    assert "checked" not in page.partition('name="comment_challenge"')[2].partition(">")[0]
    event = session().scalars(sa.select(AuditEvent).where(AuditEvent.action == "settings")).one()
    assert "title" in event.subject


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_typographic_quotes_hold_at_once_for_english_posts_and_go_again(blog: Any) -> None:
    root = blog.visitor("root", "administrator")
    words = 'She said "yes" -- and stayed.'
    slug = blog.post("English", words).slug
    german = blog.post("Deutsch", words).slug
    root.send(f"/posts/{german}/edit", title="Deutsch", text=f"{words} Ja.", language="de")
    pages = [f"/posts/{slug}", f"/posts/{german}", "/feed.atom"]
    for fields, counts in ((FORM | {"typographic_quotes": "y"}, [1, 0, 1]), (FORM, [0, 0, 0])):
        assert root.send("/studio/settings", **fields).status_code == 303
        assert [blog.visitor().read(page).count("“yes” – and") for page in pages] == counts
        preview = root.send("/posts/preview", page="/posts/new", text=words).json["html"]
        assert ("“yes”" in preview) == (counts[0] == 1)


def test_what_is_given_in_the_file_stays_as_it_is_there(blog: Any) -> None:
    # The file of the blog under test gives language and timezone.
    root = blog.visitor("root", "administrator")
    page = root.read("/studio/settings")
    assert page.count("Set in qingbo.toml or an environment variable") == 2
    assert root.send("/studio/settings", **(FORM | {"language": "zh", "timezone": "UTC"})).status_code == 303
    assert set(session().scalars(sa.select(SiteSetting.name))).isdisjoint({"language", "timezone"})
    assert 'lang="en"' in blog.visitor().read("/")[:60]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": ""}, "Enter 1 to 100 characters"),
        ({"title": "x" * 101}, "Enter 1 to 100 characters"),
        ({"posts_per_page": "0"}, "Enter a number from 1 to 100."),
        ({"posts_per_page": "many"}, "Not a valid integer"),
        ({"registration": "everybody"}, "Not a valid choice"),
        ({"comment_links": "-1"}, "Enter a number from 0 to 100."),
    ],
)
def test_a_setting_that_cannot_be_is_said_and_nothing_changes(blog: Any, fields: dict[str, str], said: str) -> None:
    root = blog.visitor("root", "administrator")
    answer = root.send("/studio/settings", **(FORM | fields))
    assert answer.status_code == 422
    assert said in answer.text
    assert session().scalar(sa.select(sa.func.count()).select_from(SiteSetting)) == 0


def test_a_setting_of_another_version_does_not_break_the_blog(blog: Any) -> None:
    from qingbo.database import writing

    with writing():
        session().add(SiteSetting(name="posts_per_page", value='"a lot"'))
        session().add(SiteSetting(name="unknown", value="1"))
        session().add(SiteSetting(name="title", value="no JSON"))
        session().commit()
    assert blog.visitor().get("/").status_code == 200


def test_health_says_revision_attic_disk_and_mail(blog: Any) -> None:
    page = re.sub(r"<[^>]+>", " ", blog.visitor("root", "administrator").read("/studio/health"))
    for word in ("Database schema", "0010", "Hidden data", "Disk", "MB free", "Email", "not set up"):
        assert word in page


def test_the_log_goes_back_page_by_page(blog: Any) -> None:
    from qingbo.audit.trail import note
    from qingbo.database import writing

    with writing():
        for number in range(150):
            note(session(), "tested", f"number {number:03}.")
        session().commit()
    root = blog.visitor("root", "administrator")
    first = root.read("/studio/log")
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = root.read(older[1])
    assert sorted(re.findall(r"number \d{3}\.", first + second)) == [f"number {n:03}." for n in range(150)]


def test_raw_data_shows_every_table_and_no_secret(blog: Any) -> None:
    root = blog.visitor("root", "administrator")
    index = root.read("/studio/data/")
    tables = re.findall(r'href="(/studio/data/[a-z_]+/)"', index)
    assert len(tables) >= 14
    stored = session().execute(sa.text("SELECT password, fs_uniquifier FROM users")).one()
    for path in tables:
        page = root.read(path)
        for more in re.findall(r'href="(/studio/data/[^"]+details[^"]+)"', page)[:2]:
            page += root.read(more)
        assert not [value for value in stored if value in page]
        headings = set(re.findall(r"<(?:th|dt)[^>]*>(?:<a[^>]*>)?([a-z_]+)<", page))
        assert not headings & SECRETS, path


def test_raw_data_only_reads(blog: Any) -> None:
    blog.user("target")
    root = blog.visitor("root", "administrator")
    number = session().scalar(sa.text("SELECT id FROM users WHERE name = 'target'"))
    page = root.read("/studio/data/users/")
    for path in ("new/", f"edit/?id={number}", "delete/", "action/", "ajax/update/", "export/csv/"):
        answer = root.send(f"/studio/data/users/{path}", page="/studio/settings", id=str(number), name="changed")
        assert answer.status_code != 200, path
    assert "New row" not in page
    assert session().scalar(sa.text("SELECT name FROM users WHERE name = 'target'")) == "target"


@pytest.fixture
def writing_root(blog: Any) -> Iterator[Visitor]:
    """An administrator of a blog whose raw data may be written."""
    blog.user("root", "administrator")
    file = blog.home / "qingbo.toml"
    file.write_text(file.read_text() + "raw_data_writable = true\n")
    app = create_app(blog.home)
    app.testing = True
    root = Visitor(app.test_client())
    root.send("/login", name="root", password=PASSWORD)
    session().rollback()
    yield root
    with app.app_context():
        db.engine.dispose()


def test_raw_data_writes_where_the_setting_says_so(writing_root: Visitor) -> None:
    root = writing_root
    path = "/studio/data/tags/new/"
    fields = {"name": "new tag", "name_key": "new tag", "slug": "new-tag", "post_count": "0"}
    assert root.send(path, **fields).status_code in {302, 303}
    assert session().scalar(sa.text("SELECT slug FROM tags")) == "new-tag"
    assert root.post(path, data=fields, headers=root.headers).status_code == 400, "without a token"


@pytest.mark.parametrize("path", ["", "users/", "nothing/", "nothing", "users/nothing/"])
def test_the_panel_joins_with_the_first_request_for_it(writing_root: Visitor, path: str) -> None:
    app = writing_root.client.application
    before = len(list(app.url_map.iter_rules()))
    stranger = Visitor(app.test_client()).get(f"/studio/data/{path}")
    assert "/login" in stranger.headers["Location"] if path in {"", "users/"} else stranger.status_code == 404
    assert len(list(app.url_map.iter_rules())) > before + 100
    assert writing_root.get(f"/studio/data/{path}").status_code == (200 if path in {"", "users/"} else 404)
    assert writing_root.get("/studio/data/users").status_code in {301, 308}


def test_the_first_request_for_the_panel_may_be_a_form(writing_root: Visitor) -> None:
    fields = {"name": "new tag", "name_key": "new tag", "slug": "new-tag", "post_count": "0"}
    answer = writing_root.send("/studio/data/tags/new/", page="/studio/settings", **fields)
    assert answer.status_code in {302, 303}
    assert session().scalar(sa.text("SELECT slug FROM tags")) == "new-tag"


def test_the_log_cannot_be_written_as_raw_data(writing_root: Visitor) -> None:
    number = session().scalar(sa.text("SELECT max(id) FROM audit_events"))
    page = writing_root.read("/studio/data/audit_events/")
    assert "New row" not in page
    for path in ("new/", f"edit/?id={number}", "delete/", "action/", "ajax/update/"):
        answer = writing_root.send(
            f"/studio/data/audit_events/{path}", page="/studio/settings", id=str(number), actor_name="nobody"
        )
        assert answer.status_code != 200, path
    session().rollback()
    assert session().scalar(sa.text("SELECT actor_name FROM audit_events")) == "root"


@pytest.mark.parametrize(
    "path",
    [
        "users/?page=9223372036854775807",
        "users/?page=-1",
        "users/?sort=99",
        "users/details/?id=1,2",
        "users/details/?id=x",
        "users/details/",
        "posts_tags/details/?id=1",
        "users/?search=x&flt0_0=y",
    ],
)
def test_odd_questions_to_the_raw_data_are_answered(blog: Any, path: str) -> None:
    assert blog.visitor("root", "administrator").get(f"/studio/data/{path}").status_code < 500
