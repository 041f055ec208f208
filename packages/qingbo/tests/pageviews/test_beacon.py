"""Which views that a browser reports are counted."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from qingbo.clock import now
from qingbo.extensions import session
from qingbo.pageviews.models import AuthorViews, PostViews
from qingbo.posts.models import PRIVATE, UNLISTED, Post

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


def views(post: Post | int) -> int:
    number = post if isinstance(post, int) else post.id
    found = session().scalar(sa.select(sa.func.sum(PostViews.views)).where(PostViews.post_id == number))
    return int(found or 0)


def test_another_browser_at_the_same_address_is_another_reader(blog: Any, read: Any, write: Any) -> None:
    number = blog.post().id
    read(number)
    read(number, User_Agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1")
    read(number, address="2001:db8::1")
    read(number, address="2001:db8::2")  # of one network, as in one household
    write()
    assert views(number) == 3


STATES: dict[str, dict[str, Any]] = {
    "draft": {"published_at": None},
    "scheduled": {"published_at": now() + timedelta(days=300)},
    "private": {"visibility": PRIVATE},
}


@pytest.mark.parametrize("state", [*STATES, "binned", "missing"])
def test_what_not_everybody_may_read_is_not_counted_and_not_told(blog: Any, read: Any, write: Any, state: str) -> None:
    number = blog.post(**STATES.get(state, {})).id
    if state == "binned":
        visitor = blog.visitor("author")
        assert visitor.send(f"/posts/{session().get(Post, number).slug}/delete").status_code == 303
    if state == "missing":
        number = 2**70
    answer = read(number)
    assert (answer.status_code, answer.data) == (204, b"")
    write()
    session().rollback()
    assert session().scalars(sa.select(AuthorViews.views)).all() == []


def test_unlisted_posts_and_pages_are_counted(blog: Any, read: Any, write: Any) -> None:
    unlisted = blog.post(visibility=UNLISTED).id
    page = blog.post("About", kind="page", author=blog.user("root", "administrator")).id
    for number in (unlisted, page):
        read(number)
    write()
    assert [views(unlisted), views(page)] == [1, 1]


def test_who_may_edit_a_post_is_no_reader_of_it(blog: Any, read: Any, write: Any) -> None:
    number = blog.post().id
    for name, role in (("author", "author"), ("editor", "editor"), ("root", "administrator")):
        read(number, visitor=blog.visitor(name, role))
    write()
    assert views(number) == 0
    for name, role in (("other", "author"), ("reader", "reader")):
        read(number, address=f"10.0.0.{len(name)}", visitor=blog.visitor(name, role))
    write()
    assert views(number) == 2


@pytest.mark.parametrize(
    "said",
    [
        {"User_Agent": "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)"},
        {"User_Agent": "Mozilla/5.0 AppleWebKit/537.36 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"},
        {"User_Agent": "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0.0.0 Safari/537.36"},
        {"User_Agent": "curl/8.5.0"},
        {"User_Agent": "something-new/1.0"},
        {"User_Agent": ""},
    ],
    ids=lambda said: said["User_Agent"][-20:],
)
def test_a_robot_is_not_counted(blog: Any, read: Any, write: Any, said: dict[str, str]) -> None:
    number = blog.post().id
    assert read(number, **said).status_code == 204
    write()
    assert views(number) == 0


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.42 Language/zh_CN",
        "Mozilla/5.0 (Linux; Android 12; wv) Version/4.0 Chrome/97.0 Mobile Safari/537.36 baiduboxapp/13.22.0.10",
        "Mozilla/5.0 (Linux; Android 8.0; CUBOT_X18) Chrome/80.0 Mobile Safari/537.36",
    ],
)
def test_browsers_whose_names_look_like_robots_are_counted(blog: Any, read: Any, write: Any, agent: str) -> None:
    number = blog.post().id
    read(number, User_Agent=agent)
    write()
    assert views(number) == 1


def test_other_sites_and_programs_that_name_no_site_are_not_counted(blog: Any, read: Any, write: Any) -> None:
    number = blog.post().id
    assert read(number, Sec_Fetch_Site="cross-site").status_code == 403
    assert read(number, Sec_Fetch_Site="", Origin="https://elsewhere.example").status_code == 403
    agent = {"User-Agent": "Mozilla/5.0 Firefox/140.0"}
    assert blog.visitor().post(f"/posts/{number}/views", headers=agent).status_code == 204
    write()
    assert views(number) == 0
    read(number, Sec_Fetch_Site="", Origin="http://localhost")  # as older browsers
    write()
    assert views(number) == 1


def test_one_address_announces_so_many_views_a_minute(blog: Any, read: Any) -> None:
    number = blog.post().id
    answers = [read(number).status_code for _ in range(125)]
    assert (answers[0], answers[119], answers[-1]) == (204, 204, 429)
    assert read(number, address="10.0.0.9").status_code == 204


def test_a_long_body_is_refused(blog: Any, read: Any) -> None:
    assert read(blog.post().id, referrer="https://a.example/" + "a" * 2000).status_code == 413


def test_nothing_is_counted_where_the_setting_is_off(blog: Any, read: Any, write: Any) -> None:
    post = blog.post()
    assert "js/seen.js" in blog.visitor().read(f"/posts/{post.slug}")
    blog.change_settings(view_counts=False)
    assert "js/seen.js" not in blog.visitor().read(f"/posts/{post.slug}")
    assert read(post.id).status_code == 404
    write()
    assert views(post) == 0


def test_the_answer_is_stored_by_no_cache_and_sets_no_cookie(blog: Any, read: Any) -> None:
    headers = read(blog.post().id).headers
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers
