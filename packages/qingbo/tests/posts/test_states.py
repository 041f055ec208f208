"""Draft, scheduled, published, unlisted, private, binned: who sees a post where, and from when on."""

from datetime import timedelta
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.posts.bin import DAYS, bin_post, take_out
from qingbo.posts.models import Post, Redirect, Tag
from qingbo.posts.publishing import Draft, update_post
from qingbo.posts.states import State, in_state, state_of

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)
PUBLIC_PAGES = ("/", "/feed.atom", "/archive", "/users/ann", "/tags/tag", "/feed.rss", "/tags/tag/feed.atom")


def one_in_each_state(blog: Any) -> dict[State, Post]:
    ann = blog.user("ann")
    common = {"author": ann, "tags": ["tag"]}
    posts = {
        State.DRAFT: blog.post("Draft", published_at=None, **common),
        State.SCHEDULED: blog.post("Scheduled", published_at=now() + HOUR, **common),
        State.PUBLISHED: blog.post("Published", **common),
        State.UNLISTED: blog.post("Unlisted", visibility="unlisted", **common),
        State.PRIVATE: blog.post("Private", visibility="private", **common),
        State.BINNED: blog.post("Binned", **common),
    }
    with writing():
        session().rollback()
        bin_post(session(), posts[State.BINNED])
        session().commit()
    return posts


def test_each_state_is_shown_where_it_belongs(blog: Any) -> None:
    posts = one_in_each_state(blog)
    guest, ann, ben = blog.visitor(), blog.visitor("ann"), blog.visitor("ben")
    for path in PUBLIC_PAGES:
        page = guest.get(path).text.partition("<aside")[0]
        for state in posts:
            assert (f"{state.title()}<" in page) == (state == State.PUBLISHED and path != "/archive"), (path, state)
    seen = {state: guest.get(f"/posts/{state}").status_code for state in posts}
    assert seen == dict.fromkeys(posts, 404) | {State.PUBLISHED: 200, State.UNLISTED: 200}
    assert {state: ben.get(f"/posts/{state}").status_code for state in posts} == seen
    mine = {state: ann.get(f"/posts/{state}").status_code for state in posts}
    assert mine == dict.fromkeys(posts, 200) | {State.BINNED: 404}
    assert 'content="noindex"' in guest.read("/posts/unlisted")
    assert "noindex" not in guest.read("/posts/published")
    assert session().scalars(sa.select(Tag.post_count)).all() == [2]  # published, and scheduled


def test_a_condition_finds_what_the_state_of_a_post_says(blog: Any) -> None:
    posts = one_in_each_state(blog)
    blog.post("Later", author=blog.user("ann"), visibility="private", published_at=now() + HOUR)
    for post in session().scalars(sa.select(Post)):
        found = {
            state for state in State if session().scalar(sa.select(Post.id).where(Post.id == post.id, in_state(state)))
        }
        assert found == {state_of(post)}
    assert {state_of(post) for post in posts.values()} == set(State)


def test_what_only_some_may_read_is_no_more_public_below_the_revision_that_brought_it(blog: Any) -> None:
    one_in_each_state(blog)
    session().close()
    with writing():
        flask_rewind.downgrade(revision="0002")
        with db.engine.connect() as connection:
            public = set(connection.scalars(sa.text("SELECT title FROM posts WHERE published_at IS NOT NULL")))
        assert public == {"Published", "Scheduled"}
        flask_rewind.upgrade()
    assert {state_of(post) for post in session().scalars(sa.select(Post))} == set(State)


