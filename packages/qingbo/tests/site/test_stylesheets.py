"""The stylesheet of every page: our own files, the theme, the accent and the administrator's rules."""

import json
import re
from typing import Any

import pytest
import sqlalchemy as sa
from qingbo.appearance.themes import theme_named, theme_names
from qingbo.database import writing
from qingbo.doctor import examine
from qingbo.extensions import session
from qingbo.site import stylesheets
from qingbo.site_settings import SiteSetting, current_settings
from qingbo.styling.custom_css import LONGEST_THEME, checked_css

CSS = "/* words */ .teaser { order: 1 }"


pytestmark = pytest.mark.sqlite_first


def address_of_sheet(blog: Any) -> str:
    found = re.search(r'href="(/styles/reader\.css\?v=\w+)"', blog.visitor().read("/"))
    assert found
    return found[1]


def sheet_of(blog: Any) -> str:
    """Return the stylesheet of the blog, as a browser gets it."""
    answer = blog.visitor().get(address_of_sheet(blog))
    assert answer.mimetype == "text/css"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers
    return str(answer.text)


def write_theme(blog: Any, name: str, css: str) -> None:
    folder = blog.home / "themes"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.css").write_text(css)
    blog.forget_pages()  # which look for it twice a second


def test_the_settings_make_the_sheet_in_layers_that_end_with_what_the_administrator_wrote(blog: Any) -> None:
    plain = sheet_of(blog)
    assert plain.startswith("@layer base, theme, accent;\n@layer base{")
    assert "@layer theme {" not in plain
    blog.change_settings(theme="serif", accent="#C0392B", custom_css=CSS)
    sheet = sheet_of(blog)
    assert current_settings().accent == "#c0392b"
    places = [sheet.index(part) for part in ("@layer base{", "@layer theme {", "@layer accent {", ".teaser { order")]
    assert places == sorted(places)
    assert "light-dark(#c0392b, #" in sheet
    assert "/*" not in sheet
    assert json.loads(session().scalar(sa.select(SiteSetting.value).filter_by(name="custom_css")) or "") == CSS


def test_another_look_has_another_address_and_the_same_look_the_same(blog: Any) -> None:
    seen = [address_of_sheet(blog)]
    for changed in ({"accent": "#112233"}, {"theme": "pictures"}, {"custom_css": CSS}):
        blog.change_settings(**changed)
        seen.append(address_of_sheet(blog))
    assert len(set(seen)) == 4
    blog.change_settings(accent="", theme="default", custom_css="")
    assert address_of_sheet(blog) == seen[0]


