"""The schema and the rows that every kind of operation finds."""

from operation_kinds.kind import executed

AUTHOR = """
op.create_table("author", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)),
    mysql_charset="utf8mb4")"""
POST = """
op.create_table("post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("author_id", sa.Integer, sa.ForeignKey("author.id", name="post_author")),
    sa.Column("title", sa.String(40), nullable=False),
    sa.Column("slug", sa.String(40)),
    sa.Column("score", sa.Integer, nullable=False, server_default="7"),
    sa.Column("note", sa.String(20)),
    sa.UniqueConstraint("slug", name="slug"),
    sa.CheckConstraint("score > 0", name="scored"),
    mysql_charset="utf8mb4")"""
BY_TITLE = 'op.create_index("by_title", "post", ["title", "score"])'
MARK = (
    'op.create_table("mark", sa.Column("id", sa.Integer, primary_key=True),'
    ' sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id", name="mark_post")), mysql_charset="utf8mb4")'
)
PAIR = """
op.create_table("pair", sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("other", sa.Integer, primary_key=True, autoincrement=False), mysql_charset="utf8mb4")"""
WIDE = """
op.create_table("wide", sa.Column("id", sa.Integer, primary_key=True),
    *(sa.Column(f"c{n}", sa.String(4000)) for n in range(4)), mysql_charset="utf8mb4")"""

# Each engine has a language of its own for these.
_STAMPING = executed(
    "CREATE OR REPLACE FUNCTION stamping() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
)
_TRIGGERS = {
    "mysql": "CREATE TRIGGER stamped BEFORE INSERT ON mark FOR EACH ROW SET @marked = 1",
    "sqlite": "CREATE TRIGGER stamped AFTER INSERT ON mark BEGIN SELECT 1; END",
    "postgresql": "CREATE TRIGGER stamped BEFORE INSERT ON mark FOR EACH ROW EXECUTE FUNCTION stamping()",
}
TRIGGER = f"op.execute({_TRIGGERS!r}[op.get_bind().dialect.name.replace('mariadb', 'mysql')])"
_FUNCTION = f'if op.get_bind().dialect.name == "postgresql":\n    {_STAMPING}'

_ALL = [AUTHOR, POST, BY_TITLE, MARK, _FUNCTION, TRIGGER, WIDE, PAIR]
SCHEMA = "\n".join(_ALL)
ROWS = (
    "INSERT INTO author VALUES (1, '林夏'), (2, 'Ann')",
    "INSERT INTO post VALUES (1, 1, '一', 'one', 3, 'n'), (2, 2, 'Two', NULL, 5, NULL)",
    "INSERT INTO mark VALUES (1, 1), (2, 2)",
    "INSERT INTO wide VALUES (1, 'a', 'b', 'c', 'd')",
    "INSERT INTO pair VALUES (1, 2)",
)
