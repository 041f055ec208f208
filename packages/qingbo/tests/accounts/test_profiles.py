"""Profiles and their pictures."""

import io
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from qingbo.accounts.models import Avatar, User
from qingbo.accounts.profiles import set_avatar
from qingbo.database import writing
from qingbo.errors import InputRefused
from qingbo.extensions import session

pytestmark = pytest.mark.sqlite_first


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **options: Any) -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind, **options)
    file.seek(0)
    return file


def change(visitor: Any, file: Any = None, **fields: Any) -> Any:
    upload = {"avatar": (file, "me.jpg")} if file else {}
    page = visitor.get("/account").text
    import re

    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    data = {"csrf_token": token[1], "display_name": "", "bio": "", "links": "", "language": ""} | fields | upload
    return visitor.post("/account", data=data, headers=visitor.headers)


def test_readers_see_the_profile(blog: Any) -> None:
    slug = blog.post("Post", author=blog.user("ann")).slug
    blog.post("Of somebody else")
    links = "https://example.com/ann\nhttps://example.org"
    assert change(blog.visitor("ann"), display_name="安娜 Ann", bio="写字的人。<b>", links=links).status_code == 303
    page = blog.visitor().get("/users/ann").text
    assert "安娜 Ann" in page
    assert "写字的人。&lt;b&gt;" in page
    assert 'href="https://example.com/ann" rel="me nofollow noopener"' in page
    for path in ("/", f"/posts/{slug}"):
        assert "安娜 Ann" in blog.visitor().read(path)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"links": "javascript:alert(1)"}, "a valid URL"),
        ({"links": "https://"}, "a valid URL"),
        ({"links": "http://[::"}, "a valid URL"),
        ({"links": "\n".join(["https://example.com"] * 6)}, "You can add up to 5 links."),
        ({"bio": "x" * 1001}, "1000"),
        ({"display_name": "x" * 65}, "64"),
        ({"display_name": "BEN"}, "The name BEN is taken. Choose another one."),
        ({"display_name": "Big Ben"}, "The name Big Ben is taken. Choose another one."),
        ({"language": "xx"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(blog: Any, fields: dict[str, str], said: str) -> None:
    change(blog.visitor("ben"), display_name="Big Ben")
    answer = change(blog.visitor("ann"), **({"bio": "my words"} | fields))
    assert answer.status_code == 422
    assert said in answer.text
    assert fields.get("bio", "my words") in answer.text
    assert session().scalar(sa.select(User.bio).where(User.name == "ann")) is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_is_drawn_anew_small_and_without_what_it_says_of_its_maker(blog: Any, kind: str) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N"}  # where it was taken
    exif[0x013B] = "Ann's camera"
    options = {"exif": exif} if kind in {"JPEG", "WEBP"} else {}
    ann = blog.visitor("ann")
    assert change(ann, picture(kind, **options)).status_code == 303
    digest = session().scalar(sa.select(User.avatar).where(User.name == "ann"))
    answer = blog.visitor().get(f"/avatars/{digest}.webp")
    with Image.open(io.BytesIO(answer.data)) as drawn:
        assert (drawn.format, drawn.size, dict(drawn.getexif())) == ("WEBP", (192, 192), {})
    assert b"camera" not in answer.data
    assert "immutable" in answer.headers["Cache-Control"]
    assert f"/avatars/{digest}.webp" in blog.visitor().read("/users/ann")
    change(ann, remove_avatar="y")
    assert "<svg" in blog.visitor().read("/users/ann")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"), "be read. Use JPEG"),
        (io.BytesIO(b"GIF89a" + b"\x00" * 50), "be read. Use JPEG"),
        (picture().getvalue()[:300], "be read. Use JPEG"),
        (picture("PNG", (9000, 3000)), "more than 25 megapixels"),
    ],
)
def test_what_is_no_picture_is_refused(blog: Any, file: Any, said: str) -> None:
    file = io.BytesIO(file if isinstance(file, bytes) else file.getvalue())
    answer = change(blog.visitor("ann"), file)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert session().scalar(sa.select(sa.func.count()).select_from(Avatar)) == 0


def test_a_picture_of_more_than_5_mb_is_refused(blog: Any) -> None:
    with writing(), pytest.raises(InputRefused, match="larger than 5 MB"):
        set_avatar(session(), blog.user("ann"), b"x" * (5 * 1024 * 1024 + 1))


def test_a_guest_cannot_take_the_shown_name_of_an_account(blog: Any) -> None:
    change(blog.visitor("ann"), display_name="安娜")
    slug = blog.post("Post").slug
    assert "This name belongs to a registered user." in blog.comment(f"/posts/{slug}", name="安娜").text
