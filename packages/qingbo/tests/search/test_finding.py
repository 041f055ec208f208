"""Searching posts: the same results on every engine, and only posts that the person may read."""

import random
import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from blogs import at_another_time, form_on
from qingbo.clock import now
from qingbo.comments.search_index import CommentSearch
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.posts.bin import delete_post
from qingbo.posts.finding import Narrowing, Spot, find_posts, shown_results
from qingbo.posts.queries import find_post
from qingbo.posts.related import related_posts
from qingbo.posts.search_index import PostSearch
from qingbo.posts.states import kept
from qingbo.reindexing import count_missing, reindex
from qingbo.search.folding import fold
from qingbo.search.terms import Query
from qingbo.tasks import sweep

pytestmark = pytest.mark.sqlite_first

AGO = timedelta(days=1)


def found(text: str, *, newest_first: bool = True, size: int = 50, **narrowed: Any) -> list[str]:
    """Return the titles of the posts that a query finds, in their order."""
    session().rollback()
    query = Query.read(text)
    results = find_posts(session(), query, Narrowing(**narrowed), Spot(), size, newest_first=newest_first)
    return [shown.post.title for shown in shown_results(session(), query, [number for number, _spot in results.spots])]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("我的轻博客开张了。", "博客"),
        ("我的轻博客开张了。", "轻博客"),
        ("我的轻博客开张了。", "轻"),
        ("歡迎來到臺灣", "台湾"),
        ("欢迎来到台湾", "臺灣"),
        ("Ｆｌａｓｋ　１２３", "flask 123"),
        ("Flask", "FLA"),
        ("Ein Café in Zürich", "cafe zurich"),
        ("Straße", "STRASSE"),
        ("Привет, мир", "привет"),
        ("用Flask写博客", "flask"),
        ("用Flask写博客", "写博客 FLASK"),
        ("ひらがなとカタカナ", "カタ"),
        ("한국어 블로그", "블로그"),
        ("𠮷野家", "𠮷野"),
        ("C++ and C#", "c"),
        ("to be, or not to be", '"not to be"'),
        ("数据库设计模式", "“库设计”"),
        ("**粗**体 [链接](https://example.com/x)", "粗体"),
        ("the and of", "the"),
        ("x" * 300, "x" * 300),
        ("🍵 tea", "🍵 tea"),
    ],
)
def test_what_is_written_is_found(blog: Any, text: str, query: str) -> None:
    blog.post("One", text)
    blog.post("Other", "Something else entirely, 另外一件事。")
    assert found(query) == ["One"]
    assert found(query, newest_first=False) == ["One"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        "，。！",
        '""',
        "客博",
        "og",
        '"be not"',
        "博客 nothing",
        "a" * 500,
        "AND OR NOT",
        "NEAR(a b)",
        "+-*:()&|!<>'\\",
    ],
)
def test_what_is_not_there_is_not_found(blog: Any, query: str) -> None:
    blog.post("博客", "A blog: to be or not to be.")
    assert found(query) == []


WORDS = "轻博客 数据库 数据 茶叶 绿茶 西湖 臺灣 写作 flask Flask-Rewind database data Café tea".split()  # noqa: SIM905
QUERIES = (
    "博客", "数据", "数据库", "茶", "绿茶 西湖", "台湾", "写作 flask", "data", "cafe", "tea 茶叶", "t", "rewind 数",
    '"数据库"', "湖",
)  # fmt: skip


def test_every_engine_finds_and_orders_what_a_plain_reading_does(blog: Any) -> None:
    chance = random.Random(7)
    posts = []
    for number in range(60):
        title = " ".join(chance.choices(WORDS, k=2))
        text = "，".join(chance.choices(WORDS, k=chance.randint(1, 12)))
        tags = chance.sample(["茶叶", "data", "其他"], k=chance.randint(0, 2))
        at = now() - timedelta(hours=chance.randint(1, 5000))
        post = blog.post(title, text, tags=tags, published_at=at, slug=f"n{number}")
        posts.append((post.id, title, text, tags, at.replace(microsecond=0)))
    for typed in QUERIES:
        query = Query.read(typed)
        for newest_first in (True, False):
            session().rollback()
            results = find_posts(session(), query, Narrowing(), Spot(), 100, newest_first=newest_first)
            expected = expected_order(typed, posts, newest_first=newest_first)
            assert [number for number, _spot in results.spots] == expected, (typed, newest_first)
            assert paged(query, newest_first=newest_first) == expected


