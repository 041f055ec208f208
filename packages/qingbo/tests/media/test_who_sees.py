"""Who may see a file: people who may read a post that shows it, its uploader, and editors."""

import io
from datetime import timedelta
from typing import Any

import pytest
import sample_media as samples
from qingbo.cards.models import LinkCard
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.media.intake import take_in
from qingbo.media.models import Media, MediaUse
from qingbo.media.place import current_storage
from qingbo.posts import bin as post_bin
from qingbo.posts.kinds import Parts
from qingbo.posts.models import Post
from qingbo.posts.publishing import Draft, update_post
from sqlalchemy import select

pytestmark = pytest.mark.sqlite_first


def a_picture(blog: Any, uploader: Any, width: int = 300) -> str:
    with writing():
        session().rollback()
        file = io.BytesIO(samples.jpeg(width, 200))
        media = take_in(session(), current_storage(), file, "tea.jpg", uploader.id, most_bytes=10**7)
        session().commit()
        return f"/media/{media.handle}/{media.name}"


def seen_by(blog: Any, address: str) -> dict[str, int]:
    readers = {"guest": blog.visitor(), "ann": blog.visitor("ann"), "bob": blog.visitor("bob")}
    readers["editor"] = blog.visitor("editor", "editor")
    return {name: visitor.get(address).status_code for name, visitor in readers.items()}


ALL = {"guest": 200, "ann": 200, "bob": 200, "editor": 200}
ITS_OWN = {"guest": 404, "ann": 200, "bob": 404, "editor": 200}


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        ({"published_at": None}, ITS_OWN),
        ({"published_at": now()}, ALL),
        ({"published_at": now() + timedelta(days=400)}, ITS_OWN),
        ({"visibility": "unlisted"}, ALL),
        ({"visibility": "private"}, ITS_OWN),
    ],
    ids=["draft", "published", "scheduled", "unlisted", "private"],
)
def test_a_file_is_seen_by_those_who_may_read_its_post(blog: Any, state: Any, seen: Any) -> None:
    ann = blog.user("ann")
    address = a_picture(blog, ann)
    assert seen_by(blog, address) == ITS_OWN, "in no post"
    blog.post("With a picture", f"![tea]({address})", author=ann, **state)
    assert seen_by(blog, address) == seen


def test_a_picture_of_a_post_in_the_bin_is_gone_for_others_until_it_is_back(blog: Any) -> None:
    ann = blog.user("ann")
    address = a_picture(blog, ann)
    number = blog.post("With a picture", f"![tea]({address})", author=ann).id
    with writing():
        post_bin.bin_post(session(), session().get_one(Post, number))
        session().commit()
    assert seen_by(blog, address) == ITS_OWN
    with writing():
        post_bin.take_out(session(), session().get_one(Post, number))
        session().commit()
    assert seen_by(blog, address) == ALL


def test_a_picture_that_left_a_post_is_private_again(blog: Any) -> None:
    ann = blog.user("ann")
    first, second = a_picture(blog, ann, 300), a_picture(blog, ann, 301)
    number = blog.post("Two", f"![a]({first}) ![b](https://blog.example.com{second})", author=ann).id
    assert (seen_by(blog, first), seen_by(blog, second)) == (ALL, ALL)
    with writing():
        post = session().get_one(Post, number)
        update_post(session(), post, Draft("Two", f"![b]({second})", published_at=post.published_at))
        session().commit()
    assert (seen_by(blog, first), seen_by(blog, second)) == (ITS_OWN, ALL)
    assert len(session().scalars(select(MediaUse)).all()) == 1


def test_covers_and_photos_are_shown_with_their_posts(blog: Any) -> None:
    ann = blog.user("ann")
    cover, photo = a_picture(blog, ann, 300), a_picture(blog, ann, 301)
    blog.post("Cover", "Text.", author=ann, parts=Parts(cover=cover, cover_alt="A bridge"))
    blog.post("Photos", "", author=ann, kind="photos", parts=Parts(pictures=f"{photo} Tea"))
    assert (seen_by(blog, cover), seen_by(blog, photo)) == (ALL, ALL)
    page = blog.visitor().read("/posts/cover")
    assert 'class="cover"' in page
    assert 'alt="A bridge"' in page


def test_the_picture_of_a_card_is_for_everybody(blog: Any) -> None:
    address = a_picture(blog, blog.user("ann"))
    with writing():
        number = session().scalars(select(Media.id)).one()
        session().add(LinkCard(address="https://example.com/", address_digest="0" * 64, picture_id=number))
        session().commit()
    assert seen_by(blog, address) == ALL


def test_who_may_keep_a_file_is_said_to_the_caches(blog: Any) -> None:
    ann = blog.user("ann")
    address = a_picture(blog, ann)
    assert blog.visitor("ann").get(address).headers["Cache-Control"] == "private, no-store"
    blog.post("With a picture", f"![tea]({address})", author=ann)
    for visitor in (blog.visitor(), blog.visitor("ann")):
        answer = visitor.get(address)
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert "Set-Cookie" not in answer.headers


def test_an_unknown_file_or_name_is_not_found_or_leads_to_its_name(blog: Any) -> None:
    ann = blog.user("ann")
    address = a_picture(blog, ann)
    blog.post("With a picture", f"![tea]({address})", author=ann)
    assert blog.visitor().get("/media/0123456789ab/tea.jpg").status_code == 404
    other = blog.visitor().get(address.replace("tea.jpg", "~480.webp"))
    assert (other.status_code, other.location) == (302, address)
