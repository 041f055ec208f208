"""Views of posts by day, referrers, and the salted marks of one day

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-27 19:50:00

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql, postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci"}


def number():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def key(length):
    return (
        sa.String(length)
        .with_variant(mysql.VARCHAR(length, collation="utf8mb4_bin"), "mysql", "mariadb")
        .with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")
    )


def of_post(table):
    return sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=f"fk_{table}_post_id_posts", ondelete="CASCADE")


def upgrade():
    op.create_table(
        "view_salts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", key(64), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_view_salts"),
        **OPTIONS,
    )
    op.create_table(
        "view_marks",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("digest", key(32), nullable=False),
        sa.PrimaryKeyConstraint("day", "digest", name="pk_view_marks"),
        **OPTIONS,
    )
    op.create_table(
        "post_views",
        sa.Column("post_id", number(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", "day", name="pk_post_views"),
        of_post("post_views"),
        **OPTIONS,
    )
    op.create_table(
        "post_view_months",
        sa.Column("post_id", number(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("author_id", number(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", "month", name="pk_post_view_months"),
        of_post("post_view_months"),
        **OPTIONS,
    )
    op.create_index("ix_post_view_months_month_views", "post_view_months", ["month", "views"])
    op.create_index("ix_post_view_months_author_id_month_views", "post_view_months", ["author_id", "month", "views"])
    op.create_table(
        "post_referrers",
        sa.Column("post_id", number(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("host", key(100), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", "day", "host", name="pk_post_referrers"),
        of_post("post_referrers"),
        **OPTIONS,
    )
    op.create_table(
        "author_views",
        sa.Column("author_id", number(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("author_id", "day", name="pk_author_views"),
        **OPTIONS,
    )
    op.create_table(
        "author_referrers",
        sa.Column("author_id", number(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("host", key(100), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("author_id", "day", "host", name="pk_author_referrers"),
        **OPTIONS,
    )


def downgrade():
    for table in ("author_referrers", "author_views", "post_referrers", "post_view_months", "post_views"):
        op.drop_table(table)
    # These two are dropped, not hidden: REWIND_DERIVED names them.
    op.drop_table("view_marks")
    op.drop_table("view_salts")