def expected_order(typed: str, posts: list[Any], *, newest_first: bool) -> list[int]:
    """Return the numbers of the posts that have all words, read one by one."""
    ranked = []
    for number, title, text, tags, at in posts:
        times = [
            (occurrences(word, title), occurrences(word, text), fold(word) in map(fold, tags))
            for word in typed.replace('"', "").split()
        ]
        in_title = all(first or tagged for first, _text, tagged in times)
        often = all(first or several >= 3 or tagged for first, several, tagged in times)
        if all(first or several or tagged for first, several, tagged in times):
            tier = 0 if newest_first or in_title else 1 if often else 2
            ranked.append((tier, -at.timestamp(), -number, number))
    return [number for *_order, number in sorted(ranked)]


def occurrences(word: str, text: str) -> int:
    """Return how often a word stands in a text; a Latin one begins a word, where it is more than one letter."""
    word, text = fold(word), fold(text)
    if not word.isascii():
        pairs = [word[at : at + 2] for at in range(len(word) - 1)]
        # A single character is found by what begins with it: it is often there where one of these is.
        begun = re.findall(rf"{word}[\u4e00-\u9fff]?", text)
        return min(text.count(pair) for pair in pairs) if pairs else max(map(begun.count, begun), default=0)
    words = re.findall(r"[a-z0-9]+", text)
    same = [each for each in words if (each.startswith(word) if len(word) > 1 else each == word)]
    return max((same.count(each) for each in same), default=0)


def paged(query: Query, *, newest_first: bool) -> list[int]:
    """Return the numbers that are found, page by page."""
    numbers: list[int] = []
    spot: Spot | None = Spot()
    while spot:
        results = find_posts(session(), query, Narrowing(), Spot.parse(str(spot)), 7, newest_first=newest_first)
        numbers += [number for number, _spot in results.spots]
        spot = results.more
    return numbers


def hidden_posts(blog: Any) -> dict[str, Any]:
    """Write a public post, and one of each kind that not everybody may read; all have the same words and tag."""
    ann = blog.user("ann")
    states: dict[str, dict[str, Any]] = {
        "public": {},
        "draft": {"published_at": None},
        "scheduled": {"published_at": now() + AGO},
        "private": {"visibility": "private"},
        "unlisted": {"visibility": "unlisted"},
        "binned": {},
    }
    posts = {
        name: blog.post(f"秘密 {name}", "秘密的茶。", author=ann, slug=name, tags=["秘密"], **parts)
        for name, parts in states.items()
    }
    visitor = blog.visitor("ann")
    assert visitor.send("/posts/binned/delete").status_code == 303
    return posts


def test_nobody_finds_what_they_may_not_read(blog: Any) -> None:
    hidden_posts(blog)
    for query in ("秘密", "茶", "秘密 draft", "private", "binned", "scheduled", "unlisted"):
        assert set(found(query)) <= {"秘密 public"}
        assert set(found(query, newest_first=False)) <= {"秘密 public"}
    for visitor in (blog.visitor(), blog.visitor("reader", "reader"), blog.visitor("ann")):
        for page in ("/search?q=秘密", "/search?q=秘密&order=newest&part", "/posts/public"):
            text = visitor.read(page).replace("秘密 public", "")
            assert not re.search("秘密 (draft|scheduled|private|unlisted|binned)", text), page


def test_a_scheduled_post_is_found_from_its_moment_on(blog: Any) -> None:
    blog.post("将来", "Later.", published_at=now() + timedelta(hours=1))
    assert found("将来") == []
    with at_another_time(hours=2):
        assert found("将来") == ["将来"]


def test_what_changes_is_found_as_it_is_now(blog: Any) -> None:
    post = blog.post("Old", "旧的内容")
    editor = blog.visitor("author")
    form = form_on(editor.get(path := f"/posts/{post.slug}/edit").text)
    form |= {"title": "New", "text": "新的内容", "action": "publish"}
    assert editor.post(path, data=form, headers=editor.headers).status_code == 303
    assert found("旧的") == []
    assert found("新的") == ["New"]
    assert editor.send(f"/posts/{post.slug}/delete").status_code == 303
    assert found("新的") == []
    assert editor.send(f"/posts/deleted/{post.id}", page="/posts/new").status_code == 303
    assert found("新的") == ["New"]


def test_filters_combine(blog: Any) -> None:
    old, ann = now().replace(year=2020, month=6, day=1), blog.user("ann")
    blog.post("A", "茶", tags=["tea"], published_at=old)
    blog.post("B", "茶", tags=["tea"], kind="note")
    blog.post("C", "茶", author=ann)
    assert found("茶") == ["C", "B", "A"]
    page = blog.visitor().read
    assert titles(page("/search?q=茶&year=2020")) == ["A"]
    assert titles(page("/search?q=茶&tag=tea")) == ["B", "A"]
    assert titles(page("/search?q=茶&tag=tea&kind=note")) == ["B"]
    assert titles(page("/search?q=茶&author=ann")) == ["C"]
    assert titles(page("/search?q=茶&author=ann&tag=tea")) == []
    assert titles(page("/search?q=茶&author=nobody&tag=none&kind=none&year=none")) == ["C", "B", "A"]
    assert blog.visitor().get("/search?q=茶&after=none").status_code == 404
    assert blog.visitor().get("/search?q=茶&after=9.9").status_code == 404


