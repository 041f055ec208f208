"""Series: posts are added in the editor, ordered in the studio, and read in that order."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from blogs import form_on
from qingbo.clock import now
from qingbo.database import writing
from qingbo.errors import InputRefused
from qingbo.extensions import session
from qingbo.posts import series as activity
from qingbo.posts.models import Post, Series
from qingbo.posts.series import put_into_series

pytestmark = pytest.mark.sqlite_first

TITLE = "Learning to brew 泡茶"


def write(visitor: Any, title: str, series: str = TITLE, **fields: str) -> str:
    """Write a post in a series and return its address."""
    answer = visitor.send("/posts/new", title=title, text="t", series=series, **({"action": "publish"} | fields))
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def number_of(title: str = TITLE) -> int:
    session().rollback()
    number: int = session().scalars(sa.select(Series.id).where(Series.title == title)).one()
    return number


def titles(blog: Any, path: str = "/series/learning-to-brew-pao-cha") -> list[str]:
    page = blog.visitor().read(path).partition('<ol class="parts')[2].partition("</ol>")[0]
    return re.findall(r">([^<]+)</a>", page)


def in_order(slug: str) -> list[tuple[str, int | None]]:
    session().rollback()
    rows = sa.select(Post.title, Post.series_position).join(Post.series).where(Series.slug == slug)
    return [(row[0], row[1]) for row in session().execute(rows.order_by(Post.series_position))]


@pytest.fixture
def ann(blog: Any) -> Any:
    return blog.visitor("ann")


def test_a_name_makes_a_series_and_posts_are_appended(blog: Any, ann: Any) -> None:
    for title in ("Water", "Leaves", "Time"):
        write(ann, title)
    write(ann, "P12", series="")
    write(ann, "Draft", action="draft")
    write(ann, "Secret", visibility="private")
    write(ann, "Later", date=f"{now() + timedelta(days=1):%Y-%m-%dT%H:%M}Z", series="  learning TO brew　泡茶 ")
    assert titles(blog) == ["Water", "Leaves", "Time"]
    assert session().scalar(sa.select(sa.func.count(Series.id))) == 1
    listed = blog.visitor().read("/series")
    assert TITLE in listed
    assert "3 posts" in listed


def test_a_post_shows_its_series_with_previous_and_next(blog: Any, ann: Any) -> None:
    paths = [write(ann, title) for title in ("Water", "Leaves", "Time")]
    guest = blog.visitor()
    for number, path in enumerate(paths, start=1):
        page = guest.read(path)
        assert f'Part {number} of 3 in <a href="/series/learning-to-brew-pao-cha"' in page
        assert ("Previous in this series: " in page) == (number > 1)
        assert ("Next in this series: " in page) == (number < 3)
    assert 'href="/posts/water">Previous in this series: Water</a>' in guest.read(paths[1])
    assert 'href="/posts/time">Next in this series: Time</a>' in guest.read(paths[1])
    assert "series-box" not in guest.read(write(ann, "Alone", series=""))
    hidden = ann.read(write(ann, "Draft", action="draft"))
    assert f">{TITLE}</a>" in hidden
    assert "Part 4" not in hidden


def test_a_series_without_public_posts_is_not_there(blog: Any, ann: Any) -> None:
    path = write(ann, "Draft", action="draft")
    assert blog.visitor().get("/series/learning-to-brew-pao-cha").status_code == 404
    assert TITLE not in blog.visitor().read("/series")
    assert blog.visitor().get("/series/nothing").status_code == 404
    assert TITLE in ann.read("/studio/series")
    fields = form_on(ann.get(f"{path}/edit").text) | {"action": "publish"}
    assert fields["series"] == TITLE
    assert ann.send(f"{path}/edit", **fields).status_code == 303
    assert titles(blog) == ["Draft"]


def test_saving_leaves_the_place_and_what_does_not_name_the_series_too(blog: Any, ann: Any) -> None:
    for title in ("Water", "Leaves"):
        write(ann, title)
    assert ann.send("/posts/water/edit", title="Water", text="new", action="publish").status_code == 303
    assert ann.send("/posts/water/edit", title="Water", text="n", series=TITLE, action="publish").status_code == 303
    assert titles(blog) == ["Water", "Leaves"]
    assert ann.send("/posts/water/edit", title="Water", text="n", series="", action="publish").status_code == 303
    assert titles(blog) == ["Leaves"]
    assert ann.send("/posts/water/edit", title="Water", text="n", series=TITLE, action="publish").status_code == 303
    assert titles(blog) == ["Leaves", "Water"]


def test_the_series_is_no_part_of_a_version(blog: Any, ann: Any) -> None:
    write(ann, "Water")
    form = form_on(ann.get("/posts/water/edit").text)
    blog.visitor("ed", "editor").send("/posts/water/edit", title="Water", text="t", series="Other", action="publish")
    assert ann.send("/posts/water/edit", **(form | {"text": "mine", "action": "publish"})).status_code == 303


def test_posts_are_ordered_by_buttons_and_by_numbers(blog: Any, ann: Any) -> None:
    for title in "ABCDE":
        write(ann, title)
    numbers = {post.title: post.id for post in session().scalars(sa.select(Post))}
    path = f"/studio/series/{number_of()}"

    def send(**fields: str) -> str:
        assert ann.send(f"{path}/order", page=path, **fields).status_code == 303
        return "".join(titles(blog))

    changes = sa.select(Post.id, Post.updated_at).order_by(Post.id)
    before = session().execute(changes).all()
    assert send(up=str(numbers["C"])) == "ACBDE"
    assert send(up=str(numbers["A"])) == "ACBDE"
    assert send(down=str(numbers["A"])) == "CABDE"
    assert send(down=str(numbers["E"])) == "CABDE"
    typed = {f"position-{numbers[title]}": str(place) for place, title in enumerate("CABDE", start=1)}
    assert send(**(typed | {f"position-{numbers['E']}": "2"})) == "CEABD"
    assert send(**{f"position-{numbers['C']}": "4"}) == "EABCD"
    reverse = {f"position-{numbers[title]}": str(place) for place, title in enumerate("DCBAE", start=1)}
    assert send(**reverse, up=str(numbers["A"])) == "DCABE"
    assert send(**{"position-x": "1", "position-99999": "1", f"position-{numbers['D']}": "-3"}, up="x") == "DCABE"
    assert [place for _title, place in in_order("learning-to-brew-pao-cha")] == [1, 2, 3, 4, 5]
    session().rollback()
    assert session().execute(changes).all() == before


def test_title_address_and_description_are_changed_and_the_old_address_leads_on(blog: Any, ann: Any) -> None:
    write(ann, "Water")
    write(ann, "Other", series="Other")
    path = f"/studio/series/{number_of()}"
    fields = {"title": "Tea", "slug": "茶", "description": "From *leaf* to <cup>."}
    assert ann.send(path, **fields).status_code == 303
    answer = blog.visitor().get("/series/learning-to-brew-pao-cha")
    assert (answer.status_code, answer.location) == (301, "/series/cha")
    page = blog.visitor().read("/series/cha")
    assert ">From *leaf* to <cup>.</p>" in page
    assert '<meta name="description" content="From *leaf* to <cup>." property="og:description">' in page
    for wrong, message in (
        ({"title": "other"}, "A series named “other” already exists. Choose another name."),
        ({"slug": "other"}, "The URL “other” is or was used by another series."),
        ({"slug": "???"}, "can’t be used as a URL"),
        ({"title": " "}, "Enter a name for the series."),
        ({"title": "x" * 101}, "up to 100 characters"),
        ({"description": "x" * 501}, "up to 500 characters"),
    ):
        refused = ann.send(path, **(fields | wrong))
        assert refused.status_code == 422
        assert message in refused.text
    # Nobody else gets the old address.
    write(ann, "New", series=TITLE)
    assert titles(blog, "/series/learning-to-brew-pao-cha-2") == ["New"]


def test_posts_stay_when_a_series_is_deleted(blog: Any, ann: Any) -> None:
    path = write(ann, "Water")
    assert ann.send(f"/studio/series/{number_of()}/delete", page="/studio/series").status_code == 303
    assert "deleted. Its posts were kept." in ann.read("/studio/series")
    assert "series-box" not in blog.visitor().read(path)
    assert blog.visitor().get("/series/learning-to-brew-pao-cha").status_code == 404


def test_authors_change_only_series_of_their_own_posts(blog: Any, ann: Any) -> None:
    ben, editor = blog.visitor("ben"), blog.visitor("ed", "editor")
    write(ann, "Anns")
    path = f"/studio/series/{number_of()}"
    assert TITLE not in ben.read("/studio/series")
    assert f'<option value="{TITLE}">' in ann.read("/posts/new")
    assert f'<option value="{TITLE}">' not in ben.read("/posts/new")
    for target in (path, f"{path}/order", f"{path}/delete"):
        assert ben.send(target, page="/posts/new", title="x").status_code == 404
    assert ben.get(path).status_code == 404
    refused = ben.send("/posts/new", title="Bens", text="t", series=TITLE, action="publish")
    assert refused.status_code == 422
    assert "contains posts by other authors" in refused.text
    write(ben, "Bens", series="Mine")
    editor.send("/posts/bens/edit", title="Bens", text="t", series=TITLE, action="publish")
    assert titles(blog) == ["Anns", "Bens"]
    assert ann.get(path).status_code == 404
    assert editor.get(path).status_code == 200
    # Its own post stays in the series of several, and may leave it.
    assert ben.send("/posts/bens/edit", title="Bens", text="n", series=TITLE, action="publish").status_code == 303
    assert titles(blog) == ["Anns", "Bens"]
    assert ben.send("/posts/bens/edit", title="Bens", text="n", series="", action="publish").status_code == 303
    assert titles(blog) == ["Anns"]
    assert blog.visitor("reader", "reader").get("/studio/series").status_code == 403


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_series_and_their_posts_are_bounded(blog: Any, ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "MOST_POSTS", 2)
    monkeypatch.setattr(activity, "MOST_SERIES", 2)
    for title in ("One", "Two"):
        write(ann, title)
    write(ann, "Three", series="Second")
    for series, message in ((TITLE, "up to 2 posts"), ("Third", "up to 2 series"), ("x" * 101, "up to 100")):
        refused = ann.send("/posts/new", title="New", text="t", series=series, action="publish")
        assert refused.status_code == 422
        assert message in refused.text


def test_programs_use_any_series(blog: Any) -> None:
    post = blog.post("One", series="Programs")
    with writing():
        session().rollback()
        put_into_series(session(), session().get_one(Post, post.id), "Others", None)
        with pytest.raises(InputRefused):
            put_into_series(session(), session().get_one(Post, post.id), "x" * 101, None)
        session().commit()
    assert in_order("others") == [("One", 1)]


def test_pages_of_series_cost_a_constant_number_of_queries(blog: Any, ann: Any, count_queries: Any) -> None:
    for number in range(12):
        write(ann, f"P{number}")
    write(ann, "P12", series="")
    guest = blog.visitor()

    def count(path: str) -> int:
        guest.read(path)
        return len(count_queries(lambda: guest.get(path)))

    assert count("/series") == count("/series/learning-to-brew-pao-cha") == 3  # settings, series, counts or posts
    assert count("/posts/p5") == count("/posts/p12") + 1
