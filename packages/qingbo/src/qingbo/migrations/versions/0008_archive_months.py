"""How many posts each month has

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

MONTHS = {
    "sqlite": "substr(published_at, 1, 7)",
    "postgresql": "to_char(published_at AT TIME ZONE 'UTC', 'YYYY-MM')",
}
OF_MYSQL = "date_format(published_at, '%Y-%m')"


def upgrade():
    op.create_table(
        "archive_months",
        sa.Column(
            "month",
            sa.String(7)
            .with_variant(mysql.VARCHAR(7, collation="utf8mb4_bin"), "mysql", "mariadb")
            .with_variant(postgresql.VARCHAR(7, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_archive_months"),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_unicode_ci",
    )
    month = MONTHS.get(op.get_bind().dialect.name, OF_MYSQL)
    op.execute(
        sa.text(
            f"INSERT INTO archive_months (month, posts) SELECT {month}, count(*) FROM posts"
            f" WHERE published_at IS NOT NULL GROUP BY {month}"
        )
    )


def downgrade():
    op.drop_table("archive_months")
