"""The studio's list of posts: by date, with filters and pages; bulk actions; unsaved posts; the bin."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from blogs import Visitor
from qingbo.audit.models import AuditEvent
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.pagination import Cursor
from qingbo.posts import bin as post_bin
from qingbo.posts import drafts
from qingbo.posts.kinds import KINDS
from qingbo.posts.models import Post, PostTag, PostVersion, Tag
from qingbo.posts.queries import tag_named
from qingbo.posts.states import State, state_of
from qingbo.posts.studio_list import Filters, studio_page
from qingbo.reindexing import reindex
from qingbo.studio import posts as studio_posts

pytestmark = pytest.mark.sqlite_first

DAY = timedelta(days=1)


def titles(visitor: Visitor, **filters: str) -> list[str]:
    return titles_in(visitor.read(f"/studio/posts?{urlencode(filters)}"))


def titles_in(page: str) -> list[str]:
    return re.findall(r'<li class="ticked">.*?<div>\s*<div>\s*<(?:a|strong)[^>]*>([^<]*)<', page, re.DOTALL)


def one_of_each_state(blog: Any) -> None:
    blog.post("draft", published_at=None)
    blog.post("scheduled", published_at=now() + DAY)
    blog.post("secretly scheduled", published_at=now() + 2 * DAY, visibility="private")
    blog.post("published", published_at=now() - 4 * DAY)
    blog.post("unlisted", published_at=now() - 2 * DAY, visibility="unlisted")
    blog.post("private", published_at=now() - 3 * DAY, visibility="private")
    binned = blog.post("binned", published_at=now() - DAY)
    with writing():
        post_bin.bin_post(session(), session().get_one(Post, binned.id))
        session().commit()


def bulk(visitor: Visitor, action: str, posts: list[Post] | list[int], query: str = "", **fields: str) -> str:
    """Tick posts, press a button, and return the page that follows."""
    numbers = [str(post if isinstance(post, int) else post.id) for post in posts]
    answer = visitor.send(f"/studio/posts{query}", action=action, post=numbers, **fields)  # type: ignore[arg-type]
    assert answer.status_code == 303, answer.status
    return visitor.read(answer.location)


def again(post: Post) -> Post:
    return session().get_one(Post, post.id, populate_existing=True)


def test_posts_are_listed_by_date_and_each_state_can_be_chosen(blog: Any) -> None:
    one_of_each_state(blog)
    author = blog.visitor("author")
    everything = titles(author)
    assert everything == ["secretly scheduled", "scheduled", "draft", "unlisted", "private", "published"]
    for state in State:
        expected = [each for each in [*everything, "binned"] if each.endswith(state)]
        assert titles(author, state=state.value) == expected, state


def test_the_states_of_the_list_are_those_of_a_post(blog: Any) -> None:
    moments = (None, now() - DAY, now() + DAY)
    shapes = [
        {"published_at": published, "dated_at": dated, "binned_at": binned, "visibility": visibility}
        for published in moments
        for dated in moments
        for binned in moments[:2]
        for visibility in ("public", "unlisted", "private")
    ]
    author = blog.user("author")
    rows = [
        {"title": str(n), "slug": str(n), "text": "x", "excerpt": "", "author_id": author.id, "kind": "article"} | shape
        for n, shape in enumerate(shapes)
    ]
    with writing():
        session().execute(sa.insert(Post), rows)
        session().commit()
    author = blog.user("author")
    of_state = {each: studio_page(session(), author, Filters(state=each), Cursor(), 99).items for each in State}
    for state, posts in of_state.items():
        assert {state_of(post) for post in posts} == {state}
    kept = [post.id for state, posts in of_state.items() for post in posts if state != State.BINNED]
    assert sorted(kept) == sorted(post.id for post in studio_page(session(), author, Filters(), Cursor(), 99).items)
    assert sum(map(len, of_state.values())) == len(shapes)


def test_filters_combine(blog: Any) -> None:
    ann = blog.user("ann")
    blog.post("100% Übung", tags=["编程", "x"], author=ann)
    blog.post("100 übungen", kind="note", tags=["编程"])
    blog.post("", "Untitled words about übung.", kind="note", tags=["x"], published_at=None)
    root = blog.visitor("root", "editor")
    assert set(titles(root, search="ÜBUNG")) == {"100% Übung", "100 übungen", "Untitled words about übung"}
    assert titles(root, search='"100% übung"') == ["100% Übung"]
    assert titles(root, search="0_") == []
    assert titles(root, tag="编程", kind="note") == ["100 übungen"]
    assert set(titles(root, tag="X")) == {"100% Übung", "Untitled words about übung"}
    assert titles(root, tag="x", state="draft", search="words") == ["Untitled words about übung"]
    assert titles(root, author="Ann") == ["100% Übung"]
    assert titles(root, author="ann", kind="note") == []
    assert titles(root, tag="nothing") == []
    # Whatever an author asks for, only their own posts are there.
    assert titles(blog.visitor("ann"), author="author") == []
    assert titles(blog.visitor("ann")) == ["100% Übung"]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_filter_that_cannot_be_is_not_found(blog: Any) -> None:
    ann = blog.visitor("ann")
    for query in ("state=gone", "kind=song", "author=nobody", "older=x", "newer=1-"):
        assert ann.get(f"/studio/posts?{query}").status_code == 404, query


def test_pages_follow_each_other_both_ways_and_keep_the_filters(blog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_posts, "POSTS_PER_PAGE", 2)
    same = now() - DAY
    for title in ("a", "b", "c"):
        blog.post(title, tags=["t"], published_at=same)
    blog.post("d", tags=["t"], published_at=same, visibility="unlisted")
    blog.post("e", tags=["t"], published_at=None)
    blog.post("other")
    author = blog.visitor("author")
    pages = [author.read("/studio/posts?tag=t&search=")]
    while older := re.search(r'rel="next" href="([^"]+)"', pages[-1]):
        assert "tag=t" in older[1]
        pages.append(author.read(older[1]))
    shown = [titles_in(page) for page in pages]
    assert [title for page in shown for title in page] == ["e", "d", "c", "b", "a"]
    newer = re.search(r'rel="prev" href="([^"]+)"', pages[2])
    assert newer
    assert titles_in(author.read(newer[1])) == shown[1]


def test_many_posts_are_published_with_the_date_they_had(blog: Any) -> None:
    old = now().replace(microsecond=0) - 9 * DAY
    before, new = blog.post("before", published_at=old, tags=["t"]), blog.post("new", published_at=None)
    hidden = blog.post("hidden", visibility="private")
    later = blog.post("later", published_at=now() + DAY)
    author = blog.visitor("author")
    page = bulk(author, "unpublish", [before, new])
    assert "Posts unpublished: 1." in page
    assert "Posts unchanged: 1." in page
    assert again(before).published_at is None
    page = bulk(author, "publish", [before, new, hidden, later], query="?kind=article")
    assert "Posts published: 3." in page
    assert "Skipped: “hidden” – This post isn’t public." in page
    assert again(before).published_at == old
    assert [state_of(again(post)) for post in (new, hidden, later)] == ["published", "private", "published"]
    assert session().scalars(sa.select(PostTag.published_at)).all() == [old]
    assert session().scalars(sa.select(Tag.post_count)).all() == [1]
    writers = sa.select(PostVersion.writer_id).where(PostVersion.post_id == before.id, PostVersion.is_saved)
    assert set(session().scalars(writers)) == {None, before.author_id}
    noted = session().scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert [each for each in noted if each.startswith("post-")] == ["post-unpublished", *["post-published"] * 3]


def test_what_cannot_be_saved_is_left_out_with_the_reason(blog: Any) -> None:
    full, free = blog.post("full", tags=[f"t{n}" for n in range(20)]), blog.post("free", tags=["Old"])
    author = blog.visitor("author")
    page = bulk(author, "tag", [full, free], tags="old, new，新")
    assert "Posts tagged: 1." in page
    assert "Skipped: “full” – A post can have up to 20 tags." in page
    names = sa.select(Tag.name).join(PostTag, PostTag.tag_id == Tag.id).where(PostTag.post_id == free.id)
    assert sorted(session().scalars(names)) == ["Old", "new", "新"]
    assert "Posts unchanged: 1." in bulk(author, "tag", [free], tags="NEW")
    assert "Enter the tags to add." in bulk(author, "tag", [free], tags=" , ")
    assert "is longer than 50" in bulk(author, "tag", [free], tags="x" * 51)


def test_many_posts_go_into_the_bin_and_come_out(blog: Any) -> None:
    posts = [blog.post(title) for title in ("a", "b", "c")]
    author = blog.visitor("author")
    page = bulk(author, "bin", posts[:2])
    assert "Posts moved to trash: 2." in page
    assert titles_in(page) == ["c"]
    bin_page = author.read("/studio/posts?state=binned")
    assert titles_in(bin_page) == ["b", "a"]
    assert 'name="post"' not in bin_page
    assert author.send(f"/posts/deleted/{posts[0].id}", page="/studio/posts?state=binned").status_code == 303
    assert titles(author) == ["c", "a"]


def test_nobody_changes_posts_of_others_and_no_more_than_a_page(blog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    posts = [blog.post(title) for title in ("a", "b", "c")]
    ann = blog.visitor("ann")
    blog.post("own", author=blog.user("ann"))
    assert "Select at least one post." in bulk(ann, "bin", posts)
    assert ann.send("/studio/posts", action="explode").status_code == 400
    assert ann.post("/studio/posts", data={"action": "bin"}, headers=ann.headers).status_code == 400
    monkeypatch.setattr(studio_posts, "POSTS_PER_PAGE", 2)
    assert "Posts moved to trash: 2." in bulk(blog.visitor("author"), "bin", posts)
    assert "Select at least one" in bulk(blog.visitor("author"), "bin", [posts[0].id, 10**17])
    assert blog.visitor("reader", "reader").get("/studio/posts").status_code == 403


def test_unsaved_changes_and_posts_never_saved_are_shown(blog: Any) -> None:
    post = blog.post("with changes")
    blog.post("without")
    author = blog.visitor("author")
    number = blog.user("author").id
    with writing():
        drafts.save_draft(session(), number, drafts.name_for(post), post, {"text": "new"})
        drafts.save_draft(session(), number, "new-one", None, {"title": "Never saved"})
        drafts.save_draft(session(), number, "empty-one", None, {})
        session().commit()
    page = author.read("/studio/posts")
    assert page.count("Autosaved changes") == 1
    assert "Autosaved changes" in page.partition("with changes")[2]
    assert 'href="/posts/new?draft=new-one"' in page
    assert "Never saved" in page
    assert "Never saved" not in author.read("/studio/posts?kind=article")
    assert "Autosaved changes" not in blog.visitor("root", "editor").read("/studio/posts")


@pytest.mark.slow
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_page_of_ten_thousand_posts_does_not_read_them_all(blog: Any) -> None:
    fill(blog, 10_000)
    editor, ann, tag = blog.user("editor", "editor"), blog.user("ann"), tag_named(session(), "t")
    far = session().execute(sa.select(Post.published_at, Post.id).where(Post.slug == "s9000")).one()
    narrowings = [Filters(), Filters(tag=tag), Filters(author=ann), Filters(search="8"), Filters(kind="note", tag=tag)]
    narrowings += [Filters(state=state) for state in State] + [Filters(kind=kind) for kind in KINDS]
    for filters in narrowings:
        for cursor in (Cursor(), Cursor(*far), Cursor(*far, towards_newer=True)):
            for user in (editor, ann):
                steps = sqlite_steps(lambda u=user, f=filters, c=cursor: studio_page(session(), u, f, c, 50))
                assert steps < 60_000, (user.name, filters, cursor)
    all_read = sa.select(sa.func.count()).where(Post.title.contains("y") | Post.slug.contains("y"))
    assert sqlite_steps(lambda: session().scalars(all_read).one()) > 60_000


def fill(blog: Any, count: int) -> None:
    """Write posts: of a hundred, 80 are public, 4 each scheduled, unlisted, private, drafts and in the bin."""
    numbers = [blog.user("ann").id, blog.user("author").id, blog.user("editor", "editor").id]
    blog.post("first", tags=["t"])
    tag = session().scalars(sa.select(Tag.id)).one()
    rows = []
    for n in range(count):
        at, part = now() - timedelta(minutes=n), n % 25
        row: dict[str, Any] = {"title": f"Title {n}", "slug": f"s{n}", "text": "x" * 3000, "excerpt": "x"}
        row |= {"author_id": numbers[n % 10 == 0], "kind": "note" if n % 50 == 7 else "article", "updated_at": at}
        row |= {"published_at": at, "dated_at": None, "visibility": "public", "binned_at": None}
        if part == 0:
            row["published_at"] = now() + timedelta(days=n + 1)
        elif part in {1, 2}:
            row |= {"published_at": None, "dated_at": at, "visibility": ("unlisted", "private")[part - 1]}
        elif part in {3, 4}:
            row |= {"published_at": None, "binned_at": at if part == 4 else None}
        rows.append(row)
    with writing():
        session().execute(sa.insert(Post), rows)
        tagged = sa.select(Post.id, sa.literal(tag), Post.published_at).where(Post.slug.like("s%1"))
        session().execute(sa.insert(PostTag).from_select(["post_id", "tag_id", "published_at"], tagged))
        session().commit()
    reindex(session(), lambda _name, _count: None)


def sqlite_steps(call: Any) -> int:
    """Return how many instructions SQLite executes for a call, roughly."""
    ticks = [0]

    def tick() -> None:
        ticks[0] += 1

    connection: Any = session().connection().connection.dbapi_connection
    connection.set_progress_handler(tick, 100)
    try:
        call()
    finally:
        connection.set_progress_handler(None, 0)
    return 100 * ticks[0]
