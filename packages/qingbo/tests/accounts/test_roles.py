"""Each cell of the table in docs/reference/roles.md, over HTTP."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from qingbo.comments.models import Comment, State
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.posts.models import Post, Series, Tag
from qingbo.site_settings import saved_settings

PAGE = Path(__file__).parents[4] / "docs/reference/roles.md"
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in PAGE.read_text().splitlines()
    if line.startswith("| ")
]
ROLES = ROWS[0][1:]
CELLS = [(row[0], role, said) for row in ROWS[1:] for role, said in zip(ROLES, row[1:], strict=True)]

Who = Any
"""A visitor with `name`, `role` and a way to sign in."""


class Person:
    """Somebody of a role, and what they meet: a post of theirs and one of another author."""

    def __init__(self, blog: Any, role: str) -> None:
        self.blog = blog
        self.role = role
        self.is_guest = role == "guest"
        self.account = None if self.is_guest else blog.user("somebody", role)
        self.visitor = blog.visitor() if self.is_guest else blog.visitor("somebody", role)
        other = blog.user("other")
        self.public = f"/posts/{blog.post('Public', author=other).slug}"
        self.draft = f"/posts/{blog.post('Draft of another', author=other, published_at=None).slug}"

    @property
    def own(self) -> str:
        """A post of theirs, written when they could; a guest's belongs to another."""
        author = self.account or self.blog.user("third")
        return f"/posts/{self.blog.post('Mine', author=author).slug}"

    def comments(self, post: str) -> Any:
        """Comment on a post and return the comment."""
        if self.is_guest:
            self.visitor.comment(post, "my words")
        else:
            self.visitor.send(post, text="my words")
        return session().scalars(sa.select(Comment).order_by(Comment.id.desc())).first()

    def sends(self, path: str, **fields: str) -> bool:
        """Return whether a form can be sent, with a token if there is one."""
        status: int = self.visitor.send(path, page=self.public, **fields).status_code
        return status == 303 and not self.blog_asked_to_sign_in(path)

    def opens(self, path: str) -> bool:
        """Return whether a page opens."""
        status: int = self.visitor.get(path).status_code
        return status == 200

    def blog_asked_to_sign_in(self, path: str) -> bool:
        return False


def guest_comment(blog: Any, post: str) -> int:
    """Have a guest comment and return the number of the comment, which waits."""
    blog.comment(post, "please look")
    number: int = session().scalar(sa.select(sa.func.max(Comment.id)).where(Comment.state == State.HELD))
    return number


def reads(person: Person) -> str:
    return "yes" if "Public" in person.visitor.read("/") and person.opens(person.public) else "no"


def comment(person: Person) -> str:
    state = person.comments(person.public).state
    shown = "my words" in person.blog.visitor().read(person.public)
    assert shown == (state == State.SHOWN)
    return {State.SHOWN: "yes", State.HELD: "after approval"}[State(state)]


def changes_comment(person: Person) -> str:
    path = f"/comments/{person.comments(person.public).id}/edit"
    done = person.sends(path, text="other words")
    stranger = person.blog.visitor()
    assert stranger.get(path).status_code == 404
    return "yes" if done and "other words" in person.visitor.read(person.public) else "no"


def deletes_comment(person: Person) -> str:
    path = f"/comments/{person.comments(person.public).id}/delete"
    assert person.blog.visitor().post(path).status_code == 404
    return "yes" if person.sends(path) and "my words" not in person.visitor.read(person.public) else "no"


def has_profile(person: Person) -> str:
    return yes(person, [person.opens(path) for path in ("/account", "/account/security", "/account/password")])


def writes(person: Person) -> str:
    fields = {"title": "New", "text": "x", "tags": "", "action": "publish"}
    return yes(
        person, [person.opens("/posts/new"), person.sends("/posts/new", **fields), person.opens("/studio/posts")]
    )


def writes_pages(person: Person) -> str:
    fields = {"title": "New", "text": "x", "kind": "page", "action": "publish"}
    did = [person.sends("/posts/new", **fields)]
    own = f"{person.own}/edit"
    did.append(person.sends(own, **fields))
    return yes(person, did)


