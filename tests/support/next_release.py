"""The schema of a release to come: one revision after the newest, which drops and adds a table and a column."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from qingbo.extensions import MIGRATIONS

REVISION = "0999"
_SCRIPT = """
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql, postgresql

revision = "{revision}"
down_revision = "{newest}"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = {{"sqlite_autoincrement": True, "mysql_engine": "InnoDB", "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_ci"}}


def key(length):
    return (
        sa.String(length)
        .with_variant(mysql.VARCHAR(length, collation="utf8mb4_bin"), "mysql", "mariadb")
        .with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")
    )


def moment():
    return sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade():
    op.drop_table("link_cards")
    op.drop_column("series", "title")
    op.create_table(
        "ratings",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("post_id", NUMBER, nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(80)),
        sa.PrimaryKeyConstraint("id", name="pk_ratings"),
        sa.UniqueConstraint("said", name="uq_ratings_said"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_ratings_post_id_posts", ondelete="CASCADE"),
        **TABLE,
    )
    op.create_index("ix_ratings_post_id_stars", "ratings", ["post_id", "stars"])
    op.add_column("tags", sa.Column("colour", sa.String(20)))


def downgrade():
    op.drop_column("tags", "colour")
    op.drop_table("ratings")
    op.add_column("series", sa.Column("title", sa.String(100), nullable=False))
    op.create_table(
        "link_cards",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("address", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb"), nullable=False),
        sa.Column("address_digest", key(64), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("site_name", sa.String(100), nullable=False),
        sa.Column("picture_id", NUMBER),
        sa.Column("asked_at", moment(), nullable=False),
        sa.Column("fetched_at", moment()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", moment()),
        sa.Column("reason", sa.String(300)),
        sa.PrimaryKeyConstraint("id", name="pk_link_cards"),
        sa.UniqueConstraint("address_digest", name="uq_link_cards_address_digest"),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["media.id"], name="fk_link_cards_picture_id_media", ondelete="SET NULL"
        ),
        **TABLE,
    )
    op.create_index("ix_link_cards_picture_id", "link_cards", ["picture_id"])
    op.create_index("ix_link_cards_next_try_at_id", "link_cards", ["next_try_at", "id"])
"""


def scripts_of_next_release(folder: Path) -> Path:
    """Write the scripts of that release into a folder, and return it."""
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    newest = max(path.name[:4] for path in (folder / "versions").glob("*.py"))
    script = folder / "versions" / f"{REVISION}_next.py"
    script.write_text(f'"""Of a release to come"""\n{_SCRIPT.format(revision=REVISION, newest=newest)}')
    return folder


@contextmanager
def installed(app: Flask, scripts: Path) -> Iterator[None]:
    """Let an app have these scripts during the block."""
    state = app.extensions["migrate"]
    before = state.directory, state.migrate.directory
    state.directory = state.migrate.directory = str(scripts)
    try:
        yield
    finally:
        state.directory, state.migrate.directory = before