def test_a_date_can_be_edited_and_an_edit_does_not_reset_it(blog: Any) -> None:
    ann, moment = blog.visitor("ann"), now() - timedelta(days=3)
    slug = blog.post("Old", author=blog.user("ann"), published_at=moment).slug
    shown = ann.read(f"/posts/{slug}/edit")
    ann.send(f"/posts/{slug}/edit", title="Old", text="Changed.", date="", action="publish")
    assert session().scalars(sa.select(Post.published_at)).one() == moment
    ann.send(f"/posts/{slug}/edit", title="Old", text="Changed.", date="2020-02-29T18:30", action="publish")
    session().rollback()
    date = session().scalars(sa.select(Post.published_at)).one()
    assert f"{date:%Y-%m-%d %H:%M}" == "2020-02-29 10:30"  # in UTC: the blog is in Shanghai
    assert "2020" not in shown
    for wrong in ("2020-02-30T10:00", "yesterday", "9" * 50):
        page = ann.send(f"/posts/{slug}/edit", title="Old", text="Changed.", date=wrong, action="publish")
        assert page.status_code == 422
        assert "a valid date" in page.text


def test_old_addresses_lead_to_the_post_for_ever(blog: Any) -> None:
    ann, guest = blog.visitor("ann"), blog.visitor()
    blog.post("First", author=blog.user("ann"))
    for old, new in (("first", "second"), ("second", "第三"), ("di-san", "first"), ("first", "fourth")):
        fields = {"title": "First", "text": "t", "slug": new, "action": "publish"}
        assert ann.send(f"/posts/{old}/edit", **fields).status_code == 303
    for old in ("first", "second", "di-san"):
        answer = guest.get(f"/posts/{old}")
        assert (answer.status_code, answer.location) == (301, "/posts/fourth")
    assert guest.get("/posts/fourth").status_code == 200
    # Nobody else gets an address that leads elsewhere.
    assert blog.post("First", author=blog.user("ann")).slug == "first-2"
    refused = ann.send("/posts/first-2/edit", title="First", text="t", slug="second", action="publish")
    assert refused.status_code == 422
    assert "or was used by another post" in refused.text
    assert ann.send("/posts/first-2/edit", title="First", text="t", slug="???", action="publish").status_code == 422
    assert session().scalar(sa.select(sa.func.count()).select_from(Redirect)) == 3


def test_a_form_that_was_open_when_the_address_changed_still_saves(blog: Any) -> None:
    ann = blog.visitor("ann")
    blog.post("First", author=blog.user("ann"))
    ann.send("/posts/first/edit", title="First", text="t", slug="second", action="publish")
    answer = ann.send(
        "/posts/first/edit", page="/posts/new", title="First", text="From the other tab.", action="publish"
    )
    assert (answer.status_code, answer.location) == (303, "/posts/second")
    session().rollback()
    assert session().scalars(sa.select(Post.text)).all() == ["From the other tab."]


def test_an_old_address_tells_nothing_of_a_post_that_one_may_not_read(blog: Any) -> None:
    ann = blog.visitor("ann")
    blog.post("First", author=blog.user("ann"))
    fields = {"title": "x", "text": "t", "slug": "secret", "visibility": "private", "action": "publish"}
    ann.send("/posts/first/edit", **fields)
    assert blog.visitor().get("/posts/first").status_code == 404
    assert ann.get("/posts/first").location == "/posts/secret"


def test_a_pinned_post_stands_above_the_others_and_once(blog: Any) -> None:
    old = now() - timedelta(days=9)
    for title, at in (("Oldest", old), ("Newest", now()), ("Newer", now() - HOUR)):
        blog.post(title, author=blog.user("ann"), published_at=at, is_pinned=title == "Oldest")
    page = blog.visitor().read("/").partition("<aside")[0]
    assert [page.index(f"{title}</a>") for title in ("Oldest", "Newest", "Newer")] == sorted(
        page.index(f"{title}</a>") for title in ("Oldest", "Newest", "Newer")
    )
    assert page.count("Oldest</a>") == 1
    ann = blog.visitor("ann")
    fields = {"title": "Oldest", "text": "t", "opened": "x.", "action": "publish"}
    assert ann.send("/posts/oldest/edit", **fields).status_code == 303
    page = blog.visitor().read("/").partition("<aside")[0]
    assert page.index("Newest</a>") < page.index("Oldest</a>")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_post_pinned_below_ten_others_is_listed_as_others_are(blog: Any) -> None:
    for number in range(11):
        blog.post(f"No {number}", author=blog.user("ann"), is_pinned=True)
    page = blog.visitor().read("/").partition("<aside")[0]
    assert all(page.count(f"No {number}</a>") == 1 for number in range(11))


