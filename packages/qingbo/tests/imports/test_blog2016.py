"""Importing the light blog of 2016 from its database, at each of its revisions, on SQLite and MariaDB."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import bcrypt
import pytest
import sqlalchemy as sa
from import_reports import counted, printed
from old_databases import BLOG_2016, OldBlog, old_blog
from qingbo.accounts.models import User
from qingbo.cli import main
from qingbo.comments.models import Comment
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.imports.blog2016.importing import count_posts, import_blog2016
from qingbo.imports.report import Item, Report, Topic
from qingbo.imports.systems.databases import old_database
from qingbo.imports.systems.importing import Choices
from qingbo.mail.models import OutgoingMail
from qingbo.posts.models import Post

pytestmark = pytest.mark.slow

ID = "0b6a2a52-6a52-4bd4-9d0b-00000000000{}"


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.slow)])
def old(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Iterator[OldBlog]:
    with old_blog(request.param, tmp_path, worker_id) as database:
        yield database


@pytest.fixture
def run(blog: Any) -> Any:
    def run(old: OldBlog, site: str = "", **choices: Any) -> Report:
        with writing(), old_database(old.url) as database:
            session().rollback()
            count_posts(database)
            return import_blog2016(session(), database, ZoneInfo("Asia/Shanghai"), Choices(**choices), site=site)

    return run


def hashed(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def fill(old: OldBlog, revision: int) -> None:
    old.run(*(BLOG_2016[number] for number in range(1, revision + 1)))
    users = {"boss": "correct horse", "John Doe": "jmilkfan", "writer": "another horse", "guest": "third horse"}
    old.add("users", *(
        {"id": f"u{number}", "username": name, "password": hashed(password)}
        for number, (name, password) in enumerate(users.items())
    ))  # fmt: skip
    old.add("roles", *({"id": f"r{name}", "name": name, "description": ""} for name in ("admin", "poster", "default")))
    pairs = [("u0", "radmin"), ("u0", "rposter"), ("u1", "rposter"), ("u2", "rdefault"), ("u3", "rdefault")]
    old.add("users_roles", *({"user_id": user, "role_id": role} for user, role in pairs))
    date = datetime(2016, 12, 11, 1, 30)  # noqa: DTZ001 - the old blog stored no zone
    texts = {
        "轻博客": "<p>一 <strong>二</strong></p>",
        "Second": '<p><img src="/static/a.png"></p>',
        "Undated": "<p>x</p>",
    }
    old.add("posts", *(
        {"id": ID.format(number), "title": title, "text": text, "publish_date": None if number == 3 else date,
         "user_id": ("u0", "u2", "u1")[number - 1]}
        for number, (title, text) in enumerate(texts.items(), 1)
    ))  # fmt: skip
    old.add("comments",
        {"id": "c1", "name": "Reader", "text": "*Nice* <b>post</b>\nyes", "date": date, "post_id": ID.format(1)},
        {"id": "c2", "name": "", "text": "again", "date": None, "post_id": ID.format(1)},
    )  # fmt: skip
    old.add("tags", {"id": "t1", "name": "Flask"}, {"id": "t2", "name": "flask"}, {"id": "t3", "name": "云"})
    old.add("posts_tags", *({"post_id": ID.format(1), "tag_id": tag} for tag in ("t1", "t1", "t2", "t3")))
    if revision == 3:
        later = datetime(2099, 1, 1)  # noqa: DTZ001
        old.add("reminders",
            {"id": "m1", "date": later, "email": "Ann@example.org", "text": "Pay the host\nsoon"},
            {"id": "m2", "date": date, "email": "ann@example.org", "text": "Past"},
            {"id": "m3", "date": later, "email": "nobody", "text": "x"},
        )  # fmt: skip


def counts(report: Report) -> dict[str, dict[str, int]]:
    return {item.value: found for item in Item if (found := counted(report, item))}


def posts() -> dict[str, Post]:
    session().expire_all()
    return {post.title: post for post in session().scalars(sa.select(Post).options(sa.orm.joinedload(Post.author)))}


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("revision", [1, 2, 3])
def test_the_whole_blog_comes(run: Any, old: OldBlog, revision: int, blog: Any) -> None:
    fill(old, revision)
    report = run(old, site="https://old.example")
    reminders = {"reminders": {"left out": 2, "skipped": 1}} if revision == 3 else {}
    assert counts(report) == {
        "posts": {"new": 3}, "tags": {"new": 2}, "comments": {"new": 2}, "users": {"new": 4},
        "attachments": {"skipped": 1}, "redirects": {"new": 7}, **reminders,
    }  # fmt: skip
    found = posts()
    assert (found["轻博客"].text, found["轻博客"].author.name) == ("一 **二**", "boss")
    assert found["轻博客"].published_at == datetime(2016, 12, 10, 17, 30, tzinfo=UTC)
    assert found["Second"].text == "![](https://old.example/static/a.png)"
    assert (found["Undated"].published_at, found["Undated"].author.name) == (None, "John-Doe")
    assert [each.partition(": ")[2] for each in printed(report, Topic.DRAFT)] == ["it has no date"]
    comments = {each.guest_name: each for each in session().scalars(sa.select(Comment))}
    assert (comments["Reader"].text, comments["?"].text) == (
        "\\*Nice\\* <b>post</b>\\\nyes".replace("<", "\\<"),
        "again",
    )
    again = run(old, site="https://old.example")
    assert set(counted(again)) | set(counted(again, Item.COMMENT)) | set(counted(again, Item.USER)) == {"unchanged"}


@pytest.mark.on("sqlite")
def test_users_keep_role_and_password_and_addresses_redirect(run: Any, old: OldBlog, blog: Any) -> None:
    fill(old, 3)
    report = run(old)
    users = {user.name: user for user in session().scalars(sa.select(User).options(sa.orm.selectinload(User.roles)))}
    assert {name: user.role for name, user in users.items()} == {
        "boss": "administrator", "John-Doe": "author", "writer": "author", "guest": "reader",
    }  # fmt: skip
    visitor = blog.visitor()
    assert visitor.send("/login", name="boss", password="correct horse").status_code == 303
    session().expire_all()
    assert users["boss"].password.startswith("$argon2id$")
    assert users["guest"].password.startswith("$2b$")
    assert blog.visitor().send("/login", name="guest", password="third horse").status_code == 303
    assert users["John-Doe"].password is None  # everybody knew it
    assert any(
        "John Doe: it has the password that the old blog gave to many" in each for each in printed(report, Topic.CHECK)
    )
    for before, after in {
        f"/blog/post/{ID.format(1)}": "/posts/qing-bo-ke",
        "/blog/tag/Flask": "/tags/flask",
        "/blog/user/John Doe": "/users/john-doe",
        "/blog/user/boss": "/users/boss",
        "/blog/": "/",
    }.items():
        answer = blog.visitor().get(before, follow_redirects=True)
        assert (answer.status_code, answer.request.path) == (200, after), before
    draft = f"/blog/post/{ID.format(3)}"
    assert blog.visitor().get(draft).status_code == 404  # its slug could tell its title
    assert visitor.get(draft).location == "/posts/undated"


@pytest.mark.on("sqlite")
def test_an_account_that_exists_keeps_its_password(run: Any, old: OldBlog, blog: Any) -> None:
    boss = blog.user("boss")
    stored = boss.password
    fill(old, 1)
    run(old)
    session().expire_all()
    assert (boss.password, posts()["轻博客"].author.name) == (stored, "boss")


@pytest.mark.on("sqlite")
def test_reminders_to_come_wait_in_the_outbox(run: Any, old: OldBlog, mailing_blog: Any) -> None:
    fill(old, 3)
    report = run(old)
    assert counted(report, Item.REMINDER) == {"new": 1, "left out": 1, "skipped": 1}
    mail = session().scalars(sa.select(OutgoingMail)).one()
    assert (mail.recipient, mail.subject, mail.due_at.year) == ("ann@example.org", "Pay the host", 2098)
    assert counted(run(old), Item.REMINDER) == {"unchanged": 1, "left out": 1, "skipped": 1}
    assert len(session().scalars(sa.select(OutgoingMail)).all()) == 1


@pytest.mark.on("sqlite")
def test_a_dry_run_keeps_nothing(run: Any, old: OldBlog) -> None:
    fill(old, 2)
    dry = run(old, is_dry=True)
    assert posts() == {}
    real = run(old)
    assert (counts(dry), dry.remarks) == (counts(real), real.remarks)


@pytest.mark.on("sqlite")
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u:hunter2@127.0.0.1/x", "A database of the type postgresql cannot be imported"),
        ("mysql://u:hunter2@127.0.0.1:1/x", "cannot be read"),
        ("sqlite:////nowhere/x.db", "There is no file /nowhere/x.db"),
        ("hunter2", "This is not the URL of a database"),
        ("sqlite:///{empty}", "is not the database of the light blog of 2016: it has no table users"),
    ],
)
def test_a_wrong_url_is_explained_without_its_password(
    blog: Any, url: str, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.db").touch()
    session().rollback()
    answer = blog.app.test_cli_runner().invoke(
        main, ["--home", str(blog.home), "import", "blog2016", url.format(empty=tmp_path / "empty.db")]
    )
    shown = answer.output + "".join(capfd.readouterr())
    assert (answer.exit_code != 0, said in shown, "hunter2" in shown) == (True, True, False), shown
