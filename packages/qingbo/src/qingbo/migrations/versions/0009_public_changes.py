"""Which change of what public pages show was the last

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-27 22:55:00

"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


NEWEST, EVERYTHING = -1, 0


def upgrade():
    changes = op.create_table(
        "public_changes",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_public_changes"),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_unicode_ci",
    )
    op.bulk_insert(changes, [{"subject": subject, "number": 0} for subject in (NEWEST, EVERYTHING)])
    op.create_index("ix_public_changes_number", "public_changes", ["number"])


def downgrade():
    op.drop_table("public_changes")
