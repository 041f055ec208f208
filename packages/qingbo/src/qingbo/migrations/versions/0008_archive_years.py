"""How many posts each year has

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-27 21:20:00

"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

YEARS = {
    "sqlite": "substr(published_at, 1, 4)",
    "postgresql": "to_char(published_at AT TIME ZONE 'UTC', 'YYYY')",
}
OF_MYSQL = "date_format(published_at, '%Y')"


def upgrade():
    op.create_table(
        "archive_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_archive_years"),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_unicode_ci",
    )
    year = YEARS.get(op.get_bind().dialect.name, OF_MYSQL)
    number = f"CAST({year} AS {'UNSIGNED' if year == OF_MYSQL else 'INTEGER'})"
    op.execute(
        sa.text(
            f"INSERT INTO archive_years (year, posts) SELECT {number}, count(*) FROM posts"
            f" WHERE published_at IS NOT NULL GROUP BY {number}"
        )
    )


def downgrade():
    op.drop_table("archive_years")
