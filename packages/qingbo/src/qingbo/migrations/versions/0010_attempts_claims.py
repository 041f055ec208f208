"""Attempts counted for all processes, and media that one of them works on

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-28 02:40:00

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql, postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def moment():
    return sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def key(length):
    return (
        sa.String(length)
        .with_variant(mysql.VARCHAR(length, collation="utf8mb4_bin"), "mysql", "mariadb")
        .with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")
    )


def upgrade():
    op.create_table(
        "attempt_counts",
        sa.Column("digest", key(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ends_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_attempt_counts"),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_unicode_ci",
    )
    op.create_index("ix_attempt_counts_ends_at", "attempt_counts", ["ends_at"])
    op.add_column("media", sa.Column("claimed_until", moment(), nullable=True))


def downgrade():
    op.drop_column("media", "claimed_until")
    op.drop_table("attempt_counts")  # dropped, not hidden: REWIND_DERIVED names it
