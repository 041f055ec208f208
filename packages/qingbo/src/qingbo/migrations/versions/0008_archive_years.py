"""How many posts each year has

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-27 21:20:00

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql, postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    """Create the table. The blog fills it, because it knows the time zone."""
    op.create_table(
        "archive_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "zone",
            sa.String(64)
            .with_variant(mysql.VARCHAR(64, collation="utf8mb4_bin"), "mysql", "mariadb")
            .with_variant(postgresql.VARCHAR(64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_archive_years"),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_unicode_ci",
    )


def downgrade():
    op.drop_table("archive_years")
