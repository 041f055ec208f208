"""Kinds of operations that one or two engines have."""

from operation_kinds.blog_schema import BY_TITLE, MARK, PAIR, TRIGGER
from operation_kinds.kind import Kind, adding, batched, executed

_NO_KEY = "ALTER TABLE pair DROP CONSTRAINT pair_pkey"
_ONE_KEY = executed(_NO_KEY, "ALTER TABLE pair DROP COLUMN other, ADD CONSTRAINT pair_pkey PRIMARY KEY (one)")
_TWO_KEYS = executed(
    _NO_KEY, "ALTER TABLE pair ADD COLUMN other INTEGER NOT NULL, ADD CONSTRAINT pair_pkey PRIMARY KEY (one, other)"
)
_MOOD = 'sa.Enum("calm", "loud", name="mood")'
_CONCURRENTLY = """
with op.get_context().autocommit_block():
    op.{}_index("by_note", "post"{}, postgresql_concurrently=True)"""

MARIADB: dict[str, Kind] = {
    "a column in a full table": Kind(
        ['op.drop_column("wide", "c3")', adding("wide", '"new", sa.String(3900)')],
        ['op.drop_column("wide", "new")', adding("wide", '"c3", sa.String(4000)')],
        engines=["mariadb"],
    ),
    "a column of the primary key": Kind(
        [executed("ALTER TABLE pair DROP PRIMARY KEY, DROP COLUMN other, ADD PRIMARY KEY (one)")],
        [
            executed(
                "ALTER TABLE pair ADD COLUMN other INTEGER NOT NULL, DROP PRIMARY KEY, ADD PRIMARY KEY (one, other)"
            )
        ],
        engines=["mariadb"],
    ),
    "raw statements of MariaDB": Kind(
        [
            executed(
                "ALTER TABLE post DROP COLUMN note, ADD COLUMN made INTEGER, DROP INDEX by_title",
                "DROP TABLE mark",
                "CREATE TABLE mark (id INTEGER PRIMARY KEY, other INTEGER) CHARSET utf8mb4",
            )
        ],
        [
            executed("DROP TABLE mark"),
            MARK,
            TRIGGER,
            executed(
                "ALTER TABLE post DROP COLUMN made, ADD COLUMN note VARCHAR(20), ADD INDEX by_title (title, score)"
            ),
        ],
        engines=["mariadb"],
    ),
    "statements that commit by themselves": Kind(
        [
            executed("UPDATE post SET score = score + 1", "ANALYZE TABLE post", "UPDATE post SET score = score + 1"),
            executed(
                "START TRANSACTION", "UPDATE post SET score = score + 1", "LOCK TABLES post WRITE", "UNLOCK TABLES"
            ),
            adding("author", '"age", sa.Integer'),
        ],
        ['op.drop_column("author", "age")', executed("UPDATE post SET score = score - 3")],
        engines=["mariadb"],
    ),
    "names that are exchanged": Kind(
        [executed("RENAME TABLE mark TO was, pair TO mark, was TO pair")],
        [executed("RENAME TABLE pair TO was, mark TO pair, was TO mark")],
        engines=["mariadb"],
    ),
    "a change that names everything": Kind(
        [executed("ALTER TABLE post CHANGE note remark VARCHAR(50) DEFAULT 'x' COMMENT 'said'")],
        [executed("ALTER TABLE post CHANGE remark note VARCHAR(20) NULL")],
        engines=["mariadb"],
    ),
}
POSTGRESQL: dict[str, Kind] = {
    "a column of the primary key, named": Kind([_ONE_KEY], [_TWO_KEYS], engines=["postgresql"]),
    "a type": Kind(
        [f"{_MOOD}.create(op.get_bind())", adding("post", f'"mood", {_MOOD}')],
        ['op.drop_column("post", "mood")', f"{_MOOD}.drop(op.get_bind())"],
        engines=["postgresql"],
        new_rows=("UPDATE post SET mood = 'loud' WHERE id = 1",),
    ),
    "a value of a type, after a COMMIT": Kind(
        [
            executed("CREATE TYPE size AS ENUM ('s')", "COMMIT", "ALTER TYPE size ADD VALUE 'l'"),
            adding("author", '"age", sa.Integer'),
        ],
        ['op.drop_column("author", "age")', executed("DROP TYPE size")],
        engines=["postgresql"],
    ),
    "an index made concurrently": Kind(
        [adding("author", '"age", sa.Integer'), _CONCURRENTLY.format("create", ', ["note"]')],
        [_CONCURRENTLY.format("drop", ""), 'op.drop_column("author", "age")'],
        engines=["postgresql"],
    ),
    "raw statements of PostgreSQL": Kind(
        [executed("ALTER TABLE post DROP COLUMN note, ADD COLUMN made INTEGER", "DROP INDEX by_title")],
        [executed("ALTER TABLE post DROP COLUMN made, ADD COLUMN note VARCHAR(20)"), BY_TITLE],
        engines=["postgresql"],
    ),
}
SQLITE: dict[str, Kind] = {
    "a table made anew by a batch": Kind(
        [batched("post", 'drop_column("note")', options=', recreate="always"')],
        [batched("post", 'add_column(sa.Column("note", sa.String(20)))', options=', recreate="always"')],
        engines=["sqlite"],
    ),
    "a table made anew by hand": Kind(
        [
            executed(
                "CREATE TABLE new_pair (one INTEGER PRIMARY KEY)",
                "INSERT INTO new_pair (one) SELECT one FROM pair",
                "DROP TABLE pair",
                "ALTER TABLE new_pair RENAME TO pair",
            )
        ],
        [
            executed("DROP TABLE pair"),
            PAIR,
        ],
        engines=["sqlite"],
    ),
}
