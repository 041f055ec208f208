"""All processes of a blog share the limits on passwords and codes; two apps act as two processes."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from blogs import PASSWORD, Blog, Visitor, at_another_time
from flask import Flask
from qingbo.app import create_app
from qingbo.attempts import AttemptCount, Limit, forget_old_attempts, may_try
from qingbo.comments import passes
from qingbo.extensions import db, session
from redis_server import redis_url  # noqa: F401 - a fixture

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_first]


@pytest.fixture
def second(blog: Any) -> Iterator[Flask]:
    """Another process of the same blog."""
    app = create_app(blog.home)
    yield app
    close(app)


def close(app: Flask) -> None:
    app.extensions["qingbo_fragments"].freshness.close()
    with app.app_context():
        db.engine.dispose()


def counted() -> int:
    with db.engine.connect() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(AttemptCount)).scalar_one()


def answers(apps: list[Flask], path: str, times: int, **fields: str) -> list[int]:
    """Send a form to one app after the other."""
    visitors = [Visitor(app.test_client()) for app in apps]
    return [visitors[number % len(visitors)].send(path, **fields).status_code for number in range(times)]


def test_passwords_are_guessed_no_more_often_with_two_processes(blog: Any, second: Flask) -> None:
    blog.user("ann")
    codes = answers([blog.app, second], "/login", 16, name="ann", password="a wrong guess")
    assert codes == [422] * 10 + [429] * 6
    assert blog.visitor().send("/login", name="ann", password=PASSWORD).status_code == 429


def test_so_are_codes_of_the_second_step(blog: Any, second: Flask) -> None:
    limit = Limit("3 per minute; 5 per hour", ("second-step", "7"))
    tries = []
    for number in range(6):
        with (blog.app, second)[number % 2].app_context():
            tries.append(may_try(limit))
    assert tries == [True] * 3 + [False] * 3
    with second.app_context():
        assert may_try(Limit("3 per minute; 5 per hour", ("second-step", "8")))


def test_a_minute_later_the_hour_still_counts(blog: Any) -> None:
    limit = Limit("2 per minute; 3 per hour", ("form", "x"))
    assert [may_try(limit) for _ in range(3)] == [True, True, False]
    with at_another_time(minutes=2):
        assert not may_try(limit), "three of three"
    with at_another_time(hours=2):
        assert [may_try(limit) for _ in range(3)] == [True, True, False]


def test_accounts_are_made_no_faster_with_two_processes(blog: Any, second: Flask) -> None:
    blog.change_settings(registration="open")
    codes = answers([blog.app, second], "/register", 8, name="ann", email="x", password=PASSWORD, repeated=PASSWORD)
    assert codes == [422] * 5 + [429] * 3


def test_a_pass_for_a_comment_is_good_for_one_process(blog: Any, second: Flask) -> None:
    with at_another_time(hours=-1):
        started = passes.new_pass()["started"]
    with blog.app.test_request_context():
        assert passes.refusal_of(started, "") is None
    with second.test_request_context():
        assert passes.refusal_of(started, "") == passes.Refusal()


def test_what_is_refused_is_not_written(blog: Any, count_queries: Any) -> None:
    limit = Limit("1 per hour", ("flood",))
    assert may_try(limit)
    assert not may_try(limit)
    assert count_queries(lambda: may_try(limit)) == []


def test_an_earlier_limit_that_is_exceeded_spares_the_later_ones(blog: Any) -> None:
    own, everybodys = Limit("1 per hour", ("own",)), Limit("9 per hour", ("everybody",))
    for _ in range(20):
        may_try(own, everybodys)
        blog.app.extensions.pop("qingbo_attempts", None)  # as another process
    assert may_try(Limit("9 per hour", ("everybody",)))


def test_nobody_reads_names_and_addresses_in_it_and_old_counts_go(blog: Any) -> None:
    blog.visitor().send("/login", name="ann@example.com", password="wrong password")
    with db.engine.connect() as connection:
        rows = repr(connection.execute(sa.select(AttemptCount)).all())
    assert rows.count("datetime.datetime") >= 5
    assert "ann" not in rows
    assert "127.0.0.1" not in rows
    forget_old_attempts(blog.app)
    assert counted() == 5
    with at_another_time(hours=13):
        forget_old_attempts(blog.app)
    assert counted() == 0


def with_redis(blog: Blog, url: str) -> Flask:
    settings = blog.home / "qingbo.toml"
    # A stored page counts for nobody, and these processes would share it.
    settings.write_text(f'redis_url = "{url}"\npage_cache_megabytes = 0\n' + settings.read_text())
    return create_app(blog.home)


def test_redis_counts_for_all_processes(blog: Any, redis_url: str) -> None:  # noqa: F811
    apps = [with_redis(blog, redis_url), create_app(blog.home)]
    blog.user("ann")
    assert answers(apps, "/login", 14, name="ann", password="a wrong guess") == [422] * 10 + [429] * 4
    assert counted() == 0
    searched = answers_to_get(apps, "/search?q=tea", 124)
    assert searched == [200] * 120 + [429] * 4
    for app in apps:
        close(app)


def answers_to_get(apps: list[Flask], path: str, times: int) -> list[int]:
    clients = [app.test_client() for app in apps]
    return [clients[number % len(apps)].get(path).status_code for number in range(times)]


def test_so_are_comments_of_guests_which_are_counted_when_they_were_taken(blog: Any, redis_url: str) -> None:  # noqa: F811
    apps = [with_redis(blog, redis_url), create_app(blog.home)]
    blog.post("Post", slug="post")
    session().close()
    visitors = [Visitor(app.test_client()) for app in apps]
    codes = [visitors[number % 2].comment("/posts/post", text=str(number)).status_code for number in range(7)]
    assert codes == [303] * 5 + [429] * 2
    for app in apps:
        close(app)


def test_without_an_answer_of_redis_the_database_counts_and_no_page_fails(
    blog: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = with_redis(blog, "redis://127.0.0.1:9/0")
    blog.user("ann")
    assert answers([app], "/login", 12, name="ann", password="a wrong guess") == [422] * 10 + [429] * 2
    assert counted() > 0
    assert answers_to_get([app], "/search?q=tea", 122) == [200] * 120 + [429] * 2
    said = [record.message for record in caplog.records if "Redis does not answer" in record.message]
    assert 1 <= len(said) <= 4, "for each use of it once in a while, not for each request"
    close(app)


def test_a_mail_that_is_not_sent_is_not_counted(mailing_blog: Any) -> None:
    from qingbo.accounts.throttling import may_mail

    with mailing_blog.app.test_request_context():
        assert may_mail("reset", "ann@example.com")
        session().rollback()
        assert [may_mail("reset", "ann@example.com") for _ in range(4)] == [True] * 3 + [False]
        session().rollback()
