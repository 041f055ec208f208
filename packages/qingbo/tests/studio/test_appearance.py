"""The studio's appearance page: previewing, saving, discarding, and what is refused."""

import json
import re
from html import unescape
from typing import Any

import pytest
import sample_media as samples
import sqlalchemy as sa
from blogs import Visitor
from media_uploads import multipart, take
from qingbo.audit.models import AuditEvent
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.media.addresses import address_of
from qingbo.media.models import Media
from qingbo.site import stylesheets
from qingbo.site_settings import DRAFTS, SiteSetting, saved_settings
from werkzeug.test import TestResponse

PAGE = "/studio/appearance"
CSS = "h1 { order: 7 }"
FORM = {
    "theme": "serif",
    "accent": "#c0392b",
    "logo": "",
    "cover": "",
    "favicon": "",
    "home_layout": "cards",
    "footer_text": "[ICP](https://beian.miit.gov.cn/)",
    "custom_css": CSS,
}
BAR = 'class="preview-bar"'


pytestmark = pytest.mark.sqlite_first


@pytest.fixture(autouse=True)
def _know_no_picture(blog: Any) -> None:
    blog.app.extensions.pop("qingbo_site_pictures", None)


@pytest.fixture
def root(blog: Any) -> Visitor:
    visitor: Visitor = blog.visitor("root", "administrator")
    return visitor


def preview(visitor: Visitor, **fields: str) -> TestResponse:
    return visitor.send(PAGE, **(FORM | {"do": "preview"} | fields))


def upload(visitor: Visitor, files: list[tuple[str, str, bytes]], **fields: str) -> TestResponse:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', visitor.get(PAGE).text)
    assert token
    body, kind = multipart(FORM | {"do": "save", "csrf_token": token[1]} | fields, files)
    return visitor.post(PAGE, data=body, content_type=kind, headers=visitor.headers)


def sheet(visitor: Visitor, path: str = "/") -> TestResponse:
    found = re.search(r'href="(/styles/(?:reader|preview)\.css\?v=\w+)"', visitor.read(path))
    assert found
    return visitor.get(found[1])


def test_what_is_saved_is_seen_by_everybody_and_is_in_the_log(blog: Any, root: Visitor) -> None:
    assert root.send(PAGE, **FORM, do="save").status_code == 303
    assert saved_settings().model_dump(include=set(FORM)) == FORM
    guest = blog.visitor()
    assert CSS in sheet(guest).text
    assert "#c0392b" in sheet(guest).text
    assert "@layer theme {" in sheet(guest).text
    assert ">ICP</a>" in guest.read("/")
    assert BAR not in root.read("/")
    event = session().scalars(sa.select(AuditEvent).where(AuditEvent.action == "appearance")).one()
    assert event.subject == "theme, accent, custom_css, home_layout, footer_text"
    assert root.send(PAGE, **FORM, do="save").status_code == 303
    assert session().scalar(sa.select(sa.func.count(AuditEvent.id)).filter_by(action="appearance")) == 1


def test_a_preview_is_seen_by_the_browser_that_made_it_alone(blog: Any, root: Visitor) -> None:
    guest, other = blog.visitor(), blog.visitor("other", "administrator")
    before = guest.get("/").data, sheet(guest).data
    answer = preview(root)
    assert (answer.status_code, answer.location) == (303, "/")
    for path in ("/", "/archive", "/no", PAGE):
        page = root.get(path)
        assert BAR in page.text
        assert ">ICP</a>" in page.text
        assert page.headers["Cache-Control"] == "private, no-store"
    shown = sheet(root)
    assert CSS in shown.text
    assert ".preview-bar" in shown.text
    assert shown.headers["Cache-Control"] == "private, no-store"
    for visitor in (guest, other, blog.visitor("root")):
        page = visitor.read("/")
        assert BAR not in page
        assert ">ICP</a>" not in page
        assert CSS not in sheet(visitor).text
    assert (guest.get("/").data, sheet(guest).data) == before
    assert saved_settings().accent == ""
    assert session().scalars(sa.select(AuditEvent).where(AuditEvent.action == "appearance")).all() == []


