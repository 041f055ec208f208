"""The schema comes only from the migrations, matches the models, and goes down and up with posts in it."""

from datetime import date
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from combinations import has_all
from qingbo.accounts.queries import all_users
from qingbo.comments.models import Comment
from qingbo.database import DERIVED_TABLES, FTS5_TABLES, TABLES_OF_A_DAY, Base, writing
from qingbo.extensions import db, session
from qingbo.pageviews.models import AuthorReferrer, AuthorViews, PostMonth, PostReferrer, PostViews
from qingbo.posts.models import Post, Series, Tag
from qingbo.releases import Release, writer_of
from qingbo.tasks import sweep

pytestmark = pytest.mark.sqlite_first


def test_the_models_and_the_migrations_agree(blog: Any) -> None:
    flask_rewind.check()


def test_the_whole_history_goes_down_and_up_and_no_row_is_lost(blog: Any) -> None:
    for number in range(20):
        slug = blog.post(f"第 {number} 期", tags=["标签", str(number)]).slug
    blog.comment(f"/posts/{slug}", "🎉")
    put_into_series("期刊", slug)
    count_a_view(slug)
    for role in ("reader", "editor", "administrator"):
        blog.user(role, role)
    session().close()
    rows, schema = everything(), visible_tables()
    assert schema == {*Base.metadata.tables, "alembic_version"}
    with writing():
        for _ in range(2 if has_all() or blog.engine_name == "sqlite" else 1):
            flask_rewind.downgrade(revision="base")
            assert visible_tables() == {"alembic_version"}
            flask_rewind.upgrade()
            assert everything() == rows
    flask_rewind.check()
    assert visible_tables() == schema
    assert flask_rewind.attic() == ()
    assert flask_rewind.status()[0].is_at_head
    blog.post("and it works")
    assert "and it works" in blog.visitor().read("/")
    sweep(blog.app)
    assert "第 7 期" in blog.visitor().read("/search?q=第 7 期")


def put_into_series(title: str, slug: str) -> None:
    with writing():
        session().add(series := Series(title=title, slug="series", description="🎉"))
        session().execute(sa.update(Tag).values(description="𠮷"))
        session().flush()
        session().execute(sa.update(Post).where(Post.slug == slug).values(series_id=series.id, series_position=3))
        session().commit()


def count_a_view(slug: str) -> None:
    day = date(2026, 11, 27)
    with writing():
        post = session().scalars(sa.select(Post).where(Post.slug == slug)).one()
        session().add(PostViews(post_id=post.id, day=day, views=3))
        session().add(PostMonth(post_id=post.id, month=day.replace(day=1), author_id=post.author_id, views=3))
        session().add(PostReferrer(post_id=post.id, day=day, host="zhihu.com", views=2))
        session().add(AuthorViews(author_id=post.author_id, day=day, views=3))
        session().add(AuthorReferrer(author_id=post.author_id, day=day, host="zhihu.com", views=2))
        session().commit()


def visible_tables() -> set[str]:
    names = sa.inspect(db.engine).get_table_names()
    return {name for name in names if not name.startswith(("_attic_", "rewind_", *FTS5_TABLES))}


def everything() -> dict[str, list[Any]]:
    """Every row of every table, but of those that can be made anew, and that say when each revision was applied."""
    with db.engine.connect() as connection:
        return {
            name: sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
            for name, table in Base.metadata.tables.items()
            if name not in {Release.__tablename__, *DERIVED_TABLES, *TABLES_OF_A_DAY}
        }


def test_those_who_could_write_still_can_and_hidden_comments_stay_hidden(blog: Any) -> None:
    """Revision 0002 comes to a blog of before: accounts without a role, comments that are hidden or not."""
    slug = blog.post("Post", author=blog.user("ann")).slug
    blog.user("root", "administrator")
    blog.change_settings(comment_hold="none")
    for text in ("harmless", "rude"):
        blog.comment(f"/posts/{slug}", text)
    session().close()
    with writing():
        flask_rewind.downgrade(revision="0001")
        with db.engine.begin() as connection:
            connection.execute(
                sa.text("DELETE FROM users_roles WHERE user_id IN (SELECT id FROM users WHERE name = 'ann')")
            )
            connection.execute(sa.text("UPDATE comments SET hidden_at = created_at WHERE text = 'rude'"))
        flask_rewind.upgrade()
    assert {user.name: user.role for user in all_users(session())} == {"ann": "author", "root": "administrator"}
    states = {comment.text: comment.state for comment in session().scalars(sa.select(Comment))}
    assert states == {"harmless": "shown", "rude": "hidden"}
    page = blog.visitor().read(f"/posts/{slug}")
    assert "<p>harmless</p>" in page
    assert "rude" not in page
    assert blog.visitor("ann").get("/posts/new").status_code == 200