def changes_own(person: Person) -> str:
    own = person.own
    fields = {"title": "Changed", "text": "x", "tags": "", "action": "publish"}
    did = [person.opens(f"{own}/edit"), person.sends(f"{own}/edit", **fields)]
    assert ("Changed" in person.blog.visitor().read(own)) == did[1]
    return yes(person, [*did, person.sends(f"{own}/delete")])


def changes_others(person: Person) -> str:
    fields = {"title": "Changed", "text": "x", "tags": "", "action": "draft"}
    did = [person.opens(person.draft), person.opens(f"{person.draft}/edit")]
    did += [person.sends(f"{person.draft}/edit", **fields), person.sends(f"{person.draft}/delete")]
    return yes(person, did)


def orders_own_series(person: Person) -> str:
    author = person.account or person.blog.user("third")
    return orders_series(person, [person.blog.post("Part", author=author, series="S")])


def orders_others_series(person: Person) -> str:
    author = person.account or person.blog.user("third")
    chief = person.blog.user("chief", "editor")
    return orders_series(person, [person.blog.post("Part", author=each, series="S") for each in (author, chief)])


def orders_series(person: Person, posts: list[Any]) -> str:
    path = f"/studio/series/{session().scalar(sa.select(Series.id))}"
    did = [person.opens(path), person.sends(path, title="Changed", slug="s", description="")]
    did += [person.sends(f"{path}/order", up=str(posts[-1].id)), person.sends(f"{path}/delete")]
    return yes(person, did)


def sees_own_views(person: Person) -> str:
    return sees_views(person, person.own)


def sees_all_views(person: Person) -> str:
    return sees_views(person, person.public)


def sees_views(person: Person, post: str) -> str:
    number = session().scalar(sa.select(Post.id).where(Post.slug == post.rpartition("/")[2]))
    return yes(person, [person.opens(f"/studio/statistics/posts/{number}")])


def changes_tags(person: Person) -> str:
    person.blog.post(author=person.blog.user("other"), tags=["Tea"])
    path = f"/studio/tags/{session().scalar(sa.select(Tag.id))}"
    did = [person.opens("/studio/tags"), person.opens(path), person.sends(path, name="Coffee", description="")]
    assert ("Coffee" in person.blog.visitor().read("/tags/tea")) == did[2]
    return yes(person, did)


def judges_own(person: Person) -> str:
    return judges(person, person.own)


def judges_any(person: Person) -> str:
    return judges(person, person.public)


def judges(person: Person, post: str) -> str:
    did = []
    for verdict in ("approve", "reject", "spam"):
        number = guest_comment(person.blog, post)
        did.append(person.sends(f"/comments/{number}/verdict", verdict=verdict))
        moved = session().scalar(sa.select(Comment.state).where(Comment.id == number)) != State.HELD
        assert moved == did[-1]
    number = guest_comment(person.blog, post)
    person.sends("/studio/comments", verdict="approve", comment=str(number))
    did.append(session().scalar(sa.select(Comment.state).where(Comment.id == number)) == State.SHOWN)
    did.append(person.sends(f"/comments/{number}/delete"))
    return yes(person, did)


def people(person: Person) -> str:
    person.blog.user("target", "reader")
    did = [person.opens("/studio/people"), person.opens("/studio/people/target")]
    did += [person.sends("/studio/people/target/role", role="author")]
    assert (person.blog.user("target").role == "author") == did[-1]
    did += [person.visitor.send("/studio/people/target/link", page=person.public, kind="password").status_code == 200]
    did += [person.sends("/studio/people/target/approve"), person.sends("/studio/people/target/switch", on="no")]
    return yes(person, did)


def invites(person: Person) -> str:
    did = [person.opens("/studio/invitations")]
    answer = person.visitor.send("/studio/invitations", page=person.public, email="", role="author")
    did.append(answer.status_code == 200 and "/register/" in answer.text)
    return yes(person, did)


