"""A default or comment that a downgrade() leaves out is restored. Differences that rows depend on are still refused."""

from collections.abc import Callable

import flask_rewind
import pytest
from flask import Flask
from flask_rewind.errors import Refused
from flask_rewind.steps import Purpose, StepKind
from histories import History, everything, executed, in_batch, steps

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow

CREATE = """
op.create_table(
    "post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(60), nullable=False, server_default="it's 100%"),
    sa.Column("Mood", sa.String(20)),
    sa.Column("x", sa.Integer),
    comment="old",
    mysql_charset="utf8mb4",
)
"""


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    made.revision(CREATE, 'op.drop_table("post")')
    made.revision('op.drop_column("post", "x")', 'op.add_column("post", sa.Column("x", sa.Integer))')
    flask_rewind.upgrade()
    made.run("INSERT INTO post (id, title) VALUES (1, 'a'), (2, '')")
    return made


def default(column: str, value: str) -> str:
    kind = "type_=sa.String(60), existing_nullable=False" if column == "title" else "existing_type=sa.String(20)"
    return in_batch(f'alter_column("{column}", server_default={value}, {kind})')


DEFAULT_OF_TITLE = Purpose(StepKind.PUT_DEFAULT_BACK, "post.title")
COMMENT_OF_POST = Purpose(StepKind.PUT_COMMENT_BACK, "post")
CHANGES = {
    "another default": (default("title", "'x'"), DEFAULT_OF_TITLE),
    "no default": (default("title", "None"), DEFAULT_OF_TITLE),
    "a new default": (default("Mood", "'calm'"), Purpose(StepKind.PUT_DEFAULT_BACK, "post.Mood")),
}
COMMENTS = {
    "another comment of a column": (
        in_batch('alter_column("Mood", comment="new", existing_type=sa.String(20))'),
        Purpose(StepKind.PUT_COMMENT_BACK, "post.Mood"),
    ),
    "another comment of the table": (
        'op.create_table_comment("post", "new", existing_comment="old")',
        COMMENT_OF_POST,
    ),
    "no comment of the table": ('op.drop_table_comment("post", existing_comment="old")', COMMENT_OF_POST),
}


ON_SERVERS = pytest.mark.on("mariadb", "postgresql")  # SQLite has no comments


@pytest.mark.parametrize("change", [*CHANGES, *(pytest.param(change, marks=ON_SERVERS) for change in COMMENTS)])
def test_what_no_row_depends_on_is_put_back(blog: History, change: str) -> None:
    up, expected = {**CHANGES, **COMMENTS}[change]
    before = everything(blog.engine)
    blog.revision(up, "pass")
    for _ in range(2):
        flask_rewind.upgrade()
        changed = everything(blog.engine)
        assert changed[0] != before[0]
        plan = flask_rewind.plan(revision="2")
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
        logged = steps(flask_rewind.log()[0].crossings)
        assert steps(plan.crossings) == logged
        assert expected in [purpose for _, purpose in logged[0]]
        assert {step.verdict for step in plan.crossings[0].steps} == {"lossless"}
    flask_rewind.downgrade(revision="1")
    assert ("column", "post", "x") in everything(blog.engine)[0]


def test_two_defaults_and_a_downgrade_of_its_own(blog: History) -> None:
    up = default("title", "'x'") + "\n" + default("Mood", "'calm'")
    note = 'op.create_table("note", sa.Column("id", sa.Integer, primary_key=True))\n'
    before = everything(blog.engine)
    blog.revision(note + up, 'op.drop_table("note")')
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id) VALUES (3)")
    flask_rewind.downgrade()
    assert everything(blog.engine)[0] == before[0]
    assert blog.rows("SELECT title FROM post WHERE id = 3") == [("x",)]


ASKED_FOR = {
    "a default with a type": in_batch('alter_column("title", type_=sa.String(90), server_default="x")'),
    "a default with NULL": in_batch(
        'alter_column("title", nullable=True, server_default="x", existing_type=sa.String(60))'
    ),
    "a default and a column": default("title", "'x'") + '\nop.add_column("post", sa.Column("y", sa.Integer))',
    "an index": 'op.create_index("ix_title", "post", ["title"])',
}


@pytest.mark.parametrize("change", ASKED_FOR)
def test_what_rows_may_depend_on_is_asked_for(blog: History, change: str) -> None:
    blog.revision(ASKED_FOR[change], "pass")
    flask_rewind.upgrade()
    changed = everything(blog.engine)
    with pytest.raises(Refused, match="does not bring back the schema"):
        flask_rewind.downgrade()
    assert everything(blog.engine) == changed


@pytest.mark.on("postgresql")
def test_the_numbers_of_a_sequence_are_asked_for(blog: History) -> None:
    blog.revision(executed("ALTER TABLE post ALTER id DROP DEFAULT"), "pass")
    flask_rewind.upgrade()
    with pytest.raises(Refused, match=r"column post\.id is"):
        flask_rewind.downgrade()
