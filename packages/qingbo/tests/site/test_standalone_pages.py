"""Standalone pages: posts of the kind `page`, with top-level addresses and in no list."""

from datetime import timedelta
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from blogs import form_on
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.posts.addresses import words_of_the_app
from qingbo.posts.models import Post, Tag

pytestmark = pytest.mark.sqlite_first

ABOUT = {"title": "About", "text": "Who *we* are.", "kind": "page", "visibility": "public"}


@pytest.fixture
def editor(blog: Any) -> Any:
    return blog.visitor("ed", "editor")


def write(visitor: Any, path: str = "/posts/new", action: str = "publish", **fields: str) -> Any:
    return visitor.send(path, action=action, **(ABOUT | fields))


def test_a_page_is_written_like_a_post_and_read_at_its_own_address(blog: Any, editor: Any) -> None:
    answer = write(editor, excerpt="In short.", tags="tea", cover="https://a.example/c.jpg")
    assert (answer.status_code, answer.location) == (303, "/about")
    page = blog.visitor().read("/about")
    assert "<p>Who <em>we</em> are.</p>" in page
    assert '<meta name="description" content="In short." property="og:description">' in page
    assert '<link rel="canonical" href="/about">' in page
    assert "https://a.example/c.jpg" in page
    assert "noindex" not in page
    assert "comment-form" not in page
    assert "Unlisted" not in page
    assert f"Updated {session().scalars(sa.select(Post.updated_at)).one():%B}" in page


def test_a_page_stands_in_no_list_feed_or_count(blog: Any, editor: Any) -> None:
    write(editor, tags="tea", pinned="y", opened="x.")
    for path in ("/", "/feed.atom", "/archive", "/users/ed"):
        assert "About" not in blog.visitor().read(path)
    assert blog.visitor().get("/tags/tea").status_code == 404
    assert session().scalars(sa.select(Tag.post_count)).all() == [0]


def test_drafts_scheduled_and_private_pages_are_read_by_those_who_may_change_them(blog: Any, editor: Any) -> None:
    tomorrow = f"{now() + timedelta(days=2):%Y-%m-%dT%H:%M}"
    for slug, fields in {
        "draft": {"action": "draft"},
        "private": {"visibility": "private"},
        "scheduled": {"date": tomorrow},
    }.items():
        assert write(editor, title=slug, **fields).location == f"/{slug}"
        assert blog.visitor().get(f"/{slug}").status_code == 404
        assert blog.visitor().get(f"/posts/{slug}").status_code == 404
        assert "Who <em>we</em> are." in editor.read(f"/{slug}")


def test_in_the_studio_a_page_for_everybody_is_published(blog: Any, editor: Any) -> None:
    write(editor)
    blog.post("Hidden", visibility="unlisted")
    assert 'selected value="public"' in editor.read("/posts/about/edit")
    listed = editor.read("/studio/posts")
    assert 'href="/about"' in listed
    assert listed.count('<span class="mark">Unlisted</span>') == 1
    assert "About</a>" in editor.read("/studio/posts?state=published")
    assert "About</a>" not in editor.read("/studio/posts?state=unlisted")
    assert "Hidden</a>" in editor.read("/studio/posts?state=unlisted")
    assert "About</a>" in editor.read("/studio/posts?kind=page&state=published")


def test_saving_again_changes_nothing_and_is_no_conflict(blog: Any, editor: Any) -> None:
    write(editor)
    fields = form_on(editor.get("/posts/about/edit").text)
    for _ in range(2):
        assert editor.send("/posts/about/edit", **(fields | {"action": "publish"})).status_code == 303
    session().rollback()
    post = session().scalars(sa.select(Post)).one()
    assert (post.kind, post.visibility, post.published_at) == ("page", "unlisted", None)


def test_authors_cannot_make_pages(blog: Any, editor: Any) -> None:
    ann = blog.visitor("ann")
    assert 'value="page"' not in ann.read("/posts/new")
    assert 'value="page"' in editor.read("/posts/new")
    refused = write(ann)
    assert refused.status_code == 422
    assert "Only editors and administrators can create pages" in refused.text
    slug = blog.post("Post", author=blog.user("ann")).slug
    assert write(ann, f"/posts/{slug}/edit").status_code == 422
    assert write(editor, f"/posts/{slug}/edit").location == "/post"
    # It is still the author's own, and stays a page.
    assert 'value="page"' in ann.read("/posts/post/edit")
    assert write(ann, "/posts/post/edit", text="Mine.").status_code == 303
    assert "Mine." in blog.visitor().read("/post")


