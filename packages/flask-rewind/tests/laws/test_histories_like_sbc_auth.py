"""A history like sbc-auth's, on PostgreSQL: code tables, enum types, versions of rows, views, sequences."""

from collections.abc import Callable

import pytest
from flask import Flask
from histories import executed, travelled

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow

FIRST = """
org_type = op.create_table(
    "org_type",
    sa.Column("code", sa.String(length=15), nullable=False),
    sa.Column("desc", sa.String(length=100), nullable=True),
    sa.Column("default", sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint("code"),
)
op.create_table(
    "users",
    sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
    sa.Column("username", sa.String(length=100), nullable=True),
    sa.Column("keycloak_guid", sa.dialects.postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column("created", sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("keycloak_guid"),
)
op.create_index(op.f("ix_users_username"), "users", ["username"], unique=True)
op.create_table(
    "orgs",
    sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
    sa.Column("type_code", sa.String(length=15), nullable=False),
    sa.Column("name", sa.String(length=250), nullable=True),
    sa.Column("created_by_id", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["created_by_id"], ["users.id"]),
    sa.ForeignKeyConstraint(["type_code"], ["org_type.code"]),
    sa.PrimaryKeyConstraint("id"),
)
op.create_index(op.f("ix_orgs_name"), "orgs", ["name"], unique=False)
op.bulk_insert(
    org_type,
    [
        {"code": "IMPLICIT", "desc": "Implicit", "default": True},
        {"code": "EXPLICIT", "desc": "Explicit", "default": False},
    ],
)
"""
FIRST_BACK = """
op.drop_index(op.f("ix_orgs_name"), table_name="orgs")
op.drop_table("orgs")
op.drop_index(op.f("ix_users_username"), table_name="users")
op.drop_table("users")
op.drop_table("org_type")
"""

AFFIDAVITS = """
from sqlalchemy.dialects import postgresql
status = postgresql.ENUM("PENDING", "ACTIVE", name="status")
status.create(op.get_bind(), checkfirst=True)
op.create_table(
    "affidavits",
    sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
    sa.Column("user_id", sa.Integer(), nullable=False),
    sa.Column("status", postgresql.ENUM(name="status", create_type=False), nullable=False),
    sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
    sa.PrimaryKeyConstraint("id"),
)
op.add_column(
    "orgs", sa.Column("status", postgresql.ENUM(name="status", create_type=False), server_default="ACTIVE")
)
"""
AFFIDAVITS_BACK = """
op.drop_column("orgs", "status")
op.drop_table("affidavits")
op.execute("DROP TYPE status;")
"""

LABEL = """
with op.get_context().autocommit_block():
    op.execute("ALTER TYPE status ADD VALUE IF NOT EXISTS 'REJECTED'")
"""

HISTORY_TABLES = """
op.create_table(
    "transaction",
    sa.Column("issued_at", sa.DateTime(), nullable=True),
    sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column("remote_addr", sa.String(length=50), nullable=True),
    sa.PrimaryKeyConstraint("id"),
)
op.create_table(
    "orgs_version",
    sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("name", sa.String(length=250), autoincrement=False, nullable=True),
    sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column("end_transaction_id", sa.BigInteger(), nullable=True),
    sa.Column("operation_type", sa.SmallInteger(), nullable=False),
    sa.PrimaryKeyConstraint("id", "transaction_id"),
)
op.create_index(op.f("ix_orgs_version_end"), "orgs_version", ["end_transaction_id"], unique=False)
op.execute("CREATE SEQUENCE org_number_seq START 1000 INCREMENT 5")
op.execute("CREATE SEQUENCE IF NOT EXISTS transaction_id_seq")
"""
HISTORY_TABLES_BACK = """
op.execute("DROP SEQUENCE org_number_seq")
op.drop_index(op.f("ix_orgs_version_end"), table_name="orgs_version")
op.drop_table("orgs_version")
op.drop_table("transaction")
"""

VIEW = """
op.execute(
    "CREATE OR REPLACE VIEW authorizations_view AS SELECT o.id AS org_id, o.name, u.keycloak_guid"
    " FROM orgs o LEFT JOIN users u ON u.id = o.created_by_id"
)
"""

LONGER = """
op.execute("DROP VIEW IF EXISTS authorizations_view")
op.alter_column("orgs", "name", existing_type=sa.String(length={old}), type_=sa.String(length={new}))
op.execute(
    "CREATE VIEW authorizations_view AS SELECT o.id AS org_id, o.name, u.keycloak_guid"
    " FROM orgs o LEFT JOIN users u ON u.id = o.created_by_id"
)
"""

