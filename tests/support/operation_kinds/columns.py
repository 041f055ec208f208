"""Columns that go, come, or become something else."""

from operation_kinds.blog_schema import BY_TITLE
from operation_kinds.kind import Kind, adding, batched

_RENAME = 'alter_column("{}", new_column_name="{}", existing_type=sa.String(40), existing_nullable=False)'
_RETYPE = 'alter_column("score", type_=sa.{}, existing_nullable=False, existing_server_default="7")'

COLUMNS: dict[str, Kind] = {
    "a column": Kind(['op.drop_column("post", "note")'], [adding("post", '"note", sa.String(20)')]),
    "a column that is never null": Kind(
        ['op.drop_column("post", "title")'],
        [adding("post", '"title", sa.String(40), nullable=False'), BY_TITLE],
    ),
    "a column with a default and a check": Kind(
        [batched("post", 'drop_constraint("scored", type_="check")'), 'op.drop_column("post", "score")'],
        [
            adding("post", "\"score\", sa.Integer, nullable=False, server_default='7'"),
            batched("post", 'create_check_constraint("scored", "score > 0")'),
            BY_TITLE,
        ],
    ),
    "a unique column": Kind(
        ['op.drop_column("post", "slug")'],
        [adding("post", '"slug", sa.String(40)'), batched("post", 'create_unique_constraint("slug", ["slug"])')],
    ),
    "a column that is a key to another table": Kind(
        [batched("post", 'drop_constraint("post_author", type_="foreignkey")'), 'op.drop_column("post", "author_id")'],
        [
            adding("post", '"author_id", sa.Integer'),
            batched("post", 'create_foreign_key("post_author", "author", ["author_id"], ["id"])'),
        ],
    ),
    "several columns": Kind(
        [batched("post", 'drop_column("note")', 'drop_column("slug")', 'add_column(sa.Column("made", sa.Integer))')],
        [
            batched(
                "post",
                'drop_column("made")',
                'add_column(sa.Column("slug", sa.String(40)))',
                'add_column(sa.Column("note", sa.String(20)))',
                'create_unique_constraint("slug", ["slug"])',
            )
        ],
    ),
    "a new column": Kind(
        [adding("post", '"mood", sa.String(9)')],
        ['op.drop_column("post", "mood")'],
        new_rows=("UPDATE post SET mood = 'calm' WHERE id = 1", "INSERT INTO author (id) VALUES (3)"),
    ),
    "a new column that is never null": Kind(
        [adding("post", '"views", sa.Integer, nullable=False, server_default="0"')],
        ['op.drop_column("post", "views")'],
        new_rows=("UPDATE post SET views = 9 WHERE id = 2", "INSERT INTO post (id, title) VALUES (3, 'new')"),
    ),
    "another name of a column": Kind(
        [batched("post", _RENAME.format("title", "name"))],
        [batched("post", _RENAME.format("name", "title"))],
        new_rows=("UPDATE post SET name = 'other' WHERE id = 2",),
    ),
    "another type, and a default": Kind(
        [
            batched("post", 'alter_column("title", type_=sa.String(60), existing_nullable=False)'),
            batched("post", 'alter_column("note", server_default="8", existing_type=sa.String(20))'),
        ],
        [
            batched("post", 'alter_column("note", server_default=None, existing_type=sa.String(20))'),
            batched("post", 'alter_column("title", type_=sa.String(40), existing_nullable=False)'),
        ],
    ),
    "a type that needs other rows": Kind(
        [batched("post", _RETYPE.format("BigInteger"))],
        [batched("post", _RETYPE.format("Integer"))],
    ),
    "a column that may be null": Kind(
        [batched("post", 'alter_column("title", nullable=True, existing_type=sa.String(40))')],
        [batched("post", 'alter_column("title", nullable=False, existing_type=sa.String(40))')],
    ),
    "a computed column": Kind(
        [batched("post", 'add_column(sa.Column("double", sa.Integer, sa.Computed("score * 2", persisted=True)))')],
        ['op.drop_column("post", "double")'],
    ),
}