def test_an_address_leads_to_the_page_whatever_it_was_before(blog: Any, editor: Any) -> None:
    guest = blog.visitor()

    def leads(path: str, target: str) -> bool:
        answer = guest.get(path)
        return bool((answer.status_code, answer.location) == (301, target))

    write(editor)
    assert leads("/posts/about", "/about")
    write(editor, "/posts/about/edit", slug="who-we-are")
    assert leads("/about", "/who-we-are")
    assert leads("/posts/about", "/who-we-are")
    write(editor, "/posts/who-we-are/edit", kind="article")
    for path in ("/about", "/who-we-are", "/posts/about"):
        assert leads(path, "/posts/who-we-are")
    assert "About" in guest.read("/")
    write(editor, "/posts/who-we-are/edit", kind="page", slug="us")
    for path in ("/about", "/who-we-are", "/posts/about", "/posts/who-we-are", "/posts/us"):
        assert leads(path, "/us")
    assert "About" not in guest.read("/")


def test_addresses_of_the_blog_itself_are_kept_free(blog: Any, editor: Any) -> None:
    assert {"archive", "posts", "login", "studio", "media", "static", "search", "rss"} <= words_of_the_app()
    for word in ("archive", "login", "search", "posts"):
        assert write(editor, title=word).location == f"/{word}-2"
        refused = write(editor, f"/posts/{word}-2/edit", title=word, slug=word)
        assert refused.status_code == 422
        assert f"The URL “/{word}” is reserved." in refused.text
    blog.post("Studio")
    refused = write(editor, "/posts/studio/edit")
    assert refused.status_code == 422
    assert "The URL “/studio” is reserved." in refused.text
    assert write(editor, "/posts/studio/edit", slug="our-studio").location == "/our-studio"


@pytest.mark.parametrize("path", ["/About", "/a_b", "/no", "/wp-login.php", "/favicon.png", "/-", "/%E5%85%B3"])
def test_what_is_no_page_is_not_found(blog: Any, path: str) -> None:
    assert blog.visitor().get(path).status_code == 404


def test_nobody_comments_on_a_page(blog: Any, editor: Any) -> None:
    slug = blog.post("Post").slug
    blog.change_settings(comment_hold="none")
    assert blog.comment(f"/posts/{slug}", "before").status_code == 303
    write(editor, f"/posts/{slug}/edit")
    assert blog.visitor().comment("/posts/post").status_code == 404
    assert "before" not in blog.visitor().read("/post")
    assert 'href="/post#comment-' in editor.read("/studio/comments?state=shown")


def test_a_page_is_for_everybody_or_for_those_who_may_change_it(blog: Any, editor: Any) -> None:
    refused = write(editor, visibility="unlisted")
    assert refused.status_code == 422
    assert "Pages can be public, or visible only to the author and editors." in refused.text
    blog.post("Secret", visibility="unlisted")
    refused = editor.send("/posts/secret/edit", title="Secret", text="t", kind="page", action="publish")
    assert refused.status_code == 422


def test_a_page_that_becomes_a_post_stays_public(blog: Any, editor: Any) -> None:
    write(editor)
    assert editor.send("/posts/about/edit", title="About", text="t", kind="note", action="publish").status_code == 303
    assert "About" in blog.visitor().read("/")


def test_a_page_goes_into_the_bin_and_comes_back(blog: Any, editor: Any) -> None:
    write(editor)
    number = session().scalars(sa.select(Post.id)).one()
    editor.send("/posts/about/delete")
    assert blog.visitor().get("/about").status_code == 404
    assert editor.send(f"/posts/deleted/{number}", page="/posts/new").location == "/about"
    assert "Who" in blog.visitor().read("/about")


def test_an_old_version_of_a_page_that_was_a_post_is_public_again(blog: Any, editor: Any) -> None:
    blog.post("Post")
    for text in ("First.", "Second."):
        write(editor, "/posts/post/edit", kind="article", text=text)
    write(editor, "/posts/post/edit")
    number = editor.read("/posts/post/versions").rpartition("/posts/post/versions/")[2].partition('"')[0]
    assert editor.send(f"/posts/post/versions/{number}").status_code == 303
    form = editor.read("/posts/post/edit")
    assert 'checked id="kind-0"' in form
    assert 'selected value="public"' in form


def test_bulk_actions_know_pages(blog: Any, editor: Any) -> None:
    write(editor)
    number = str(session().scalars(sa.select(Post.id)).one())
    for action, status in (("publish", 200), ("unpublish", 404), ("publish", 200), ("bin", 404)):
        assert editor.send("/studio/posts", action=action, post=number).status_code == 303
        assert blog.visitor().get("/about").status_code == status
    assert "Left out" not in editor.read("/studio/posts")


def test_below_the_revision_of_pages_they_are_in_no_list(blog: Any, editor: Any) -> None:
    write(editor)
    session().close()
    with writing():
        flask_rewind.downgrade(revision="0004")
    row = session().execute(sa.text("SELECT published_at, visibility FROM posts")).one()
    assert tuple(row) == (None, "unlisted")
    session().close()
    with writing():
        flask_rewind.upgrade()
    assert "Who" in blog.visitor().read("/about")


def test_a_page_costs_as_many_queries_as_a_post_without_comments(blog: Any, editor: Any, count_queries: Any) -> None:
    write(editor)
    guest = blog.visitor()
    guest.get("/about")
    assert len(count_queries(lambda: guest.get("/about"))) == 5  # settings, which page it is, page, tags, its HTML
