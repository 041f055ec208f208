"""What posts and comments are found by

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-27 19:40:00

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql, postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = (
    ("post_search", "post_id", "posts", "post_words"),
    ("comment_search", "comment_id", "comments", "comment_words"),
)
WITHOUT_NUMBER = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci"}


def number():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words():
    return (
        sa.Text()
        .with_variant(mysql.MEDIUMTEXT(charset="ascii", collation="ascii_bin"), "mysql", "mariadb")
        .with_variant(postgresql.TSVECTOR(), "postgresql")
    )


def upgrade():
    for table, key, of, fts5 in TABLES:
        op.create_table(
            table,
            sa.Column(key, number(), autoincrement=False, nullable=False),
            sa.Column("place", sa.BigInteger(), nullable=False),
            sa.Column("words", words(), nullable=False),
            sa.ForeignKeyConstraint([key], [f"{of}.id"], name=f"fk_{table}_{key}_{of}", ondelete="CASCADE"),
            sa.PrimaryKeyConstraint(key, name=f"pk_{table}"),
            sa.UniqueConstraint("place", name=f"uq_{table}_place"),
            **WITHOUT_NUMBER,
        )
        if op.get_bind().dialect.name == "sqlite":
            index_by_fts5(table, fts5)
        else:
            op.create_index(f"ft_{table}_words", table, ["words"], mysql_prefix="FULLTEXT", postgresql_using="gin")
        if op.get_bind().dialect.name == "postgresql":
            # Stored in the row if it fits: PostgreSQL underestimates the cost of a scan if the words are in TOAST.
            op.execute(f"ALTER TABLE {table} ALTER COLUMN words SET STORAGE MAIN")


def index_by_fts5(table, fts5):
    # https://sqlite.org/fts5.html, 4.4.3: an index of another table's rows, which triggers keep up to date.
    op.execute(
        f"CREATE VIRTUAL TABLE {fts5} USING fts5(words, content='{table}', content_rowid='place',"
        " tokenize='ascii', detail='none', columnsize=0)"
    )
    put = f"INSERT INTO {fts5} (rowid, words) VALUES (new.place, new.words);"
    take = f"INSERT INTO {fts5} ({fts5}, rowid, words) VALUES ('delete', old.place, old.words);"
    op.execute(f"CREATE TRIGGER {table}_put AFTER INSERT ON {table} BEGIN {put} END")
    op.execute(f"CREATE TRIGGER {table}_change AFTER UPDATE ON {table} BEGIN {take} {put} END")
    op.execute(f"CREATE TRIGGER {table}_take AFTER DELETE ON {table} BEGIN {take} END")


def downgrade():
    for table, _key, _of, fts5 in TABLES:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TABLE {fts5}")
        op.drop_table(table)