CODES = """
from sqlalchemy.sql import column, table
codes = table("org_type", column("code", sa.String), column("desc", sa.String), column("default", sa.Boolean))
op.bulk_insert(codes, [{"code": "PREMIUM", "desc": "Premium", "default": False}])
op.execute("UPDATE org_type SET \\"default\\" = false WHERE code = 'IMPLICIT'")
op.create_table(
    "suspension_reason_codes",
    sa.Column("code", sa.String(length=15), nullable=False),
    sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    sa.PrimaryKeyConstraint("code"),
)
op.add_column("orgs", sa.Column("suspension_reason_code", sa.String(length=15), nullable=True))
op.create_foreign_key(
    "orgs_suspension_fkey", "orgs", "suspension_reason_codes", ["suspension_reason_code"], ["code"],
    source_schema="public", referent_schema="public",
)
op.add_column("orgs_version", sa.Column("suspension_reason_code", sa.String(length=15), nullable=True))
"""
CODES_BACK = """
op.drop_column("orgs_version", "suspension_reason_code", schema="public")
op.drop_constraint("orgs_suspension_fkey", "orgs", type_="foreignkey", schema="public")
op.drop_column("orgs", "suspension_reason_code", schema="public")
op.drop_table("suspension_reason_codes")
op.execute("UPDATE org_type SET \\"default\\" = true WHERE code = 'IMPLICIT'")
op.execute("DELETE FROM org_type WHERE code = 'PREMIUM'")
"""

GUID = (
    "ALTER TABLE affidavits ADD COLUMN document_id varchar(60)",
    "CREATE INDEX IF NOT EXISTS ix_document ON affidavits (document_id)",
    "ALTER TABLE transaction ALTER COLUMN remote_addr TYPE text USING remote_addr::text",
)
GUID_BACK = (
    "ALTER TABLE transaction ALTER COLUMN remote_addr TYPE varchar(50) USING substr(remote_addr, 1, 50)",
    "DROP INDEX ix_document",
    "ALTER TABLE affidavits DROP COLUMN document_id",
)

PRODUCTS = """
op.execute(sa.schema.CreateSequence(sa.Sequence("product_subscriptions_id_seq")))
op.create_table(
    "product_subscriptions",
    sa.Column("id", sa.Integer(), sa.Sequence("product_subscriptions_id_seq"), nullable=False),
    sa.Column("org_id", sa.Integer(), nullable=True),
    sa.Column("product_code", sa.String(length=20), nullable=False),
    sa.Column("filters", sa.dialects.postgresql.JSONB(), nullable=True),
    sa.ForeignKeyConstraint(["org_id"], ["orgs.id"]),
    sa.PrimaryKeyConstraint("id"),
)
conn = op.get_bind()
for org_id, in conn.execute(sa.text("SELECT id FROM orgs WHERE status = 'ACTIVE' ORDER BY id")).fetchall():
    conn.execute(
        sa.text(
            "INSERT INTO product_subscriptions (id, org_id, product_code)"
            " VALUES (nextval('product_subscriptions_id_seq'), :org_id, 'BUSINESS')"
        ),
        {"org_id": org_id},
    )
op.alter_column("users", "username", existing_type=sa.VARCHAR(length=100), new_column_name="login")
"""
PRODUCTS_BACK = """
op.alter_column("users", "login", existing_type=sa.VARCHAR(length=100), new_column_name="username")
op.drop_table("product_subscriptions")
op.execute("DROP SEQUENCE IF EXISTS product_subscriptions_id_seq")
"""

CREATOR = """
op.execute("DROP VIEW authorizations_view")
op.drop_column("orgs", "created_by_id")
"""
CREATOR_BACK = """
op.add_column("orgs", sa.Column("created_by_id", sa.Integer(), nullable=True))
op.create_foreign_key("orgs_created_by_id_fkey", "orgs", "users", ["created_by_id"], ["id"])
"""

HISTORY = [
    (FIRST, FIRST_BACK),
    (AFFIDAVITS, AFFIDAVITS_BACK),
    (LABEL, "pass"),
    (HISTORY_TABLES, HISTORY_TABLES_BACK),
    (VIEW, executed("DROP VIEW authorizations_view")),
    (CODES, CODES_BACK),
    (LONGER.format(old=250, new=500), LONGER.format(old=500, new=250)),
    (executed(*GUID), executed(*GUID_BACK)),
    (PRODUCTS, PRODUCTS_BACK),
    (
        CREATOR,
        CREATOR_BACK + VIEW,
    ),
]


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_history_like_that_of_sbc_auth_goes_down_and_up(make_app: MakeApp, database_url: str) -> None:
    travelled(make_app(database_url), HISTORY, filled_at=(4, 6))
