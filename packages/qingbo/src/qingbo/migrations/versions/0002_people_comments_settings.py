"""People, doors, comments in threads, mail, settings, the audit log

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-24 17:20:00

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql, postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WITHOUT_NUMBER = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci"}
WITH_NUMBER = {**WITHOUT_NUMBER, "sqlite_autoincrement": True}

USER_COLUMNS = (
    "display_name", "waiting_since", "bio", "links", "language", "avatar", "tf_primary_method", "tf_totp_secret",
    "totp_counter", "mf_recovery_codes", "fs_webauthn_user_handle",
)  # fmt: skip


WITHOUT_ROLE = "without a role"
"""A role that exists only below this revision. It marks accounts that had no role at this revision."""


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
    op.add_column("users", sa.Column("display_name", sa.String(64)))
    op.add_column("users", sa.Column("waiting_since", moment()))
    op.add_column("users", sa.Column("bio", sa.String(1000)))
    op.add_column("users", sa.Column("links", long_text()))
    op.add_column("users", sa.Column("language", sa.String(12)))
    op.add_column("users", sa.Column("avatar", key(64)))
    op.add_column("users", sa.Column("tf_primary_method", sa.String(64)))
    op.add_column("users", sa.Column("tf_totp_secret", sa.String(255)))
    op.add_column("users", sa.Column("totp_counter", sa.BigInteger()))
    op.add_column("users", sa.Column("mf_recovery_codes", sa.UnicodeText()))
    op.add_column("users", sa.Column("fs_webauthn_user_handle", key(64)))
    op.create_index("ix_users_fs_webauthn_user_handle", "users", ["fs_webauthn_user_handle"], unique=True)
    op.add_column("posts", sa.Column("language", sa.String(12)))
    _give_roles()
    _create_account_tables()
    _create_site_tables()
    _extend_comments()


def _give_roles():
    """Make every account without a role an author: before this revision, everybody with an account could write posts.

    Accounts that downgrade() has put into WITHOUT_ROLE had no role at this revision, and have none again. Roles are
    inserted once: one that was deleted at this revision stays deleted, unless an account needs it.
    """
    op.execute(
        "INSERT INTO roles (name, description) SELECT name, description FROM ("
        "SELECT 'author' AS name, 'May write posts' AS description"
        " UNION ALL SELECT 'editor', 'May change any post and comment'"
        " UNION ALL SELECT 'reader', 'May comment without waiting'"
        ") AS new_roles WHERE NOT EXISTS (SELECT 1 FROM roles WHERE name IN ('author', 'editor', 'reader'))"
    )
    op.execute(
        "INSERT INTO roles (name, description) SELECT name, description FROM ("
        "SELECT 'author' AS name, 'May write posts' AS description"
        ") AS new_roles WHERE NOT EXISTS (SELECT 1 FROM roles WHERE name = 'author')"
        " AND EXISTS (SELECT 1 FROM users WHERE id NOT IN (SELECT user_id FROM users_roles))"
    )
    op.execute(
        "INSERT INTO users_roles (user_id, role_id) SELECT users.id, roles.id FROM users, roles"
        " WHERE roles.name = 'author' AND users.id NOT IN (SELECT user_id FROM users_roles)"
    )
    op.execute(f"DELETE FROM users_roles WHERE role_id IN (SELECT id FROM roles WHERE name = '{WITHOUT_ROLE}')")
    op.execute(f"DELETE FROM roles WHERE name = '{WITHOUT_ROLE}'")


def _create_account_tables():
    op.create_table(
        "passkeys",
        sa.Column("id", number(), nullable=False),
        sa.Column("user_id", number(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column(
            "credential_id",
            sa.LargeBinary(1024).with_variant(mysql.VARBINARY(1024), "mysql", "mariadb"),
            nullable=False,
        ),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.UnicodeText()),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(64), nullable=False),
        sa.Column("extensions", sa.String(255)),
        sa.Column("lastuse_datetime", moment(), nullable=False),
        sa.Column("usage", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_passkeys_user_id_users", ondelete="CASCADE"),
        **WITH_NUMBER,
    )
    op.create_index("ix_passkeys_user_id_name", "passkeys", ["user_id", "name"])
    op.create_table(
        "invitations",
        sa.Column("id", number(), nullable=False),
        sa.Column("token_digest", key(64), nullable=False),
        sa.Column("email", key(255)),
        sa.Column("role_name", key(80), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("expires_at", moment(), nullable=False),
        sa.Column("used_at", moment()),
        sa.Column("used_by_name", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("token_digest", name="uq_invitations_token_digest"),
        **WITH_NUMBER,
    )
    op.create_table(
        "avatars",
        sa.Column("digest", key(64), nullable=False),
        sa.Column("data", sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb"), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_avatars"),
        **WITHOUT_NUMBER,
    )
    op.create_table(
        "audit_events",
        sa.Column("id", number(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("actor_id", number()),
        sa.Column("actor_name", sa.String(64), nullable=False),
        sa.Column("action", key(64), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("address", key(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_audit_events_actor_id_users", ondelete="SET NULL"),
        **WITH_NUMBER,
    )
    op.create_index("ix_audit_events_at_id", "audit_events", ["at", "id"])
    op.create_index("ix_audit_events_actor_id", "audit_events", ["actor_id"])


def _create_site_tables():
    op.create_table(
        "site_settings",
        sa.Column("name", key(64), nullable=False),
        sa.Column("value", long_text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_site_settings"),
        **WITHOUT_NUMBER,
    )
    op.create_table(
        "outgoing_mails",
        sa.Column("id", number(), nullable=False),
        sa.Column("recipient", key(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("text", long_text(), nullable=False),
        sa.Column("unsubscribe_url", sa.String(500)),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("due_at", moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(500)),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing_mails"),
        **WITH_NUMBER,
    )
    op.create_index("ix_outgoing_mails_due_at_id", "outgoing_mails", ["due_at", "id"])


def _extend_comments():
    op.add_column("comments", sa.Column("parent_id", number()))
    op.create_index("ix_comments_parent_id", "comments", ["parent_id"])
    op.add_column("comments", sa.Column("guest_email", key(255)))
    op.create_index("ix_comments_guest_email", "comments", ["guest_email"])
    op.add_column("comments", sa.Column("edited_at", moment()))
    op.add_column("comments", sa.Column("state", key(16), server_default="shown", nullable=False))
    # A state that returns from the attic is newer than hidden_at, so only the default is overwritten.
    op.execute("UPDATE comments SET state = 'hidden' WHERE hidden_at IS NOT NULL AND state = 'shown'")
    op.create_index("ix_comments_state_id", "comments", ["state", "id"])
    op.create_table(
        "comment_subscriptions",
        sa.Column("id", number(), nullable=False),
        sa.Column("thread_id", number(), nullable=False),
        sa.Column("email", key(255), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("token", key(64), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_comment_subscriptions"),
        sa.UniqueConstraint("token", name="uq_comment_subscriptions_token"),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["comments.id"], name="fk_comment_subscriptions_thread_id_comments", ondelete="CASCADE"
        ),
        **WITH_NUMBER,
    )
    op.create_index(
        "ix_comment_subscriptions_thread_id_email", "comment_subscriptions", ["thread_id", "email"], unique=True
    )


def downgrade():
    _remember_who_has_no_role()
    for table in (
        "comment_subscriptions", "outgoing_mails", "site_settings", "audit_events", "avatars", "invitations",
        "passkeys",
    ):  # fmt: skip
        op.drop_table(table)
    op.drop_index("ix_comments_state_id", "comments")
    op.drop_column("comments", "state")
    op.drop_column("comments", "edited_at")
    op.drop_index("ix_comments_guest_email", "comments")
    op.drop_column("comments", "guest_email")
    op.drop_index("ix_comments_parent_id", "comments")
    op.drop_column("comments", "parent_id")
    op.drop_column("posts", "language")
    op.drop_index("ix_users_fs_webauthn_user_handle", "users")
    for column in reversed(USER_COLUMNS):
        op.drop_column("users", column)


def _remember_who_has_no_role():
    op.execute(
        "INSERT INTO roles (name, description) SELECT name, description FROM ("
        f"SELECT '{WITHOUT_ROLE}' AS name, 'Had no role when revision 0002 was undone' AS description"
        f") AS new_roles WHERE NOT EXISTS (SELECT 1 FROM roles WHERE name = '{WITHOUT_ROLE}')"
        " AND EXISTS (SELECT 1 FROM users WHERE id NOT IN (SELECT user_id FROM users_roles))"
    )
    op.execute(
        "INSERT INTO users_roles (user_id, role_id) SELECT users.id, roles.id FROM users, roles"
        f" WHERE roles.name = '{WITHOUT_ROLE}' AND users.id NOT IN (SELECT user_id FROM users_roles)"
    )