@pytest.mark.slow
def test_roles_are_the_same_after_trips_and_only_newborn_accounts_become_authors(blog: Any) -> None:
    """Whoever has no role at 0002 has none after the trip; who is born at 0001 could write there and is an author."""
    for name in ("reader", "author", "editor", "administrator"):
        blog.user(name, name)
    without_role(blog.user("none").id)
    several = blog.user("several", "administrator").id
    with writing():
        execute("INSERT INTO users_roles SELECT :id, id FROM roles WHERE name = 'reader'", id=several)
        execute("DELETE FROM roles WHERE id NOT IN (SELECT role_id FROM users_roles) OR name = 'editor'")
    rows = everything()
    session().close()
    targets = ("0001", "base", "0001") if has_all() or blog.engine_name == "sqlite" else ("0001",)
    with writing():
        for number, target in enumerate(targets):
            flask_rewind.downgrade(revision=target)
            if target == "0001":
                execute(
                    "INSERT INTO users (name, name_key, active, fs_uniquifier, created_at)"
                    " SELECT :name, :name, active, :name, created_at FROM users WHERE id = :id",
                    name=f"newborn {number}",
                    id=several,
                )
            flask_rewind.upgrade()
            there = everything()
            newborn = [row for row in there["users"] if "newborn" in row]
            assert [row for row in there["users"] if row not in newborn] == rows["users"]
            assert there["roles"] == rows["roles"]
            assert set(rows["users_roles"]) <= set(there["users_roles"])
            assert len(newborn) == 1 + number // 2
            assert len(there["users_roles"]) == len(rows["users_roles"]) + len(newborn)
    roles = {user.name: user.role for user in all_users(session())}
    assert {role for name, role in roles.items() if "newborn" in name} == {"author"}
    assert {roles["none"], roles["editor"]} == {""}
    assert flask_rewind.attic() == ()


def test_newborn_accounts_become_authors_where_that_role_had_been_deleted(blog: Any) -> None:
    without_role(blog.user("none").id)
    with writing():
        execute("DELETE FROM roles WHERE name = 'author'")
        flask_rewind.downgrade(revision="0001")
        execute(
            "INSERT INTO users (name, name_key, active, fs_uniquifier, created_at)"
            " SELECT 'newborn', 'newborn', active, 'newborn', created_at FROM users"
        )
        flask_rewind.upgrade()
    assert {user.name: user.role for user in all_users(session())} == {"none": "", "newborn": "author"}


def without_role(user_id: int) -> None:
    with writing():
        execute("DELETE FROM users_roles WHERE user_id = :id", id=user_id)


def test_posts_stay_when_their_series_is_deleted(blog: Any) -> None:
    put_into_series("Series", blog.post("Part").slug)
    with writing():
        execute("DELETE FROM series")
    assert session().execute(sa.select(Post.title, Post.series_id)).all() == [("Part", None)]


def execute(statement: str, **parameters: Any) -> None:
    session().close()
    with db.engine.begin() as connection:
        connection.execute(sa.text(statement), parameters)


def test_keys_have_64_bits_and_tables_take_every_character(blog: Any) -> None:
    number = 2**40
    author = blog.user("ann").id
    fields = {"id": number, "author_id": author, "title": "🎉𠮷", "slug": "s", "text": "👩‍👩‍👧", "excerpt": ""}
    post = blog.post()
    with writing():
        row = fields | {"created_at": post.created_at, "updated_at": post.updated_at, "published_at": None}
        session().execute(sa.insert(Post).values(row))
        session().commit()
    assert session().scalar(sa.select(Post.title).where(Post.id == number)) == "🎉𠮷"
    if blog.engine_name != "postgresql":  # its sequence does not look at what came from elsewhere
        assert blog.post().id == number + 1


def test_who_brought_the_schema_where_it_is_is_written_down(blog: Any) -> None:
    from qingbo.version import __version__

    with db.engine.connect() as connection:
        assert writer_of(connection, "0001") == __version__
        assert writer_of(connection, "9999") is None
        assert connection.scalar(sa.select(sa.func.count()).select_from(Release)) >= 1


def test_foreign_keys_are_watched(blog: Any) -> None:
    with writing():
        session().add(Comment(post_id=99, guest_name="g", text="t"))
        try:
            session().commit()
        except sa.exc.IntegrityError:
            session().rollback()
        else:
            raise AssertionError("a comment on no post was taken")
