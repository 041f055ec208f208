"""Tables, indexes, constraints, views and names."""

from operation_kinds.blog_schema import BY_TITLE, MARK, POST, TRIGGER
from operation_kinds.kind import Kind, adding, batched, executed

TAG = (
    'op.create_table("tag", sa.Column("id", sa.Integer, primary_key=True), sa.Column("word", sa.String(9)),'
    ' mysql_charset="utf8mb4")'
)
TABLES: dict[str, Kind] = {
    "a table": Kind(['op.drop_table("mark")'], [MARK, TRIGGER]),
    "a table that others refer to": Kind(
        [batched("mark", 'drop_constraint("mark_post", type_="foreignkey")'), 'op.drop_table("post")'],
        [POST, BY_TITLE, batched("mark", 'create_foreign_key("mark_post", "post", ["post_id"], ["id"])')],
    ),
    "a new table": Kind([TAG], ['op.drop_table("tag")'], new_rows=("INSERT INTO tag VALUES (1, '茶')",)),
    "new things": Kind(
        [
            TAG,
            "op.execute(\"INSERT INTO tag VALUES (1, '茶')\")",
            adding("post", '"tag_id", sa.Integer'),
            batched("post", 'create_foreign_key("post_tag", "tag", ["tag_id"], ["id"])'),
            'op.create_index("by_word", "tag", ["word"])',
        ],
        [
            batched("post", 'drop_constraint("post_tag", type_="foreignkey")'),
            'op.drop_column("post", "tag_id")',
            'op.drop_table("tag")',
        ],
        new_rows=("UPDATE post SET tag_id = 1 WHERE id = 2",),
    ),
    "new names": Kind(
        [
            'op.rename_table("mark", "star")',
            batched("post", 'alter_column("note", new_column_name="hint", existing_type=sa.String(20))'),
            'op.drop_column("post", "slug")',
            'op.rename_table("author", "writer")',
        ],
        [
            'op.rename_table("writer", "author")',
            adding("post", '"slug", sa.String(40)'),
            batched("post", 'create_unique_constraint("slug", ["slug"])'),
            batched("post", 'alter_column("hint", new_column_name="note", existing_type=sa.String(20))'),
            'op.rename_table("star", "mark")',
        ],
        new_rows=("INSERT INTO writer (id) VALUES (3)", "UPDATE post SET hint = 'h' WHERE id = 2"),
    ),
    "a table that another one replaces": Kind(
        [
            executed(
                "CREATE TABLE new_mark (id INTEGER PRIMARY KEY, stars INTEGER)",
                "INSERT INTO new_mark (id) SELECT id FROM mark",
                "DROP TABLE mark",
                "ALTER TABLE new_mark RENAME TO mark",
            )
        ],
        ['op.drop_table("mark")', MARK, TRIGGER],
    ),
    "indexes": Kind(
        [
            'op.drop_index("by_title", "post")',
            'op.create_index("by_score", "post", ["score"])',
            'op.create_index("one_pair", "pair", ["other"], unique=True)',
        ],
        ['op.drop_index("one_pair", "pair")', 'op.drop_index("by_score", "post")', BY_TITLE],
    ),
    "constraints": Kind(
        [
            batched("pair", 'create_check_constraint("paired", "one <> other")'),
            batched("pair", 'create_foreign_key("pair_post", "post", ["one"], ["id"], ondelete="CASCADE")'),
            batched("post", 'drop_constraint("slug", type_="unique")'),
        ],
        [
            batched("post", 'create_unique_constraint("slug", ["slug"])'),
            batched("pair", 'drop_constraint("pair_post", type_="foreignkey")'),
            batched("pair", 'drop_constraint("paired", type_="check")'),
        ],
    ),
    "a view": Kind(
        [executed("CREATE VIEW noted AS SELECT id, note FROM post"), adding("author", '"age", sa.Integer')],
        ['op.drop_column("author", "age")', executed("DROP VIEW noted")],
    ),
}
