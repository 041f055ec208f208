"""The floors that `pages.py` compares the blog with, each served by granian. None of them imports the blog.

* ``same_bytes`` returns the bytes of the page;
* ``minimal`` is the page in code for this page only: plain SQL with the driver of the engine, a Flask view and a Jinja
  template, with all constant markup as text. It shows the same content, and computes for each request what depends on
  the database or the clock.

``BENCH_PAGE`` names the page, ``BENCH_PATH`` is its path, ``BENCH_BODY`` a file with its bytes, ``BENCH_DATABASE`` the
URL of the blog's database.
"""

import hashlib
import json
import os
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from flask import Flask
from markupsafe import Markup

PAGE, PATH = os.environ["BENCH_PAGE"], os.environ["BENCH_PATH"]
SITE = os.environ["BENCH_ADDRESS"]
TITLE = "轻博 Qingbo"
_BODY = Path(os.environ["BENCH_BODY"]).read_bytes()
_TYPE = "application/atom+xml" if PAGE == "feed" else "text/html"


def same_bytes(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Return the bytes of the page."""
    start_response("200 OK", [("Content-Type", f"{_TYPE}; charset=utf-8"), ("Content-Length", str(len(_BODY)))])
    return [_BODY]


hello = Flask("hello")


@hello.get("/")
def say_hello() -> str:
    """Return one word."""
    return "hello"


minimal = Flask("minimal", template_folder="floors_templates")
minimal.jinja_env.trim_blocks = minimal.jinja_env.lstrip_blocks = True

_local = threading.local()
_ZONE = ZoneInfo("Asia/Shanghai")
_DATABASE = urlsplit(os.environ["BENCH_DATABASE"])
_IS_SQLITE = _DATABASE.scheme == "sqlite"

_POST = """p.id, p.kind, p.title, p.slug, p.excerpt, p.parts, p.published_at, p.updated_at, p.pinned_at,
u.name_key, coalesce(u.display_name, u.name) AS author"""
_FROM = "FROM posts p JOIN users u ON u.id = p.author_id"
_SHORT = "CASE WHEN p.kind IN ('note', 'quote', 'link') AND char_length(p.text) <= 2000 THEN p.text END AS text"
if _IS_SQLITE:
    _SHORT = _SHORT.replace("char_length", "length")
_SEVERAL = """SELECT (SELECT author_id FROM posts WHERE published_at <= %(now)s ORDER BY author_id LIMIT 1)
<> (SELECT author_id FROM posts WHERE published_at <= %(now)s ORDER BY author_id DESC LIMIT 1) AS several"""
_TOP_TAGS = """WITH to_come AS (SELECT t.tag_id, count(*) AS posts FROM posts_tags t
WHERE t.post_id IN (SELECT id FROM posts WHERE published_at > %(now)s) GROUP BY t.tag_id)
SELECT name, slug FROM (SELECT * FROM (
SELECT id, name, slug, post_count AS posts FROM tags WHERE post_count > 0 AND id NOT IN (SELECT tag_id FROM to_come)
ORDER BY post_count DESC, id DESC LIMIT 20) others
UNION ALL SELECT g.id, g.name, g.slug, g.post_count - c.posts FROM tags g JOIN to_come c ON c.tag_id = g.id
WHERE g.post_count > c.posts) found ORDER BY posts DESC, id DESC LIMIT 20"""


class Row(dict[str, Any]):
    """A row with its columns as attributes."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


@minimal.get("/")
def show_page() -> str | tuple[str, dict[str, str]]:
    """Show the page with as little code as possible."""
    page: str | tuple[str, dict[str, str]] = _PAGES[PAGE]()
    return page


def _show_home() -> str:
    now = _now()
    pinned = _query(
        f"SELECT {_POST}, {_SHORT} {_FROM} WHERE p.pinned_at IS NOT NULL AND p.published_at <= %(now)s"
        " ORDER BY p.pinned_at DESC LIMIT 10", now=now,
    )  # fmt: skip
    without = f"AND p.id NOT IN ({', '.join(str(row.id) for row in pinned)})" if pinned else ""
    posts = _query(
        f"SELECT {_POST}, {_SHORT} {_FROM} WHERE p.published_at <= %(now)s {without}"
        " ORDER BY p.published_at DESC, p.id DESC LIMIT 11", now=now,
    )  # fmt: skip
    older, posts = _older(posts), posts[:10]
    _complete([*pinned, *posts])
    lead = next((post for post in [*pinned, *posts] if post.kind == "article"), None)
    return _TEMPLATE.render(
        lead=lead, periods=[
            ("", [post for post in pinned if post is not lead]),
            *_periods(post for post in posts if post is not lead),
        ], several=_several(now), older=older,
        tags=_with_languages(_query(_TOP_TAGS, now=now)), title="", address="/", **_FRAME,
    )  # fmt: skip


def _show_tag() -> str:
    now = _now()
    (tag,) = _query("SELECT id, name, slug, description FROM tags WHERE slug = %(slug)s", slug=_slug())
    posts = _query(
        f"SELECT {_POST}, {_SHORT} FROM posts_tags t JOIN posts p ON p.id = t.post_id"
        " JOIN users u ON u.id = p.author_id WHERE t.tag_id = %(tag)s AND t.published_at <= %(now)s"
        " ORDER BY t.published_at DESC, t.post_id DESC LIMIT 11", tag=tag.id, now=now,
    )  # fmt: skip
    older, posts = _older(posts), posts[:10]
    _complete(posts)
    _with_languages([tag])
    return _TEMPLATE.render(
        tag=tag,
        periods=[("", []), *_periods(posts)],
        several=_several(now),
        older=older,
        title=tag.name,
        address=PATH,
        **_FRAME,
    )


def _show_post() -> str:
    now = _now()
    (post,) = _query(
        f"SELECT {_POST}, p.text, u.bio, u.avatar, u.id AS author_id {_FROM}"
        " WHERE p.slug = %(slug)s AND p.published_at <= %(now)s", slug=_slug(), now=now,
    )  # fmt: skip
    tags = _query(
        "SELECT g.id, g.name, g.slug, g.post_count FROM posts_tags t JOIN tags g ON g.id = t.tag_id"
        " WHERE t.post_id = %(post)s ORDER BY g.name_key", post=post.id,
    )  # fmt: skip
    comments = _query(
        "SELECT c.id, c.parent_id, c.text, c.created_at, c.author_id, c.guest_name, u.name_key, u.avatar,"
        " coalesce(u.display_name, u.name) AS author FROM comments c LEFT JOIN users u ON u.id = c.author_id"
        " WHERE c.post_id = %(post)s AND (c.hidden_at IS NULL OR c.state = 'deleted')"
        " ORDER BY coalesce(c.parent_id, c.id), c.id LIMIT 101", post=post.id,
    )  # fmt: skip
    html = _html({f"post\n{post.text}", *(f"comment\n{comment.text}" for comment in comments)})
    for comment in comments:
        comment["html"] = html[f"comment\n{comment.text}"]
    older, newer = (
        next(iter(_query(
            f"SELECT title, slug, excerpt, kind FROM posts WHERE published_at {sign}= %(at)s AND (published_at {sign}"
            f" %(at)s OR id {sign} %(post)s) AND published_at <= %(now)s ORDER BY published_at {order}, id {order}"
            " LIMIT 1", at=post.published_at, post=post.id, now=now,
        )), None)
        for sign, order in (("<", "DESC"), (">", "ASC"))
    )  # fmt: skip
    body = html[f"post\n{post.text}"]
    data = {
        "@context": "https://schema.org", "@type": "BlogPosting", "headline": _title(post), "url": SITE + PATH,
        "datePublished": _machine(post.published_at),
        "dateModified": _machine(max(_at(post.updated_at), _at(post.published_at))), "inLanguage": "zh-Hans",
        "image": f"{SITE}{_FRAME['mark']}", "keywords": [tag.name for tag in tags],
        "author": {"@type": "Person", "name": post.author, "url": f"{SITE}/users/{post.name_key}"},
        "publisher": {"@type": "Organization", "name": TITLE, "url": f"{SITE}/"},
    }  # fmt: skip
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return _TEMPLATE.render(
        post=post, html=Markup(body), headings=_headings(body), minutes=_minutes(post.text), several=_several(now),
        tags=tags, related=_related(post, tags, now), neighbours=(older, newer), comments=comments[:100],
        data=Markup(written), title=_title(post), address=PATH, **_FRAME,
    )  # fmt: skip


def _show_feed() -> tuple[str, dict[str, str]]:
    posts = _query(
        f"SELECT {_POST}, p.text {_FROM} WHERE p.published_at <= %(now)s"
        " ORDER BY p.published_at DESC, p.id DESC LIMIT 20", now=_now(),
    )  # fmt: skip
    _complete(posts, is_whole=True)
    updated = max(max(_at(post.updated_at), _at(post.published_at)) for post in posts)
    text = _TEMPLATE.render(posts=posts, updated=updated, site=SITE, id=_ID, title=TITLE)
    return text, {"Content-Type": "application/atom+xml; charset=utf-8"}


def _related(post: Row, tags: Sequence[Row], now: object) -> list[Row]:
    """Return the posts that share the most tags; rare tags count more."""
    rarest = sorted(tags, key=lambda tag: (tag.post_count, tag.id))[:4]
    newest = " UNION ALL ".join(
        f"SELECT * FROM (SELECT post_id, tag_id, published_at FROM posts_tags WHERE tag_id = {tag.id}"
        f" AND published_at <= %(now)s ORDER BY published_at DESC, post_id DESC LIMIT 40) of_{tag.id}"
        for tag in rarest
    )
    worth = {tag.id: 1 / (1 + tag.post_count) for tag in rarest}
    scores: dict[int, float] = defaultdict(float)
    dates = {}
    for row in _query(newest, now=now):
        scores[row.post_id] += 1 + worth[row.tag_id]
        dates[row.post_id] = row.published_at
    ordered = sorted(scores, key=lambda number: (scores[number], dates[number], number), reverse=True)
    numbers = [number for number in ordered if number != post.id][:4]
    found = _query(
        "SELECT id, title, slug, excerpt, kind, published_at FROM posts"
        f" WHERE id IN ({', '.join(map(str, numbers))}) AND published_at <= %(now)s", now=now,
    )  # fmt: skip
    return sorted(found, key=lambda row: numbers.index(row.id))


def _complete(posts: Sequence[Row], *, is_whole: bool = False) -> None:
    """Add tags and HTML to posts."""
    numbers = ", ".join(str(post.id) for post in posts)
    tags = defaultdict(list)
    for tag in _query(
        "SELECT t.post_id, g.name, g.slug FROM posts_tags t JOIN tags g ON g.id = t.tag_id"
        f" WHERE t.post_id IN ({numbers}) ORDER BY g.name_key"
    ):
        tags[tag.post_id].append(tag)
    shown = {post.id: f"post\n{_markdown(post)}" for post in posts if post.text is not None}
    html = _html(set(shown.values())) if shown else {}
    for post in posts:
        post["tags"], text = _with_languages(tags[post.id]), shown.get(post.id, "")
        made = html.get(text, "")
        if post.kind == "link" and not is_whole:
            made = made.replace("<p><a ", '<p class="card-link"><a ', 1)
        if is_whole:
            made = made.replace('href="#', f'href="{SITE}/posts/{post.slug}#')
        post["html"], post["pictures"] = Markup(made), [] if is_whole else _pictures(post)
        post["shown_title"], post["language"] = _title(post), _language(post.title + post.excerpt)
        if is_whole:
            continue
        post["when"], post["author_language"] = _when(post.published_at, _PART), _language(post.author)


def _with_languages(tags: list[Row]) -> list[Row]:
    for tag in tags:
        tag["language"] = _language(tag.name)
    return tags


def _markdown(post: Row) -> str:
    """Return the Markdown from which the rendering of a post was made."""
    text: str = post.text
    match post.kind:
        case "quote":
            quoted = "\n".join(f"> {line}".rstrip() for line in text.splitlines())
            source = json.loads(post.parts)["source"]
            return f"{quoted}\n>\n> — {source}" if source else quoted
        case "link":
            link = json.loads(post.parts)["link"]
            return f"[{link.partition('://')[2]}](<{link}>)\n\n{text}"
        case "photos":
            lines = [line.partition(" ") for line in json.loads(post.parts)["pictures"].splitlines()]
            return "\n\n".join(["\n".join(f"![{said}](<{address}>)" for address, _space, said in lines), text])
    return text


def _pictures(post: Row) -> list[Markup]:
    if post.kind != "photos":
        return []
    lines = [line.partition(" ") for line in json.loads(post.parts)["pictures"].splitlines()]
    return [Markup(f'<img src="{escape(address)}" alt="{escape(said)}">') for address, _space, said in lines]


def _html(texts: set[str]) -> dict[str, str]:
    """Return the HTML of texts, which the blog stored when it first showed them."""
    digests = {hashlib.sha256(text.encode()).hexdigest(): text for text in texts}
    wanted = ", ".join(f"'{digest}'" for digest in digests)
    rows = _query(f"SELECT digest, html FROM renderings WHERE digest IN ({wanted})")
    return dict.fromkeys(texts, "") | {digests[row.digest]: row.html for row in rows}


def _headings(html: str) -> list[tuple[str, str]]:
    found = re.findall(r'<h2 id="([^"]*)">(.*?)</h2>', html)
    return found if len(found) >= 3 else []


_CHINESE = re.compile("[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = re.compile(r"[^\W_\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]+(?:['’-][^\W_]+)*")
_LATIN = re.compile("[A-Za-z]")
_OWN, _ENGLISH, _PART = Markup(""), Markup(' lang="en"'), ' class="dt-published"'
_SENTENCE = re.compile(r"^.{4,}?[。！？!?；;…](?=.)|^.{4,}?\.(?= )")


def _minutes(text: str) -> int:
    return max(1, round(len(_CHINESE.findall(text)) / 400 + len(_WORD.findall(text)) / 220))


def _title(post: Row) -> str:
    if post.title:
        return str(post.title)
    words: str = post.excerpt
    if post.kind == "link":
        words = words.partition(" ")[2] or words
    sentence = _SENTENCE.match(words)
    words = (sentence[0] if sentence else words).rstrip("。.；;")
    return words if len(words) <= 40 else f"{words[:40].rstrip(' ，,、。')}…"


def _several(now: object) -> bool:
    return bool(_query(_SEVERAL, now=now)[0].several)


def _periods(posts: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Return posts by day, or by month if they span more than two weeks."""
    posts = list(posts)
    dates = [_at(post.published_at) for post in posts]
    by_month = bool(dates) and max(dates) - min(dates) > timedelta(days=14)

    def name(post: Row) -> str:
        at = _at(post.published_at).astimezone(_ZONE)
        return f"{at.year}年{at.month}月" if by_month else f"{at.year}年{at.month}月{at.day}日"

    return [(period, list(some)) for period, some in groupby(posts, name)]


def _older(posts: Sequence[Row]) -> str:
    """Return the cursor of the next page."""
    if len(posts) < 11:
        return ""
    at = _at(posts[9].published_at) - datetime(1, 1, 1, tzinfo=UTC)
    return f"{_base36(at // timedelta(microseconds=1))}-{_base36(posts[9].id)}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits


def _at(value: Any) -> datetime:
    """Return a moment as the driver gives it."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _machine(value: Any) -> str:
    return _at(value).isoformat(timespec="seconds")


def _when(value: Any, part: str = "") -> Markup:
    """Return a moment as a page shows it: how long ago it was in the last week, else the day."""
    at = _at(value)
    local, seconds = at.astimezone(_ZONE), (datetime.now(UTC) - at).total_seconds()
    said = f"{local.year}年{local.month}月{local.day}日"
    title = f"{said} {local:%H:%M}"
    if 0 <= seconds < 7 * 86_400:
        units = ((86_400, " 天前"), (3_600, " 小时前"), (60, " 分钟前"))
        said = next((f"{int(seconds // size)}{name}" for size, name in units if seconds >= size), "刚刚")
    return Markup(f'<time{part} datetime="{at.isoformat(timespec="seconds")}" title="{title}">{said}</time>')


def _day(value: Any) -> str:
    at = _at(value).astimezone(_ZONE)
    return f"{at.month}月{at.day}日"


def _language(text: str) -> Markup:
    """Return the attribute that marks a text as English."""
    if not _LATIN.search(text):
        return _OWN
    return _ENGLISH if len(_CHINESE.findall(text)) <= len(_LATIN.findall(text)) * 0.15 else _OWN


def _tone(name: str) -> int:
    return hashlib.sha256(name.encode()).digest()[0] % 6


def _slug() -> str:
    return unquote(PATH.rpartition("/")[2])


def _now() -> object:
    now = datetime.now(UTC)
    return now if _DATABASE.scheme.startswith("postgresql") else now.replace(tzinfo=None).isoformat(" ")


def _query(statement: str, **values: Any) -> list[Row]:
    """Return the rows of a statement whose parameters are named as in PyMySQL and psycopg."""
    if _IS_SQLITE:
        statement = re.sub(r"%\((\w+)\)s", r":\1", statement)
    cursor = _connection().cursor()
    cursor.execute(statement, values)
    names = [column[0] for column in cursor.description]
    return [Row(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _connection() -> Any:
    if not hasattr(_local, "connection"):
        _local.connection = _connect()
    return _local.connection


def _connect() -> Any:
    named: dict[str, Any] = {"host": _DATABASE.hostname, "port": _DATABASE.port, "user": _DATABASE.username}
    name = _DATABASE.path.removeprefix("/")
    if _IS_SQLITE:
        import sqlite3

        return sqlite3.connect(name, isolation_level=None)
    if _DATABASE.scheme.startswith("mysql"):
        import pymysql

        return pymysql.connect(**named, database=name, charset="utf8mb4", autocommit=True)
    import psycopg

    return psycopg.connect(**named, dbname=name, autocommit=True)


def _frame() -> dict[str, str]:
    """Cut the parts that are constant for this kind of page out of the real page."""
    page = _BODY.decode()
    if PAGE == "feed":
        return {}

    def between(begin: str, end: str) -> str:
        first = page.index(begin)
        return page[first : page.index(end, first) + len(end)]

    scripts = re.search(r'application/ld\+json">.*?</script>(.*?)<link rel="expect"', page, re.DOTALL)
    ready = {
        "top": page[: page.index("<title>")],
        "scripts": re.sub(r"/posts/\d+/views", "/posts/NUMBER/views", scripts[1] if scripts else ""),
        "header": between("<body>", "</header>"),
        "footer": between('<footer class="site-footer">', "</html>"),
    }
    found = re.search(r'property="og:image" content="[^"]*?(/static[^"]*)"', page)
    return {name: Markup(text) for name, text in ready.items()} | {"mark": found[1] if found else ""}


_FRAME: dict[str, Any] = _frame() | {"site": SITE, "site_title": TITLE}
_ID = ""


def _read_id() -> str:
    (row,) = _query("SELECT value FROM site_settings WHERE name = 'first_use'")
    return str(json.loads(row.value)["site_id"])


if PAGE == "feed":
    _ID = _read_id()

minimal.jinja_env.globals.update(
    when=_when, title_of=_title, lang=_language, tone=_tone, machine=_machine, day=_day, at=_at,
    entry_id=lambda number: f"urn:uuid:{uuid5(UUID(_ID), f'post {number}')}",
)  # fmt: skip
_PAGES: dict[str, Callable[[], Any]] = {
    "home": _show_home, "tag": _show_tag, "post": _show_post, "feed": _show_feed
}  # fmt: skip
_NAMES = {"home": "home.html", "tag": "tag.html", "post": "post.html", "feed": "feed.xml"}
_TEMPLATE = minimal.jinja_env.get_template(_NAMES.get(PAGE, "frame.html"))
