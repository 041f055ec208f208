"""A small blog of each system that can be imported, as files and databases in a folder."""

import json
from pathlib import Path

import bcrypt
from old_databases import BLOG_2016, TYPECHO, OldBlog
from sample_media import png
from sample_sites import SITES
from wordpress_files import WordPress, comment

NOON = 1583056800
"""2020-03-01 10:00 UTC."""


def write_old_blogs(folder: Path) -> None:
    """Write `hexo/` … `zola/`, `vault/`, `wordpress.xml`, `ghost.json` with `images/`, and two databases."""
    for name, site in SITES.items():
        site.write(folder / name)
    vault = folder / "vault"
    (vault / ".obsidian").mkdir(parents=True)
    (vault / "A note.md").write_text("A note with a link to [[Another note]].\n")
    (vault / "Another note.md").write_text("Nothing more.\n")
    _wordpress(folder / "wordpress.xml")
    _ghost(folder / "ghost.json")
    (folder / "images").mkdir()
    (folder / "images/tea.png").write_bytes(png(30, 20))
    _typecho(OldBlog(f"sqlite:///{folder / 'typecho.db'}"))
    _blog_2016(OldBlog(f"sqlite:///{folder / 'blog2016.db'}"))


def _wordpress(file: Path) -> None:
    wordpress = WordPress()
    wordpress.author("carla", 1)
    wordpress.item(
        1, "Hello", "<p>From <b>WordPress</b></p>", creator="carla", comments=[comment(1, "Nice")],
        terms=[("post_tag", "tea", "Tea")],
    )  # fmt: skip
    file.write_text(str(wordpress), encoding="utf-8")


def _ghost(file: Path) -> None:
    post = {
        "id": "p1", "uuid": "u-p1", "title": "From Ghost", "slug": "from-ghost", "type": "post", "status": "published",
        "html": "<p>Tea <img src='__GHOST_URL__/content/images/tea.png'></p>", "visibility": "public",
        "created_at": "2024-02-01T00:00:00.000Z", "published_at": "2024-02-02T10:00:00.000Z",
        "updated_at": "2024-02-03T00:00:00.000Z",
    }  # fmt: skip
    user = {"id": "u1", "name": "Gina", "slug": "gina", "email": "gina@example.org"}
    pairs = [{"post_id": "p1", "author_id": "u1", "sort_order": 0}]
    data = {"posts": [post], "users": [user], "posts_authors": pairs}
    file.write_text(json.dumps({"db": [{"meta": {"version": "5.80.0"}, "data": data}]}), encoding="utf-8")


def _typecho(old: OldBlog) -> None:
    old.run(TYPECHO.format("typecho_", '"'))
    old.add("typecho_users", {"uid": 1, "name": "tina", "screenName": "Tina", "group": "administrator"})
    old.add("typecho_options", {"name": "siteUrl", "user": 0, "value": "https://old.example"})
    old.add("typecho_contents", {
        "cid": 1, "title": "来自 Typecho", "slug": "from-typecho", "created": NOON, "modified": NOON, "order": 0,
        "text": "<!--markdown-->茶", "authorId": 1, "type": "post", "status": "publish", "commentsNum": 0, "parent": 0,
    })  # fmt: skip


def _blog_2016(old: OldBlog) -> None:
    old.run(BLOG_2016[1])
    password = bcrypt.hashpw(b"correct horse", bcrypt.gensalt(4)).decode()
    old.add("users", {"id": "u1", "username": "dora", "password": password})
    old.add("posts", {
        "id": "p1", "title": "From 2016", "text": "<p>x</p>", "publish_date": "2016-12-11 01:30:00", "user_id": "u1",
    })  # fmt: skip