def test_the_stylesheet_of_a_preview_is_given_to_nobody_else(blog: Any, root: Visitor) -> None:
    preview(root)
    address = re.search(r'href="(/styles/preview\.css\?v=(\w+))"', root.read("/"))
    assert address
    for visitor in (blog.visitor(), blog.visitor("ann"), blog.visitor("other", "administrator")):
        assert visitor.get(address[1]).status_code == 404
        assert CSS not in visitor.get(f"/styles/reader.css?v={address[2]}").text
    assert CSS not in root.get(f"/styles/reader.css?v={address[2]}").text
    assert address[2] not in stylesheets._named


def test_the_bar_saves_what_is_tried_out(blog: Any, root: Visitor) -> None:
    preview(root)
    assert root.send(f"{PAGE}/draft", page="/", do="save").status_code == 303
    assert CSS in sheet(blog.visitor()).text
    assert BAR not in root.read("/")
    assert drafts() == []


def test_the_bar_discards_what_is_tried_out(blog: Any, root: Visitor) -> None:
    preview(root)
    assert root.send(f"{PAGE}/draft", page="/", do="discard").status_code == 303
    assert BAR not in root.read("/")
    assert CSS not in sheet(root).text
    assert CSS not in root.read(PAGE)
    assert drafts() == []


def test_one_goes_on_with_what_is_tried_out_in_another_browser_too(blog: Any, root: Visitor) -> None:
    preview(root)
    assert CSS in root.read(PAGE)
    second = blog.visitor("root")
    page = second.read(PAGE)
    assert CSS in page
    assert BAR not in page
    assert "You have unsaved changes." in page
    assert "You have unsaved changes." not in blog.visitor("other", "administrator").read(PAGE)
    second.send(f"{PAGE}/draft", page=PAGE, do="discard")
    assert BAR not in root.read("/")


def test_two_administrators_try_out_at_once(blog: Any, root: Visitor) -> None:
    other = blog.visitor("other", "administrator")
    preview(root)
    preview(other, custom_css="h2 { order: 8 }")
    assert (CSS in sheet(root).text, CSS in sheet(other).text) == (True, False)
    other.send(f"{PAGE}/draft", page="/", do="save")
    assert BAR in root.read("/")
    assert CSS in sheet(root).text
    assert len(drafts()) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_who_is_no_administrator_any_more_sees_what_everybody_sees(blog: Any, root: Visitor) -> None:
    blog.user("other", "administrator")
    preview(root)
    blog.visitor("other").send("/studio/people/root/role", page="/studio/people/root", role="author")
    assert BAR not in root.read("/")
    root.send("/logout")
    assert BAR not in root.read("/")
    root.send("/login", name="other", password="correct horse")
    assert BAR not in root.read("/")


def test_a_preview_changes_no_setting_that_is_saved_meanwhile(blog: Any, root: Visitor) -> None:
    preview(root)
    answer = root.send(
        "/studio/settings", title="New", description="", language="en", timezone="Asia/Shanghai", posts_per_page="5",
        registration="open", registration_role="author", comment_hold="all", comment_links="0", comment_words="",
    )  # fmt: skip
    assert answer.status_code == 303
    settings = saved_settings()
    assert (settings.title, settings.custom_css, settings.accent) == ("New", "", "")
    assert BAR in root.read("/")


def test_a_draft_costs_guests_nothing_and_its_administrator_a_query(
    blog: Any, root: Visitor, count_queries: Any
) -> None:
    guest = blog.visitor()
    visitors = (guest, root)
    for visitor in visitors:
        visitor.get("/archive")
    before = [len(count_queries(lambda visitor=visitor: visitor.get("/archive"))) for visitor in visitors]
    preview(root)
    after = [len(count_queries(lambda visitor=visitor: visitor.get("/archive"))) for visitor in visitors]
    assert after == [before[0], before[1] + 1]
    assert not [sql for sql in count_queries(lambda: guest.get("/archive")) if DRAFTS in sql and "NOT" not in sql]


