"""A history that an older release of Flask-Rewind has moved along, as stored in the dumps in ``tests/old_databases``.

`make_dumps.py` runs it with the older release and writes the dumps; tests load them and continue. The database is at
revision 7 of 8: it was at revision 8 before, and the downgrade has hidden that revision's column `post.extra`.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

DUMPS = Path(__file__).parents[2] / "packages/flask-rewind/tests/old_databases"
LEFT_AT = "7"
FILL = {"post.lead": "'none'"}
"""What the post gets that was written while `lead` was hidden."""

_TABLES = """
op.create_table("author", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), nullable=False), sa.UniqueConstraint("name", name="author_name"))
op.create_table("post", sa.Column("id", sa.Integer, primary_key=True), sa.Column("author_id", sa.Integer),
    sa.Column("title", sa.String(40), nullable=False), sa.Column("lead", sa.String(40), nullable=False),
    sa.Column("mood", sa.String(10), server_default="calm", nullable=False), sa.Column("score", sa.Integer),
    sa.Column("code", sa.String(10)), sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="post_author"),
    sa.UniqueConstraint("title", "code", name="post_code"), sa.CheckConstraint("score >= 0", name="post_score"))
op.create_index("post_mood", "post", ["mood", "title"])
op.create_table("note", sa.Column("id", sa.Integer, primary_key=True), sa.Column("body", sa.String(40)),
    sa.Column("post_id", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="note_post"))
op.create_index("note_body", "note", ["body"])
op.create_table("mark", sa.Column("id", sa.Integer, primary_key=True), sa.Column("note_id", sa.Integer),
    sa.ForeignKeyConstraint(["note_id"], ["note.id"], name="mark_note"))
op.create_table("badge", sa.Column("id", sa.Integer, primary_key=True), sa.Column("author_name", sa.String(20)),
    sa.ForeignKeyConstraint(["author_name"], ["author.name"], name="badge_author"))
