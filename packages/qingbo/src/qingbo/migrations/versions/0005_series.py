"""Series of posts, and descriptions of tags

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-27 15:40:00

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql, postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WITH_NUMBER = {
    "mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci",
    "sqlite_autoincrement": True,
}  # fmt: skip


def number():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def key(length):
    return (
        sa.String(length)
        .with_variant(mysql.VARCHAR(length, collation="utf8mb4_bin"), "mysql", "mariadb")
        .with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")
    )


def moment():
    return sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade():
    op.add_column("tags", sa.Column("description", sa.String(500), server_default="", nullable=False))
    op.create_table(
        "series",
        sa.Column("id", number(), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("slug", key(120), nullable=False),
        sa.Column("description", sa.String(500), server_default="", nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint("slug", name="uq_series_slug"),
        **WITH_NUMBER,
    )
    # The index first: otherwise MariaDB and MySQL create another one for the foreign key.
    with op.batch_alter_table("posts") as posts:
        posts.add_column(sa.Column("series_id", number()))
        posts.add_column(sa.Column("series_position", sa.Integer()))
        posts.create_index("ix_posts_series_id_series_position", ["series_id", "series_position"])
        posts.create_foreign_key("fk_posts_series_id_series", "series", ["series_id"], ["id"], ondelete="SET NULL")


def downgrade():
    with op.batch_alter_table("posts") as posts:
        posts.drop_constraint("fk_posts_series_id_series", type_="foreignkey")
        posts.drop_index("ix_posts_series_id_series_position")
        posts.drop_column("series_position")
        posts.drop_column("series_id")
    op.drop_table("series")
    op.drop_column("tags", "description")
