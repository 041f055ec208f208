"""A history like CTFd's: DDL per dialect, loops over the catalog, foreign keys recreated, longer text types."""

from collections.abc import Callable

import pytest
from flask import Flask
from histories import travelled

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow

FIRST = """
op.create_table(
    "teams",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("oauth_id", sa.Integer(), nullable=True),
    sa.Column("name", sa.String(length=128), nullable=True),
    sa.Column("email", sa.String(length=128), nullable=True),
    sa.Column("hidden", sa.Boolean(), nullable=True),
    sa.Column("created", sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("email"),
    sa.UniqueConstraint("id", "oauth_id"),
    mysql_charset="utf8mb4",
)
op.create_table(
    "challenges",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("name", sa.String(length=80), nullable=True),
    sa.Column("description", sa.Text(), nullable=True),
    sa.Column("value", sa.Integer(), nullable=True),
    sa.Column("state", sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint("id"),
    mysql_charset="utf8mb4",
)
op.create_table(
    "tags",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("challenge_id", sa.Integer(), nullable=True),
    sa.Column("value", sa.String(length=80), nullable=True),
    sa.ForeignKeyConstraint(["challenge_id"], ["challenges.id"]),
    sa.PrimaryKeyConstraint("id"),
    mysql_charset="utf8mb4",
)
op.create_table(
    "submissions",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("challenge_id", sa.Integer(), nullable=True),
    sa.Column("team_id", sa.Integer(), nullable=True),
    sa.Column("provided", sa.Text(), nullable=True),
    sa.Column("date", sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(["challenge_id"], ["challenges.id"], ondelete="CASCADE"),
    sa.ForeignKeyConstraint(["team_id"], ["teams.id"]),
    sa.PrimaryKeyConstraint("id"),
    mysql_charset="utf8mb4",
)
"""

KEYS = """
bind = op.get_bind()
url = str(bind.engine.url)
if url.startswith("mysql"):
    op.drop_constraint("tags_ibfk_1", "tags", type_="foreignkey")
    op.drop_constraint("submissions_ibfk_2", "submissions", type_="foreignkey")
elif url.startswith("postgres"):
    op.drop_constraint("tags_challenge_id_fkey", "tags", type_="foreignkey")
    op.drop_constraint("submissions_team_id_fkey", "submissions", type_="foreignkey")
op.create_foreign_key({tags}, "tags", "challenges", ["challenge_id"], ["id"]{how})
op.create_foreign_key({submissions}, "submissions", "teams", ["team_id"], ["id"]{how})
"""

TEXTS = """
from sqlalchemy.dialects import mysql
if op.get_bind().dialect.name == "mysql":
    for table, column in (("challenges", "description"), ("submissions", "provided")):
        op.alter_column(table, column, existing_type={old}, type_={new}, existing_nullable=True)
"""

MOMENTS = """
bind = op.get_bind()
if bind.dialect.name == "mysql":
    get_columns = (
        "SELECT `TABLE_NAME`, `COLUMN_NAME` FROM `information_schema`.`COLUMNS`"
        " WHERE `table_schema`=DATABASE() AND `DATA_TYPE`='datetime' AND `COLUMN_TYPE`='{old}';"
    )
    for table_name, column_name in bind.execute(sa.text(get_columns)).fetchall():
        op.execute(sa.text("ALTER TABLE `" + table_name + "` MODIFY `" + column_name + "` {new};"))
"""

AWARDS = """
op.create_table(
    "awards",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("team_id", sa.Integer(), nullable=True),
    sa.Column("name", sa.String(length=80), nullable=True),
    sa.Column("date", sa.DateTime(), nullable=True),
    sa.Column("requirements", sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(["team_id"], ["teams.id"], ondelete="CASCADE"),
    sa.PrimaryKeyConstraint("id"),
    mysql_charset="utf8mb4",
)
op.add_column("challenges", sa.Column("max_attempts", sa.Integer(), nullable=True))
"""