def test_an_address_of_another_version_is_answered_and_not_kept(blog: Any) -> None:
    for version in ("", "?v=0123456789"):
        answer = blog.visitor().get(f"/styles/reader.css{version}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    assert blog.visitor().get("/styles/nothing.css").status_code == 404


def test_the_sheet_that_a_page_names_is_sent_when_another_look_came_between(blog: Any) -> None:
    before = address_of_sheet(blog)
    blog.change_settings(custom_css=CSS)
    answer = blog.visitor().get(before)
    assert ".teaser { order" not in answer.text
    assert answer.headers["Cache-Control"].endswith("immutable")


def test_a_sheet_costs_no_query_and_only_a_few_are_kept(blog: Any, count_queries: Any) -> None:
    address = address_of_sheet(blog)
    assert count_queries(lambda: blog.visitor().get(address)) == []
    for number in range(30):
        blog.change_settings(custom_css=f".x {{ order: {number} }}")
        address_of_sheet(blog)
    assert len(stylesheets._named) <= stylesheets.MOST_KEPT
    stylesheets._named.clear()
    assert len(count_queries(lambda: blog.visitor().get("/styles/reader.css"))) == 1


def test_without_the_database_the_page_that_says_so_has_its_sheet(blog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr("qingbo.site_settings._read", gone)
    stylesheets._named.clear()
    page = blog.visitor().get("/")
    assert page.status_code == 503
    address = re.search(r'href="(/styles/reader\.css\?v=\w+)"', page.text)
    assert address
    stylesheets._named.clear()
    assert blog.visitor().get(address[1]).headers["Cache-Control"].endswith("immutable")


def test_a_theme_is_a_file_of_the_data_folder_and_is_read_again_when_it_changes(blog: Any) -> None:
    write_theme(blog, "ink", ":root { --paper: black }")
    write_theme(blog, "serif", ":root { --paper: red }")
    write_theme(blog, "Not A Name", ":root {}")
    assert theme_names() == ["default", "serif", "pictures", "ink"]
    blog.change_settings(theme="ink")
    assert "@layer theme {\n:root { --paper: black }\n}" in sheet_of(blog)
    write_theme(blog, "ink", ":root { --paper: dimgray }")
    assert "--paper: dimgray" in sheet_of(blog)
    assert [each for each in examine(blog.app) if each.subject == "themes"] == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_no_file_outside_the_folder_is_a_theme(blog: Any) -> None:
    (blog.home / "outside.css").write_text("a { color: red }")
    (blog.home / "themes").mkdir()
    for name in ("../outside", str(blog.home / "outside"), "", ".", "A", "a/b"):
        assert theme_named(name).css == ""
        assert isinstance(theme_named(name).error, FileNotFoundError)


@pytest.mark.parametrize(
    ("css", "problem"),
    [
        (None, "can’t be read: No such file"),
        ("a {\n background: url(https://evil.example/x) }", "Line 2: https://evil.example/x isn’t on this site"),
        ("@import 'x';", "Line 1: @import isn’t allowed."),
        ("a { color: red", ""),
        (" " * (LONGEST_THEME + 1), f"CSS can have up to {LONGEST_THEME} characters"),
        ("/" * (4 * LONGEST_THEME + 1), f"CSS can have up to {LONGEST_THEME} characters"),
        (b"\xff", "can’t be read: 'utf-8'"),
    ],
    ids=["gone", "foreign", "import", "left open", "long", "very long", "no text"],
)
def test_a_theme_that_cannot_be_used_looks_like_the_default_and_doctor_says_so(
    blog: Any, css: str | bytes | None, problem: str
) -> None:
    plain = address_of_sheet(blog)
    write_theme(blog, "ink", "")
    path = blog.home / "themes/ink.css"
    path.write_bytes(css if isinstance(css, bytes) else (css or "").encode())
    if css is None:
        path.unlink()
    blog.change_settings(theme="ink")
    found = [each for each in examine(blog.app) if each.subject == "themes"]
    if problem:
        assert address_of_sheet(blog) == plain
        (finding,) = found
        assert str(path) in finding.message
        assert problem in finding.message
        assert "docs/reference/themes.md" in finding.remedy
    else:
        assert found == []
        assert "color: red}" in sheet_of(blog)


def test_our_themes_would_be_taken_from_somebody_else_too(blog: Any) -> None:
    for name in ("serif", "pictures"):
        blog.change_settings(theme=name)
        assert "@layer theme {" in sheet_of(blog)
    folder = stylesheets._folder()
    for path in folder.rglob("*.css"):
        assert checked_css(path.read_text(), LONGEST_THEME)


def test_a_value_that_this_version_refuses_takes_no_other_setting_with_it(
    blog: Any, caplog: pytest.LogCaptureFixture
) -> None:
    blog.change_settings(custom_css=CSS, registration="closed")
    with writing():
        session().execute(
            sa.update(SiteSetting).where(SiteSetting.name == "custom_css").values(value=json.dumps("@import 'x';"))
        )
        session().commit()
    assert blog.visitor().get("/").status_code == 200
    assert current_settings().custom_css == ""
    assert current_settings().registration == "closed"
    assert "custom_css" in caplog.text
