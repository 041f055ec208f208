"""Pictures and files, which posts use them, and cards of pages that posts link to

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-27 11:50:00

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql, postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WITHOUT_NUMBER = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci"}
WITH_NUMBER = {**WITHOUT_NUMBER, "sqlite_autoincrement": True}


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
    op.create_table(
        "media",
        sa.Column("id", number(), nullable=False),
        sa.Column("digest", key(64), nullable=False),
        sa.Column("handle", key(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", key(10), nullable=False),
        sa.Column("mimetype", key(40), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("is_animated", sa.Boolean(), nullable=False),
        sa.Column("alt", sa.String(500), nullable=False),
        sa.Column("renditions", long_text()),
        sa.Column("placeholder", key(1000)),
        sa.Column("uploader_id", number()),
        sa.Column("uploaded_at", moment(), nullable=False),
        sa.Column("finished_at", moment()),
        sa.PrimaryKeyConstraint("id", name="pk_media"),
        sa.UniqueConstraint("digest", name="uq_media_digest"),
        sa.UniqueConstraint("handle", name="uq_media_handle"),
        sa.ForeignKeyConstraint(["uploader_id"], ["users.id"], name="fk_media_uploader_id_users", ondelete="SET NULL"),
        **WITH_NUMBER,
    )
    op.create_index("ix_media_uploader_id_id", "media", ["uploader_id", "id"])
    op.create_index("ix_media_finished_at_id", "media", ["finished_at", "id"])
    op.create_table(
        "media_uses",
        sa.Column("post_id", number(), nullable=False),
        sa.Column("media_id", number(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", "media_id", name="pk_media_uses"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_media_uses_post_id_posts", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name="fk_media_uses_media_id_media", ondelete="CASCADE"),
        **WITHOUT_NUMBER,
    )
    op.create_index("ix_media_uses_media_id", "media_uses", ["media_id"])
    op.create_table(
        "link_cards",
        sa.Column("id", number(), nullable=False),
        sa.Column("address", long_text(), nullable=False),
        sa.Column("address_digest", key(64), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("site_name", sa.String(100), nullable=False),
        sa.Column("picture_id", number()),
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
        **WITH_NUMBER,
    )
    op.create_index("ix_link_cards_picture_id", "link_cards", ["picture_id"])
    op.create_index("ix_link_cards_next_try_at_id", "link_cards", ["next_try_at", "id"])


def downgrade():
    for table in ("link_cards", "media_uses", "media"):
        op.drop_table(table)