def test_a_draft_of_another_version_is_left_alone(blog: Any, root: Visitor) -> None:
    preview(root)
    with writing():
        value = json.dumps(FORM | {"custom_css": "@import 'x';"})
        session().execute(sa.update(SiteSetting).where(SiteSetting.name.startswith(DRAFTS)).values(value=value))
        session().commit()
    assert BAR not in root.read("/")
    root.send(f"{PAGE}/draft", page=PAGE, do="save")
    assert "These changes can’t be saved." in root.read(PAGE)
    assert saved_settings().accent == ""


REFUSED = [
    ("custom_css", "a { color: red }\r\n@import 'x';", "Line 2: @import isn’t allowed."),
    ("custom_css", "a { background: url(//evil.example) }", "Line 1: //evil.example isn’t on this site."),
    ("custom_css", "a { b: image-set(var(--x) 1x) }", "Line 1: var() isn’t allowed where a URL is expected."),
    ("custom_css", "a { color }", "Line 1 isn’t valid CSS."),
    ("custom_css", "x" * 20_001, "CSS can have up to 20000 characters."),
    ("custom_css", "a{b:" + "(" * 12, "more than 10 levels deep."),
    ("accent", "teal", "Enter a color like #0f605b."),
    ("accent", "#fff", "Enter a color like #0f605b."),
    ("footer_text", "x" * 1001, "This is too long."),
    ("home_layout", "magazine", "Choose one of the options."),
    ("theme", "../../etc/passwd", "This theme doesn’t exist. Choose another one."),
    ("theme", "gone", "This theme doesn’t exist. Choose another one."),
    ("logo", "https://evil.example/media/0123456789ab/tea.png", "No uploaded image has this URL."),
    ("logo", "/media/0123456789ab/gone.png", "No uploaded image has this URL."),
    ("cover", "/static/mark.svg", "No uploaded image has this URL."),
    ("favicon", "http://[", "No uploaded image has this URL."),
]


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("do", ["preview", "save"])
def test_what_cannot_be_is_said_and_what_was_typed_stays(blog: Any, root: Visitor, do: str) -> None:
    for name, value, reason in REFUSED:
        answer = root.send(PAGE, **(FORM | {"do": do, "footer_text": "My words", name: value}))
        assert answer.status_code == 422, value
        page = unescape(answer.text).replace("\r\n", "\n")
        assert reason in page, value
        assert name == "footer_text" or "My words" in page
        if name not in {"theme", "home_layout"}:
            assert value.replace("\r\n", "\n") in page
    assert (saved_settings().footer_text, drafts()) == ("", [])


def test_pictures_are_uploaded_tried_out_chosen_and_removed(blog: Any, root: Visitor) -> None:
    logo, cover = samples.png(90, 30), samples.jpeg(900, 300)
    files = [("logo_file", "logo.png", logo), ("cover_file", "wide.jpg", cover)]
    assert upload(root, files, do="preview").status_code == 303
    page = root.read("/")
    assert re.search(r'<img src="/media/\w+/logo\.png" alt="" width="90" height="30">', page)
    assert 'class="site-cover"' in page
    address = str(re.search(r'src="(/media/\w+/logo\.png)"', page)[1])  # type: ignore[index]
    guest = blog.visitor()
    assert "/media/" not in guest.read("/")
    assert (root.get(address).status_code, guest.get(address).status_code) == (200, 404)
    root.send(f"{PAGE}/draft", page="/", do="save")
    assert address in guest.read("/")
    assert guest.get(address).status_code == 200
    icon = take(blog, samples.png(64, 64), "icon.png")
    root.send(
        PAGE,
        **(FORM | {"logo": address, "logo_remove": "yes", "favicon": f"http://localhost{address_of(icon)}"}),
        do="save",
    )
    settings = saved_settings()
    assert (settings.logo, settings.cover, settings.favicon) == ("", "", address_of(icon))


def test_a_file_that_cannot_be_taken_is_said_and_the_others_stay(blog: Any, root: Visitor) -> None:
    files = [
        ("logo_file", "logo.png", b"no picture"),
        ("cover_file", "tea.pdf", samples.PDF),
        ("favicon_file", "icon.png", samples.png(40, 40)),
    ]
    answer = upload(root, files)
    assert answer.status_code == 422
    assert "a supported file type" in answer.text
    assert "No uploaded image has this URL." in answer.text
    assert re.search(r'name="favicon"[^>]*value="/media/\w+/icon\.png"', answer.text)
    assert CSS in answer.text
    assert session().scalar(sa.select(sa.func.count(Media.id)).where(Media.kind == "picture")) == 1