FLAGS = """
op.create_table(
    "flags",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("challenge_id", sa.Integer(), sa.ForeignKey("challenges.id", ondelete="CASCADE")),
    sa.Column("content", sa.Text()),
    sa.PrimaryKeyConstraint("id"),
    mysql_charset="utf8mb4",
)
conn = op.get_bind()
challenges = sa.sql.table("challenges", sa.sql.column("id"), sa.sql.column("name"))
flags = sa.sql.table("flags", sa.sql.column("challenge_id"), sa.sql.column("content"))
for challenge in conn.execute(sa.select(challenges.c.id, challenges.c.name)).fetchall():
    conn.execute(flags.insert().values(challenge_id=challenge.id, content=challenge.name))
op.drop_column("challenges", "state")
"""

TOPICS = """
op.create_table(
    "topics",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("value", sa.String(length=255), nullable=True),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("value"),
    mysql_charset="utf8mb4",
)
op.create_table(
    "challenge_topics",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("challenge_id", sa.Integer(), nullable=True),
    sa.Column("topic_id", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["challenge_id"], ["challenges.id"], ondelete="CASCADE"),
    sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], ondelete="CASCADE"),
    sa.PrimaryKeyConstraint("id"),
    mysql_charset="utf8mb4",
)
"""

NEXT = """
op.add_column("challenges", sa.Column("next_id", sa.Integer(), nullable=True))
op.create_foreign_key("fk_next", "challenges", "challenges", ["next_id"], ["id"], ondelete="SET NULL")
try:
    if op.get_bind().dialect.name == "mysql":
        op.drop_constraint("challenges_ibfk_9", "challenges", type_="foreignkey")
except sa.exc.OperationalError:
    print("Did not drop the key")
"""


def keys(names: tuple[str, str], how: str) -> str:
    return KEYS.format(tags=names[0], submissions=names[1], how=how)


def history(engine_name: str) -> list[tuple[str, str]]:
    names = {
        "mariadb": ('"tags_ibfk_1"', '"submissions_ibfk_2"'),
        "postgresql": ('"tags_challenge_id_fkey"', '"submissions_team_id_fkey"'),
    }[engine_name]
    tables = ("submissions", "tags", "challenges", "teams")
    return [
        (FIRST, "\n".join(f'op.drop_table("{table}")' for table in tables)),
        (keys(names, ', ondelete="CASCADE"'), keys(names, "")),
        (
            TEXTS.format(old="sa.Text()", new="mysql.LONGTEXT()"),
            TEXTS.format(old="mysql.LONGTEXT()", new="sa.Text()"),
        ),
        (AWARDS, 'op.drop_column("challenges", "max_attempts")\nop.drop_table("awards")'),
        (
            'op.drop_column("submissions", "date")',
            'op.add_column("submissions", sa.Column("date", sa.DateTime(), nullable=True))',
        ),
        (
            FLAGS,
            (
                'op.add_column("challenges", sa.Column("state", sa.String(length=80), nullable=False))'
                '\nop.drop_table("flags")'
            ),
        ),
        (
            (
                'op.alter_column("tags", "value", new_column_name="content", existing_type=sa.String(length=80))\n'
                'op.rename_table("tags", "labels")'
            ),
            (
                'op.rename_table("labels", "tags")\n'
                'op.alter_column("tags", "content", new_column_name="value", existing_type=sa.String(length=80))'
            ),
        ),
        (MOMENTS.format(old="datetime", new="DATETIME(6)"), MOMENTS.format(old="datetime(6)", new="DATETIME")),
        (TOPICS, 'op.drop_table("challenge_topics")\nop.drop_table("topics")'),
        (
            NEXT,
            'op.drop_constraint("fk_next", "challenges", type_="foreignkey")\nop.drop_column("challenges", "next_id")',
        ),
        (
            (
                'op.add_column("teams", sa.Column("language", sa.String(32), server_default="en", nullable=False))\n'
                'op.create_index("ix_language", "teams", ["language", "name"])'
            ),
            'op.drop_index("ix_language", table_name="teams")\nop.drop_column("teams", "language")',
        ),
    ]


@pytest.mark.parametrize("engine_name", ["mariadb", "postgresql"])
def test_a_history_like_that_of_ctfd_goes_down_and_up(make_app: MakeApp, database_url: str, engine_name: str) -> None:
    travelled(make_app(database_url), history(engine_name), filled_at=(4, 8))