def titles(page: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", each) for each in re.findall(r"<h3[^>]*>(.*?)</h3>", page)]


def test_the_page_shows_where_the_words_stand_and_escapes_the_rest(blog: Any) -> None:
    blog.post("<b>茶</b>", "一<script>alert(1)</script>杯茶 & more")
    page = blog.visitor().get("/search?q=茶").text
    assert "&lt;b&gt;<mark>茶</mark>&lt;/b&gt;" in page
    assert "<mark>茶</mark> &amp; more" in page
    assert "<script>alert" not in page
    assert '"><img src=x' not in blog.visitor().get('/search?q="><img src=x>').text


def test_what_is_not_found_leads_on(blog: Any) -> None:
    blog.post("茶", "Tea.")
    page = blog.visitor().read("/search?q=咖啡 茶&kind=note")
    for address in ("/search?q=咖啡", "/search?q=茶", "/tags", "/archive"):
        assert f'href="{address}"' in unquote(page)


def test_the_studio_finds_what_one_may_change(blog: Any) -> None:
    hidden_posts(blog)
    blog.post("Of others", "秘密", author=blog.user("bob"))
    assert "秘密 draft" in blog.visitor("ann").read("/studio/posts?search=秘密")
    assert "秘密 binned" in blog.visitor("ann").read("/studio/posts?search=秘密&state=binned")
    assert "Of others" not in blog.visitor("ann").read("/studio/posts?search=秘密")
    assert "Of others" in blog.visitor("root", "editor").read("/studio/posts?search=秘密")
    assert "秘密 draft" not in blog.visitor("bob").read("/studio/posts?search=draft")


def test_moderators_find_comments(blog: Any) -> None:
    of_ann, of_bob = (blog.post(name, author=blog.user(name), slug=name) for name in ("ann", "bob"))
    blog.change_settings(comment_hold="all")
    blog.comment(f"/posts/{of_ann.slug}", "我喜欢喝茶", name="小王")
    blog.comment(f"/posts/{of_bob.slug}", "这里也有茶", name="小李")
    ann = blog.visitor("ann")
    for words in ("喝茶", "茶", "小王"):
        assert "我喜欢喝茶" in ann.read(f"/studio/comments?search={words}")
    assert "这里也有茶" not in ann.read("/studio/comments?search=茶")
    assert "这里也有茶" in blog.visitor("root", "editor").read("/studio/comments?search=茶")
    assert "我喜欢喝茶" not in ann.read("/studio/comments?search=咖啡")


def test_related_posts_share_tags_then_words_of_the_title(blog: Any) -> None:
    hidden_posts(blog)
    post = blog.post("西湖边的茶", "One.", tags=["茶", "杭州"])
    blog.post("Both tags", "Two.", tags=["茶", "杭州"], published_at=now() - AGO)
    blog.post("One tag", "Three.", tags=["茶"])
    blog.post("西湖的早晨", "Four.")
    blog.post("Nothing in common", "西湖")
    found = related_posts(session(), find_post(session(), post.id, kept()))
    assert [each.title for each in found] == ["Both tags", "One tag", "西湖的早晨"]
    assert "Both tags" in blog.visitor().read(f"/posts/{post.slug}")


def test_what_is_missing_is_found_by_doctor_and_made_by_the_sweep_and_by_reindex(blog: Any) -> None:
    blog.post("茶", "Tea.")
    blog.comment("/posts/cha", "绿茶")
    assert count_missing(session()) == 0
    with writing():
        session().execute(sa.delete(PostSearch))
        session().execute(sa.delete(CommentSearch))
        session().commit()
    assert found("茶") == []
    assert count_missing(session()) == 2
    session().rollback()
    sweep(blog.app)
    assert count_missing(session()) == 0
    assert found("茶") == ["茶"]
    reindex(session(), lambda name, count=1: None)
    assert found("茶") == ["茶"]


def test_the_row_goes_with_its_post(blog: Any) -> None:
    post = blog.post("茶", "Tea.")
    with writing():
        delete_post(session(), find_post(session(), post.id, kept()))
        session().commit()
    assert session().scalars(sa.select(PostSearch.post_id)).all() == []
    assert found("茶") == []