def settings(person: Person) -> str:
    did = [person.opens("/studio/settings")]
    fields = {"title": "Mine now", "description": "", "language": "en", "timezone": "UTC", "posts_per_page": "10"}
    fields |= {"registration": "open", "registration_role": "author", "comment_hold": "all", "comment_links": "1"}
    did.append(person.sends("/studio/settings", **fields))
    assert ("Mine now" in person.blog.visitor().read("/")) == did[1]
    return yes(person, did)


def menu(person: Person) -> str:
    did = [person.opens("/studio/menu"), person.sends("/studio/menu", remove="/archive")]
    assert ('href="/archive"' in person.blog.visitor().read("/").partition("</nav>")[0]) != did[1]
    return yes(person, did)


def appearance(person: Person) -> str:
    did = [person.opens("/studio/appearance")]
    did.append(person.sends("/studio/appearance", theme="serif", accent="#c0392b", do="preview"))
    assert ("preview-bar" in person.visitor.read("/")) == did[-1]
    did.append(person.sends("/studio/appearance/draft", do="save"))
    assert ("preview-bar" in person.visitor.read("/")) is False
    assert (saved_settings().accent == "#c0392b") == did[-1]
    return yes(person, did)


def health(person: Person) -> str:
    return yes(person, [person.opens("/studio/health"), person.opens("/studio/log")])


def raw_data(person: Person) -> str:
    return yes(person, [person.opens("/studio/data/"), person.opens("/studio/data/users/")])


def yes(person: Person, did: list[bool]) -> str:
    """Return yes for all and no for none; anything between is a hole."""
    assert len(set(did)) == 1, did
    return "yes" if did[0] else "no"


DOING: dict[str, Callable[[Person], str]] = {
    "read public posts and comments": reads,
    "comment": comment,
    "change one's own comment, for 15 minutes": changes_comment,
    "delete one's own comment": deletes_comment,
    "have a profile, change how one signs in": has_profile,
    "write posts": writes,
    "create pages, turn posts into pages": writes_pages,
    "change and delete one's own posts": changes_own,
    "read, change and delete the posts and drafts of others": changes_others,
    "order and delete a series of one's own posts": orders_own_series,
    "order and delete a series with posts of others": orders_others_series,
    "approve, reject and delete comments on one's own posts": judges_own,
    "statistics: views of one's own posts": sees_own_views,
    "statistics: views of all posts": sees_all_views,
    "tags: name and description": changes_tags,
    "approve, reject and delete any comment": judges_any,
    "users: approve, roles, sign-in links, disable": people,
    "invitations": invites,
    "the menu": menu,
    "settings": settings,
    "appearance: preview and save how the blog looks": appearance,
    "health, the log": health,
    "raw data": raw_data,
}


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(("what", "role", "said"), CELLS, ids=[f"{role}: {what}" for what, role, _ in CELLS])
def test_the_table_holds(blog: Any, what: str, role: str, said: str) -> None:
    assert DOING[what](Person(blog, role)) == said


def test_every_row_has_its_test() -> None:
    assert [row[0] for row in ROWS[1:] if not re.fullmatch("-+", row[0])] == list(DOING)


def test_the_last_administrator_stays(blog: Any) -> None:
    root = blog.visitor("root", "administrator")
    for path, fields in (("role", {"role": "author"}), ("switch", {"on": "no"})):
        root.send(f"/studio/people/root/{path}", **fields)
        assert "The blog needs at least one administrator" in root.read("/studio/people/root")
    assert blog.user("root").is_administrator
    blog.user("second", "administrator")
    root.send("/studio/people/root/role", role="author")
    assert root.get("/studio/people").status_code == 403


def test_a_demoted_author_keeps_posts_and_cannot_change_them(blog: Any) -> None:
    slug = blog.post("Mine", author=blog.user("ann")).slug
    ann = blog.visitor("ann")
    with writing():
        from qingbo.accounts.registration import set_role

        set_role(session(), blog.user("ann"), "reader")
        session().commit()
    assert "Mine" in ann.read(f"/posts/{slug}")
    assert ann.get(f"/posts/{slug}/edit").status_code == 404
    assert ann.get("/posts/new").status_code == 403