PICKED = [
    ("", "", "#0f605b", ""),
    ("", "", "#112233", "#112233"),
    ("", "#445566", "#0f605b", "#445566"),
    ("", "#445566", "#112233", "#445566"),
    ("#112233", "#112233", "#112233", "#112233"),
    ("#112233", "#112233", "#445566", "#445566"),
    ("#112233", "", "#112233", ""),
    ("teal", "teal", "#0f605b", None),
    ("teal", "teal", "#112233", "#112233"),
    ("", " #ABCDEF ", "#0f605b", "#abcdef"),
]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_colour_is_typed_or_picked_without_javascript(blog: Any, root: Visitor) -> None:
    for before, typed, picked, kept in PICKED:
        fields = FORM | {"accent": typed, "accent_before": before, "accent_picked": picked, "do": "save"}
        answer = root.send(PAGE, **fields)
        assert answer.status_code == (422 if kept is None else 303)
        assert kept is None or saved_settings().accent == kept


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_is_given_in_the_file_stays_as_it_is_there(blog: Any, root: Visitor) -> None:
    given = blog.app.extensions["qingbo_settings"]
    values = {"accent": "#123456", "theme": "pictures", "logo": "/media/0123456789ab/x.png"}
    blog.app.extensions["qingbo_settings"] = given.model_validate(given.model_dump(exclude_unset=True) | values)
    page = root.read(PAGE)
    assert page.count("Set in qingbo.toml or an environment variable") == 3
    for name in ("accent", "accent_picked", "logo", "logo_file"):
        assert re.search(rf'<input[^>]*\bdisabled[^>]* name="{name}"|<input[^>]* name="{name}"[^>]*\bdisabled', page), (
            name
        )
    assert len(re.findall(r'<input type="radio"[^>]*disabled', page)) == 3
    preview(root)
    assert "#c0392b" not in sheet(root).text
    root.send(f"{PAGE}/draft", page="/", do="save")
    settings = saved_settings()
    assert (settings.accent, settings.theme, settings.home_layout) == ("#123456", "pictures", "cards")


def test_custom_css_leaves_the_studio_and_signing_in_alone(blog: Any, root: Visitor) -> None:
    root.send(PAGE, **FORM, do="save")
    for visitor, path in ((blog.visitor(), "/login"), (root, "/studio/posts"), (root, PAGE)):
        assert CSS not in sheet(visitor, path).text
        assert "#c0392b" in sheet(visitor, path).text
    stylesheets._named.clear()
    address = re.search(r'"(/styles/reader\.css\?v=\w+)"', blog.visitor().read("/login"))
    stylesheets._named.clear()
    assert address
    answer = blog.visitor().get(address[1])
    assert CSS not in answer.text
    assert answer.headers["Cache-Control"].endswith("immutable")
    preview(root, accent="#334455")
    assert CSS not in sheet(root, PAGE).text
    assert "#334455" in sheet(root, PAGE).text


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_themes_of_the_folder_can_be_chosen_and_one_that_vanished_stays_chosen(blog: Any, root: Visitor) -> None:
    (blog.home / "themes").mkdir()
    path = blog.home / "themes/ink.css"
    path.write_text(":root { --paper: black }")
    assert root.send(PAGE, **(FORM | {"theme": "ink"}), do="save").status_code == 303
    path.unlink()
    page = root.read(PAGE)
    assert "The file is missing or has an error." in page
    assert re.search(r'value="ink"[^>]* checked', page)
    assert root.send(PAGE, **(FORM | {"theme": "ink"}), do="save").status_code == 303
    assert str(path) in root.read("/studio/health")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_old_form_is_refused_with_what_was_typed(blog: Any, root: Visitor) -> None:
    answer = root.post(PAGE, data=FORM | {"csrf_token": "old"}, headers=root.headers)
    assert answer.status_code == 400
    assert CSS in answer.text


def drafts() -> list[str]:
    session().rollback()
    return list(session().scalars(sa.select(SiteSetting.name).where(SiteSetting.name.startswith(DRAFTS))))
