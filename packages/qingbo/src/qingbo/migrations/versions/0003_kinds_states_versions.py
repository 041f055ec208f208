"""Kinds of posts, states, the bin, versions and drafts

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-27 07:40:00

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql, postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WITHOUT_NUMBER = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci"}
WITH_NUMBER = {**WITHOUT_NUMBER, "sqlite_autoincrement": True}
# For lists in the studio: posts by kind, posts that are not public by date, and drafts by their last change.
POSTS_INDEXES = (
    ("kind", "published_at", "id"),
    ("visibility", "dated_at", "id"),
    ("published_at", "dated_at", "updated_at", "id"),
)


def number():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def key(length):
    return (
        sa.String(length)
        .with_variant(mysql.VARCHAR(length, collation="utf8mb4_bin"), "mysql", "mariadb")
        .with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")
    )


def long_text():
    return sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")


def moment():
    return sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade():
    op.add_column("posts", sa.Column("kind", key(10), server_default="article", nullable=False))
    op.add_column("posts", sa.Column("parts", long_text()))
    op.add_column("posts", sa.Column("summary", sa.String(400)))
    # A post that is not public has no `published_at`, so below this revision it is a draft.
    op.add_column("posts", sa.Column("visibility", key(10), server_default="public", nullable=False))
    op.add_column("posts", sa.Column("dated_at", moment()))
    op.add_column("posts", sa.Column("pinned_at", moment()))
    op.add_column("posts", sa.Column("binned_at", moment()))
    op.create_index("ix_posts_pinned_at", "posts", ["pinned_at"])
    op.create_index("ix_posts_binned_at", "posts", ["binned_at"])
    for columns in POSTS_INDEXES:
        op.create_index(f"ix_posts_{'_'.join(columns)}", "posts", list(columns))
    op.create_table(
        "post_versions",
        sa.Column("id", number(), nullable=False),
        sa.Column("post_id", number(), nullable=False),
        sa.Column("writer_id", number()),
        sa.Column("made_at", moment(), nullable=False),
        sa.Column("digest", key(32), nullable=False),
        sa.Column("is_saved", sa.Boolean(), nullable=False),
        sa.Column("content", long_text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_post_versions"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_post_versions_post_id_posts", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["writer_id"], ["users.id"], name="fk_post_versions_writer_id_users", ondelete="SET NULL"
        ),
        **WITH_NUMBER,
    )
    op.create_index("ix_post_versions_post_id_id", "post_versions", ["post_id", "id"])
    op.create_index("ix_post_versions_writer_id", "post_versions", ["writer_id"])
    op.create_table(
        "post_drafts",
        sa.Column("id", number(), nullable=False),
        sa.Column("writer_id", number(), nullable=False),
        sa.Column("name", key(64), nullable=False),
        sa.Column("post_id", number()),
        sa.Column("content", long_text(), nullable=False),
        sa.Column("saved_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_post_drafts"),
        sa.ForeignKeyConstraint(["writer_id"], ["users.id"], name="fk_post_drafts_writer_id_users", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_post_drafts_post_id_posts", ondelete="CASCADE"),
        **WITH_NUMBER,
    )
    op.create_index("ix_post_drafts_writer_id_name", "post_drafts", ["writer_id", "name"], unique=True)
    op.create_index("ix_post_drafts_post_id", "post_drafts", ["post_id"])
    op.create_table(
        "post_openings",
        sa.Column("post_id", number(), nullable=False),
        sa.Column("user_id", number(), nullable=False),
        sa.Column("seen_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", "user_id", name="pk_post_openings"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_post_openings_post_id_posts", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_post_openings_user_id_users", ondelete="CASCADE"),
        **WITHOUT_NUMBER,
    )
    op.create_index("ix_post_openings_user_id", "post_openings", ["user_id"])


def downgrade():
    for table in ("post_openings", "post_drafts", "post_versions"):
        op.drop_table(table)
    for columns in POSTS_INDEXES:
        op.drop_index(f"ix_posts_{'_'.join(columns)}", "posts")
    op.drop_index("ix_posts_binned_at", "posts")
    op.drop_index("ix_posts_pinned_at", "posts")
    for column in ("binned_at", "pinned_at", "dated_at", "visibility", "summary", "parts", "kind"):
        op.drop_column("posts", column)
