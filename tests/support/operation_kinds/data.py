"""Data statements in the middle of a script: MariaDB commits them with the next DDL statement."""

from operation_kinds.kind import Kind, adding, batched, executed, with_parameters
from operation_kinds.tables import TAG

_COUNT = executed("UPDATE post SET score = score + 1")
_UNCOUNT = executed("UPDATE post SET score = score - 1")
_READ = adding("author", '"read", sa.Integer')
_UNREAD = 'op.drop_column("author", "read")'
_LIKED = adding("author", '"liked", sa.Integer')
_UNLIKED = 'op.drop_column("author", "liked")'
_IN_BLOCK = "with op.get_context().autocommit_block():\n    "
_INSERT = "INSERT INTO author (id, name) VALUES (:id, :name)"
_LOOP = """
by_id = sa.text("UPDATE post SET score = score + :by WHERE id = :id")
for number in (1, 2):
    op.get_bind().execute(by_id, {"id": number, "by": number})"""
_SLUGS = """
noted = sa.text("UPDATE post SET note = :note WHERE id = :id")
for number, title in op.get_bind().execute(sa.text("SELECT id, title FROM post ORDER BY id")).all():
    op.get_bind().execute(noted, {"id": number, "note": title.lower()})"""
_BULK = """
op.bulk_insert(sa.table("author", sa.column("id", sa.Integer), sa.column("name", sa.String)),
    [{"id": 8, "name": "Bo"}, {"id": 9, "name": "秋"}])"""
_MODEL = """
post = sa.table("post", sa.column("id"), sa.column("score"))
op.get_bind().execute(post.update().where(post.c.id == 2).values(score=post.c.score * 3))"""

DATA: dict[str, Kind] = {
    "a new column that an UPDATE fills": Kind(
        [
            adding("post", '"mood", sa.String(40)'),
            executed("UPDATE post SET mood = title"),
            batched("post", 'alter_column("mood", nullable=False, existing_type=sa.String(40))'),
        ],
        ['op.drop_column("post", "mood")'],
        new_rows=("UPDATE post SET mood = 'calm' WHERE id = 1",),
    ),
    "a new column that is filled before another change": Kind(
        [adding("post", '"mood", sa.String(40)'), executed("UPDATE post SET mood = title"), _READ, _COUNT],
        [_UNCOUNT, _UNREAD, 'op.drop_column("post", "mood")'],
        new_rows=("UPDATE post SET mood = 'calm' WHERE id = 1",),
    ),
    "an UPDATE that counts": Kind(
        [_COUNT, _READ, _COUNT, _LIKED, _COUNT],
        [_UNCOUNT, _UNLIKED, _UNCOUNT, _UNREAD, _UNCOUNT],
    ),
    "a commit in the middle": Kind(
        [_COUNT, executed("COMMIT"), _COUNT, _READ], [_UNREAD, _UNCOUNT, executed("COMMIT"), _UNCOUNT]
    ),
    "an autocommit block": Kind(
        [_COUNT, _READ, _IN_BLOCK + 'op.create_index("by_note", "post", ["note"])', _LIKED, _COUNT],
        [_UNCOUNT, _UNLIKED, _IN_BLOCK + 'op.drop_index("by_note", "post")', _UNREAD, _UNCOUNT],
    ),
    "an UPDATE in an autocommit block": Kind(
        [_READ, _IN_BLOCK + _COUNT, _IN_BLOCK + _COUNT, _LIKED],
        [_UNLIKED, _IN_BLOCK + _UNCOUNT, _IN_BLOCK + _UNCOUNT, _UNREAD],
    ),
    "rows with parameters": Kind(
        [
            with_parameters(_INSERT, {"id": 7, "name": "Cy"}),
            _READ,
            with_parameters(_INSERT, {"id": 8, "name": "Bo"}, {"id": 9, "name": "秋"}),
            'op.create_index("by_name", "author", ["name"])',
        ],
        [
            'op.drop_index("by_name", "author")',
            with_parameters("DELETE FROM author WHERE id = :id", {"id": 9}, {"id": 8}),
            _UNREAD,
            with_parameters("DELETE FROM author WHERE id = :id", {"id": 7}),
        ],
    ),
    "a loop of updates": Kind(
        [_READ, _LOOP, _LIKED, _LOOP],
        [
            _LOOP.replace("score +", "score -"),
            _UNLIKED,
            _LOOP.replace("score +", "score -"),
            _UNREAD,
        ],
        new_rows=(),
    ),
    "updates from what was read": Kind(
        [_READ, _SLUGS, 'op.create_index("by_note", "post", ["note"])'],
        ['op.drop_index("by_note", "post")', executed("UPDATE post SET note = NULL"), _UNREAD],
    ),
    "rows in bulk": Kind(
        [_BULK, _READ],
        [
            executed("DELETE FROM author WHERE id > 7"),
            'op.create_index("passing", "pair", ["other"])',
            'op.drop_index("passing", "pair")',
            _UNREAD,
        ],
    ),
    "an update by a model": Kind([_MODEL, _READ], [_UNREAD, _MODEL.replace("* 3", "- 10")]),
    "rows that are deleted": Kind(
        [_READ, executed("DELETE FROM mark WHERE id = 2"), _LIKED],
        [_UNLIKED, executed("INSERT INTO mark VALUES (2, 2)"), _UNREAD],
    ),
    "rows that move to a new table": Kind(
        [
            TAG,
            executed("INSERT INTO tag (id, word) SELECT id, note FROM post WHERE note IS NOT NULL"),
            'op.drop_column("post", "note")',
        ],
        [
            adding("post", '"note", sa.String(20)'),
            executed("UPDATE post SET note = (SELECT word FROM tag WHERE tag.id = post.id)"),
            'op.drop_table("tag")',
        ],
        new_rows=(),
    ),
}
