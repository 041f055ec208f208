"""“Your data”: a zip file with everything that one person wrote, and nothing of others."""

import io
import json
import zipfile
from typing import Any

import pytest
from media_uploads import take
from qingbo.accounts.profiles import set_avatar
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.media.addresses import address_of
from sample_media import jpeg, png

pytestmark = pytest.mark.sqlite_first


def download(blog: Any, name: str, role: str = "author") -> zipfile.ZipFile:
    answer = blog.visitor(name, role).send("/account/data")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}.zip"
    assert "no-store" in answer.headers["Cache-Control"]
    return zipfile.ZipFile(io.BytesIO(answer.data))


def test_it_has_posts_comments_pictures_and_the_profile(blog: Any) -> None:
    ann, bob = blog.user("ann"), blog.user("bob")
    media = take(blog, jpeg(40, 30), "tea.jpg", "ann")
    take(blog, jpeg(50, 30), "coffee.jpg", "bob")
    blog.post("Tea", f"![tea]({address_of(media)})", author=ann, tags=["茶"])
    blog.post("Secret", author=ann, published_at=None)
    other = blog.post("Coffee", author=bob).slug
    with writing():
        set_avatar(session(), blog.user("ann"), png(200, 200))
        session().commit()
    blog.visitor("ann").send(f"/posts/{other}", text="mine")
    blog.visitor("bob").send(f"/posts/{other}", text="not mine")
    archive = download(blog, "ann")
    picture = f"static/media/{media.handle}/tea.jpg"
    assert set(archive.namelist()) == {
        "profile.json", "avatar.webp", "posts/tea.md", "posts/secret.md", "drafts.json", "comments.json", picture
    }  # fmt: skip
    assert json.loads(archive.read("profile.json"))["name"] == "ann"
    assert "draft: true" in archive.read("posts/secret.md").decode()
    assert [each["text"] for each in json.loads(archive.read("comments.json"))] == ["mine"]
    assert json.loads(archive.read("drafts.json")) == []
    assert len(archive.read(picture)) == media.size


def test_readers_get_theirs_and_strangers_nothing(blog: Any) -> None:
    assert "comments.json" in download(blog, "ann", "reader").namelist()
    assert blog.visitor().get("/account/data").status_code in {302, 303}
    assert blog.visitor("ann").post("/account/data", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
