"""What `pages.py` measures the blog against, each served by granian. None of them imports the blog.

``BENCH_PATH`` says which page is stood in for, ``BENCH_BODY`` names a file with its bytes, ``BENCH_DATABASE`` the
blog's SQLite file.
"""

import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask

PATH = os.environ["BENCH_PATH"]
_BODY = Path(os.environ["BENCH_BODY"]).read_bytes()


def same_bytes(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Return the page as it is."""
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(_BODY)))])
    return [_BODY]


hello = Flask("hello")


@hello.get("/")
def say_hello() -> str:
    """Return one word."""
    return "hello"


minimal = Flask("minimal")
_local = threading.local()

_POSTS = """SELECT p.id, p.title, p.slug, p.excerpt, p.published_at, u.name
FROM posts p JOIN users u ON u.id = p.author_id ORDER BY p.published_at DESC, p.id DESC LIMIT 10"""
_TAGGED = """SELECT p.id, p.title, p.slug, p.excerpt, p.published_at, u.name FROM posts_tags t
JOIN posts p ON p.id = t.post_id JOIN users u ON u.id = p.author_id JOIN tags g ON g.id = t.tag_id
WHERE g.slug = ? ORDER BY t.published_at DESC, t.post_id DESC LIMIT 10"""
_TAGS = "SELECT g.name, g.slug FROM posts_tags t JOIN tags g ON g.id = t.tag_id WHERE t.post_id = ?"
_SIDEBAR = (
    "SELECT title, slug FROM posts ORDER BY published_at DESC, id DESC LIMIT 5",
    "SELECT name, slug FROM tags ORDER BY post_count DESC, id DESC LIMIT 20",
)
# The markup around the content, from the real page: the floor sends about as many bytes.
_SHELL = """<!doctype html><html lang="zh"><head><title>{{ title }}</title></head><body><main>
{% for post in posts %}<article><h2><a href="/posts/{{ post[2] }}">{{ post[1] }}</a></h2>
<p>{{ post[5] }} {{ post[4] }}</p><p>{{ post[3] }}</p>
<ul>{% for tag in tags.get(post[0], ()) %}<li><a href="/tags/{{ tag[1] }}">{{ tag[0] }}</a></li>{% endfor %}</ul>
{% if bodies %}<div>{{ bodies[loop.index0]|safe }}</div>{% endif %}</article>{% endfor %}</main>
<aside>{% for rows in sidebar %}<ul>{% for name, slug in rows %}
<li><a href="/{{ slug }}">{{ name }}</a></li>{% endfor %}</ul>{% endfor %}</aside></body></html>"""

_TEMPLATE = minimal.jinja_env.from_string(_SHELL)


@minimal.get("/")
def show_page() -> str:
    """Show the page's content with as little as one can write."""
    query = _connection().execute
    bodies: list[str] = []
    if PATH.startswith("/posts/"):
        posts = query(
            _POSTS.replace("ORDER BY", "WHERE p.slug = ? ORDER BY"), (PATH.removeprefix("/posts/"),)
        ).fetchall()
    elif PATH.startswith("/tags/"):
        posts = query(_TAGGED, (PATH.removeprefix("/tags/"),)).fetchall()
    else:
        posts = query(_POSTS.replace("LIMIT 10", f"LIMIT {20 if PATH == '/feed.atom' else 10}")).fetchall()
    if PATH.startswith(("/posts/", "/feed")):
        bodies = [_html(post[0]) for post in posts]
    tags = {post[0]: query(_TAGS, (post[0],)).fetchall() for post in posts}
    sidebar = [query(statement).fetchall() for statement in _SIDEBAR]
    return _TEMPLATE.render(title="blog", posts=posts, tags=tags, sidebar=sidebar, bodies=bodies)


def _html(number: int) -> str:
    found = _connection().execute("SELECT html FROM made WHERE id = ?", (number,)).fetchone()
    return found[0] if found else ""


def _connection() -> sqlite3.Connection:
    if not hasattr(_local, "connection"):
        _local.connection = sqlite3.connect(os.environ["BENCH_DATABASE"])
        _prepare(_local.connection)
    connection: sqlite3.Connection = _local.connection
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Key the HTML by the post, as a minimal blog would have it."""
    connection.execute("CREATE TEMP TABLE made (id INTEGER PRIMARY KEY, html TEXT)")
    newest = connection.execute("SELECT id, text FROM posts ORDER BY published_at DESC, id DESC LIMIT 20").fetchall()
    for number, text in newest:
        digest = hashlib.sha256(f"post\n{text}".encode()).hexdigest()
        connection.execute("INSERT INTO made SELECT ?, html FROM renderings WHERE digest = ?", (number, digest))