def test_a_form_that_says_nothing_of_visibility_kind_and_pin_leaves_them(blog: Any) -> None:
    ann = blog.visitor("ann")
    blog.post("p", "q", author=blog.user("ann"), visibility="private", kind="quote", is_pinned=True)
    assert ann.send("/posts/p/edit", title="p", text="new", action="publish").status_code == 303
    session().rollback()
    post = session().scalars(sa.select(Post)).one()
    assert (post.text, post.visibility, post.kind, post.pinned_at is not None) == ("new", "private", "quote", True)


def test_deleted_posts_come_back_as_they_were(blog: Any) -> None:
    ann = blog.visitor("ann")
    moments = {}
    for visibility in ("public", "unlisted", "private"):
        post = blog.post(visibility, author=blog.user("ann"), visibility=visibility, tags=["tag"])
        moments[post.slug] = post.date
        ann.send(f"/posts/{post.slug}/delete")
        assert f"/posts/deleted/{post.id}" in ann.read("/studio/posts")
        assert ann.get(f"/posts/{post.slug}").status_code == 404
        assert blog.visitor("ben").send(f"/posts/deleted/{post.id}", page="/posts/new").status_code == 404
        assert ann.send(f"/posts/deleted/{post.id}", page="/posts/new").status_code == 303
    session().rollback()
    posts = {post.slug: post for post in session().scalars(sa.select(Post))}
    assert {slug: post.date for slug, post in posts.items()} == moments
    assert {slug: state_of(post) for slug, post in posts.items()} == {
        "public": State.PUBLISHED, "unlisted": State.UNLISTED, "private": State.PRIVATE,
    }  # fmt: skip
    assert session().scalars(sa.select(Tag.post_count)).all() == [1]


def test_the_bin_keeps_posts_for_its_days_and_no_longer(blog: Any) -> None:
    posts = [blog.post(title, author=blog.user("ann")) for title in ("long ago", "lately", "now")]
    with writing():
        session().rollback()
        for post, days in zip(posts, (DAYS + 1, DAYS - 1, 0), strict=True):
            bin_post(session(), post)
            post.binned_at = now() - timedelta(days=days)
        session().commit()
        other = blog.post("other")
        session().rollback()
        bin_post(session(), other)
        session().commit()
    assert set(session().scalars(sa.select(Post.title))) == {"lately", "now", "other"}


def test_a_post_in_the_bin_is_not_changed_by_a_form_that_was_open(blog: Any) -> None:
    post = blog.post("p", author=blog.user("ann"))
    with writing():
        session().rollback()
        bin_post(session(), post)
        session().commit()
    answer = blog.visitor("ann").send("/posts/p/edit", page="/posts/new", title="p", text="x", action="publish")
    assert answer.status_code == 404
    with writing():
        session().rollback()
        take_out(session(), post)
        session().commit()
    assert session().scalars(sa.select(Post.text)).one() == "Text."


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private"])
def test_unpublishing_makes_a_draft_and_publishing_again_brings_the_date(blog: Any, visibility: str) -> None:
    moment = now() - timedelta(days=2)
    post = blog.post("p", published_at=moment, visibility=visibility)
    ann = blog.visitor("author")
    ann.send("/posts/p/edit", title="p", text="x", action="draft")
    session().rollback()
    assert state_of(session().get_one(Post, post.id)) == State.DRAFT
    ann.send("/posts/p/edit", title="p", text="x", action="publish")
    session().rollback()
    found = session().get_one(Post, post.id)
    assert (found.date, found.visibility) == (moment, visibility)


def test_a_change_by_a_program_keeps_what_it_does_not_name(blog: Any) -> None:
    post = blog.post("p", visibility="private", summary="Short.", is_pinned=True)
    with writing():
        session().rollback()
        update_post(session(), session().get_one(Post, post.id), Draft("p", "Other.", [], now()))
        session().commit()
    assert state_of(post) == State.PRIVATE
    assert (post.excerpt, post.pinned_at is None) == ("Short.", False)