op.create_table("tag", sa.Column("post_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("word", sa.String(10), primary_key=True))
""".strip()
_MORE_OBJECTS = {
    "sqlite": [
        (
            "CREATE TRIGGER note_added AFTER INSERT ON note BEGIN"
            " UPDATE note SET body = upper(body) WHERE id = NEW.id; END"
        ),
        "CREATE VIEW notes AS SELECT id, body FROM note",
    ],
    "mariadb": ["CREATE TRIGGER note_added BEFORE INSERT ON note FOR EACH ROW SET NEW.body = upper(NEW.body)"],
    "postgresql": [
        (
            "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN NEW.body = upper(NEW.body); RETURN NEW; END $$"
        ),
        "CREATE TRIGGER note_added BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION shout()",
        "CREATE TYPE state AS ENUM ('draft', 'public')",
        "CREATE SEQUENCE numbers START 7",
        "CREATE DOMAIN word AS varchar(10) NOT NULL",
        "CREATE TABLE page (id integer PRIMARY KEY, state state, number integer DEFAULT nextval('numbers'), word word)",
        "COMMENT ON CONSTRAINT post_score ON post IS 'never below zero'",
        "CREATE TABLE visit (id integer, day integer) PARTITION BY RANGE (day)",
        "CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM (0) TO (9)",
    ],
}
_OF_POSTGRESQL = (
    (
        'op.drop_column("page", "state")\nop.drop_column("page", "number")\nop.drop_column("page", "word")\n'
        'op.execute("DROP TYPE state")\nop.execute("DROP SEQUENCE numbers")\nop.drop_table("visit_1")'
    ),
    (
        "op.execute(\"CREATE TYPE state AS ENUM ('draft', 'public')\")\n"
        'op.execute("CREATE SEQUENCE numbers START 7")\n'
        'op.execute("ALTER TABLE page ADD COLUMN state state")\n'
        "op.execute(\"ALTER TABLE page ADD COLUMN number integer DEFAULT nextval('numbers')\")\n"
        'op.execute("ALTER TABLE page ADD COLUMN word word")\n'
        'op.execute("CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM (0) TO (9)")'
    ),
)


def revisions(engine: str) -> list[tuple[str, str]]:
    """Return the bodies of upgrade() and downgrade() of each revision."""
    objects = "\n".join(f"op.execute(sa.text({each!r}))" for each in _MORE_OBJECTS[engine])
    return [
        (f"{_TABLES}\n{objects}", "pass"),
        (
            'op.drop_column("post", "mood")\nop.drop_column("post", "lead")',
            (
                'op.add_column("post", sa.Column("lead", sa.String(40), nullable=False))\n'
                'op.add_column("post", sa.Column("mood", sa.String(10), server_default="calm", nullable=False))'
            ),
        ),
        (
            'op.drop_column("post", "score")\nop.drop_column("post", "code")\nop.drop_column("post", "author_id")',
            (
                'op.add_column("post", sa.Column("author_id", sa.Integer))\n'
                'op.add_column("post", sa.Column("code", sa.String(10)))\n'
                'op.add_column("post", sa.Column("score", sa.Integer))'
            ),
        ),
        (
            'op.drop_table("note")',
            (
                'op.create_table("note", sa.Column("id", sa.Integer, primary_key=True),'
                ' sa.Column("body", sa.String(40)), sa.Column("post_id", sa.Integer, nullable=False))'
            ),
        ),
        (
            'op.drop_column("author", "name")',
            'op.add_column("author", sa.Column("name", sa.String(20), nullable=False))',
        ),
        ('op.drop_column("tag", "word")', 'op.add_column("tag", sa.Column("word", sa.String(10), nullable=False))'),
        _OF_POSTGRESQL if engine == "postgresql" else ("pass", "pass"),
        ('op.add_column("post", sa.Column("extra", sa.String(10)))', 'op.drop_column("post", "extra")'),
    ]


_FIRST_ROWS = [
    "INSERT INTO author (id, name) VALUES (1, 'Ann'), (2, 'Ben')",
    (
        "INSERT INTO post (id, author_id, title, lead, mood, score, code)"
        " VALUES (1, 1, 'One', 'It''s 50% \"off\"', 'glad', 5, 'a'), (2, NULL, 'Two', 'more', 'calm', NULL, NULL)"
    ),
    "INSERT INTO note (id, post_id, body) VALUES (1, 1, 'first'), (2, 2, NULL)",
    "INSERT INTO mark (id, note_id) VALUES (1, 2)",
    "INSERT INTO badge (id, author_name) VALUES (1, 'Ben')",
    "INSERT INTO tag (post_id, word) VALUES (1, 'red'), (2, 'blue')",
]
_FIRST_ROWS_OF_POSTGRESQL = [
    "INSERT INTO page (id, state, word) VALUES (1, 'public', 'yes'), (2, NULL, 'no')",
    "INSERT INTO visit VALUES (1, 3)",
]


def first_rows(engine: str) -> list[str]:
    """Return what writes the rows at revision 1."""
    return [*_FIRST_ROWS, *(_FIRST_ROWS_OF_POSTGRESQL if engine == "postgresql" else [])]


LATER_ROWS = ["INSERT INTO post (id, title, extra) VALUES (3, 'Three', 'new')"]
"""Written at revision 8, before its column is hidden."""

HIDDEN = {
    "post.mood": "column",
    "post.lead": "column",
    "post.score": "column",
    "post.code": "column",
    "post.author_id": "column",
    "note": "table",
    "author.name": "column",
    "tag.word": "column",
    "post.extra": "column",
}
HIDDEN_OF_POSTGRESQL = {
    "page.state": "column",
    "page.number": "column",
    "page.word": "column",
    "state": "type",
    "numbers": "sequence",
    "visit_1": "table",
}


def hidden(engine: str) -> dict[str, str]:
    """Return what is hidden in the dump, and what kind of thing each is."""
    return HIDDEN | (HIDDEN_OF_POSTGRESQL if engine == "postgresql" else {})


def load(engine_name: str, url: str) -> None:
    """Fill an empty database with the dump of its engine."""
    text = (DUMPS / f"{engine_name}.sql").read_text()
    if engine_name == "sqlite":
        file = sqlite3.connect(str(sa.make_url(url).database))
        file.executescript(text)
        file.close()
        return
    engine = sa.create_engine(url)
    with engine.begin() as connection, closing(connection.connection.cursor()) as cursor:
        if engine_name == "postgresql":
            cursor.execute(text)
        else:
            cursor.execute("SET foreign_key_checks = 0")
            for statement in text.removesuffix(";\n").split(";\n"):
                cursor.execute(statement)
            cursor.execute("SET foreign_key_checks = 1")
    engine.dispose()


def rows_at_first(engine: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows at revision 1, after the way back with `FILL`, by the query that finds them."""
    found: dict[str, list[tuple[Any, ...]]] = {
        "SELECT id, name FROM author ORDER BY id": [(1, "Ann"), (2, "Ben")],
        "SELECT id, author_id, title, lead, mood, score, code FROM post ORDER BY id": [
            (1, 1, "One", 'It\'s 50% "off"', "glad", 5, "a"),
            (2, None, "Two", "more", "calm", None, None),
            (3, None, "Three", "none", "calm", None, None),
        ],
        "SELECT id, post_id, body FROM note ORDER BY id": [(1, 1, "FIRST"), (2, 2, None)],
        "SELECT id, note_id FROM mark": [(1, 2)],
        "SELECT id, author_name FROM badge": [(1, "Ben")],
        "SELECT post_id, word FROM tag ORDER BY post_id": [(1, "red"), (2, "blue")],
    }
    if engine == "postgresql":
        found["SELECT id, CAST(state AS text), number, word FROM page ORDER BY id"] = [
            (1, "public", 7, "yes"),
            (2, None, 8, "no"),
        ]
        found["SELECT id, day FROM visit"] = [(1, 3)]
    return found
