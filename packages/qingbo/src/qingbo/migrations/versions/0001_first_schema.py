"""First schema: people, posts, comments, tags, and what the site keeps of them

Revision ID: 0001
Revises:
Create Date: 2026-11-23 15:51:12.487623

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql, postgresql

revision = "0001"
down_revision = None
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
        "users",
        sa.Column("id", number(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("name_key", key(64), nullable=False),
        sa.Column("email", key(255)),
        sa.Column("password", sa.String(255)),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", key(64), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("confirmed_at", moment()),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name_key", name="uq_users_name_key"),
        sa.UniqueConstraint("email", name="uq_users_email"),
        sa.UniqueConstraint("fs_uniquifier", name="uq_users_fs_uniquifier"),
        **WITH_NUMBER,
    )
    op.create_table(
        "roles",
        sa.Column("id", number(), nullable=False),
        sa.Column("name", key(80), nullable=False),
        sa.Column("description", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roles"),
        sa.UniqueConstraint("name", name="uq_roles_name"),
        **WITH_NUMBER,
    )
    op.create_table(
        "users_roles",
        sa.Column("user_id", number(), nullable=False),
        sa.Column("role_id", number(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "role_id", name="pk_users_roles"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_users_roles_user_id_users", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name="fk_users_roles_role_id_roles", ondelete="CASCADE"),
        **WITHOUT_NUMBER,
    )
    op.create_index("ix_users_roles_role_id", "users_roles", ["role_id"])
    op.create_table(
        "posts",
        sa.Column("id", number(), nullable=False),
        sa.Column("author_id", number(), nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("slug", key(120), nullable=False),
        sa.Column("text", long_text(), nullable=False),
        sa.Column("excerpt", sa.String(400), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("updated_at", moment(), nullable=False),
        sa.Column("published_at", moment()),
        sa.Column("first_published_at", moment()),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.UniqueConstraint("slug", name="uq_posts_slug"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_posts_author_id_users"),
        **WITH_NUMBER,
    )
    op.create_index("ix_posts_published_at_id", "posts", ["published_at", "id"])
    op.create_index("ix_posts_author_id_published_at_id", "posts", ["author_id", "published_at", "id"])
    op.create_table(
        "tags",
        sa.Column("id", number(), nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("name_key", key(50), nullable=False),
        sa.Column("slug", key(120), nullable=False),
        sa.Column("post_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tags"),
        sa.UniqueConstraint("name_key", name="uq_tags_name_key"),
        sa.UniqueConstraint("slug", name="uq_tags_slug"),
        **WITH_NUMBER,
    )
    op.create_index("ix_tags_post_count_id", "tags", ["post_count", "id"])
    op.create_table(
        "posts_tags",
        sa.Column("post_id", number(), nullable=False),
        sa.Column("tag_id", number(), nullable=False),
        sa.Column("published_at", moment()),
        sa.PrimaryKeyConstraint("post_id", "tag_id", name="pk_posts_tags"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_posts_tags_post_id_posts", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name="fk_posts_tags_tag_id_tags", ondelete="CASCADE"),
        **WITHOUT_NUMBER,
    )
    op.create_index("ix_posts_tags_tag_id_published_at_post_id", "posts_tags", ["tag_id", "published_at", "post_id"])
    op.create_table(
        "comments",
        sa.Column("id", number(), nullable=False),
        sa.Column("post_id", number(), nullable=False),
        sa.Column("author_id", number()),
        sa.Column("guest_name", sa.String(64)),
        sa.Column("text", long_text(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("hidden_at", moment()),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_comments_post_id_posts", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_comments_author_id_users"),
        **WITH_NUMBER,
    )
    op.create_index("ix_comments_post_id_id", "comments", ["post_id", "id"])
    op.create_index("ix_comments_author_id_id", "comments", ["author_id", "id"])
    op.create_table(
        "redirects",
        sa.Column("id", number(), nullable=False),
        sa.Column("path", key(500), nullable=False),
        sa.Column("target", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_redirects"),
        sa.UniqueConstraint("path", name="uq_redirects_path"),
        **WITH_NUMBER,
    )
    op.create_table(
        "renderings",
        sa.Column("digest", key(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("html", long_text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_renderings"),
        **WITHOUT_NUMBER,
    )
    op.create_table(
        "imported_files",
        sa.Column("id", number(), nullable=False),
        sa.Column("path_digest", key(64), nullable=False),
        sa.Column("path", long_text(), nullable=False),
        sa.Column("post_id", number()),
        sa.Column("digest", key(64), nullable=False),
        sa.Column("imported_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_imported_files"),
        sa.UniqueConstraint("path_digest", name="uq_imported_files_path_digest"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_imported_files_post_id_posts", ondelete="SET NULL"),
        **WITH_NUMBER,
    )
    op.create_index("ix_imported_files_post_id", "imported_files", ["post_id"])
    op.create_table(
        "releases",
        sa.Column("id", number(), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("revision", key(32), nullable=False),
        sa.Column("moved_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_releases"),
        **WITH_NUMBER,
    )


def downgrade():
    for table in (
        "releases",
        "imported_files",
        "renderings",
        "redirects",
        "comments",
        "posts_tags",
        "tags",
        "posts",
        "users_roles",
        "roles",
        "users",
    ):
        op.drop_table(table)
