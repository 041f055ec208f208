"""Indexes that are recreated from their text, with their comments and options."""

import flask_rewind
import pytest
from hard_cases import made
from histories import History, everything, executed

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


ON_SQLITE = pytest.mark.on("sqlite")
ON_MARIADB = pytest.mark.on("mariadb")
ON_POSTGRESQL = pytest.mark.on("postgresql")
INDEXES = [
    pytest.param("CREATE UNIQUE INDEX ix ON thing (lower(a) COLLATE NOCASE DESC) WHERE n > 0", marks=ON_SQLITE),
    pytest.param("CREATE FULLTEXT INDEX ix ON thing (a)", marks=ON_MARIADB),
    pytest.param("CREATE INDEX ix ON thing (a(10), n DESC)", marks=ON_MARIADB),
    pytest.param(
        "CREATE INDEX ix ON thing (a varchar_pattern_ops DESC NULLS LAST) INCLUDE (n) WITH (fillfactor = 70)",
        marks=ON_POSTGRESQL,
    ),
    pytest.param("CREATE UNIQUE INDEX ix ON thing (lower(a)) WHERE n > 0", marks=ON_POSTGRESQL),
    pytest.param("CREATE INDEX ix ON thing USING gin (to_tsvector('simple', a))", marks=ON_POSTGRESQL),
]


@pytest.mark.parametrize("with_column", [True, False])
@pytest.mark.parametrize("sql", INDEXES, ids=range(len(INDEXES)))
def test_an_index_returns_by_its_text(blog: History, sql: str, with_column: bool) -> None:
    made(blog, "CREATE TABLE thing (id INTEGER PRIMARY KEY, a VARCHAR(60), n INTEGER)", sql)
    made(blog, "INSERT INTO thing VALUES (1, 'x', 2)")
    if with_column:
        blog.revision('op.drop_column("thing", "a")', 'op.add_column("thing", sa.Column("a", sa.String(60)))')
    else:
        blog.revision('op.drop_index("ix", table_name="thing")', "pass")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade(from_journal=not with_column)
        assert everything(blog.engine) == before


SAID = """
SELECT c.relname, obj_description(c.oid), indisclustered, indisreplident, CAST(reloptions AS text)
FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = CAST('{0}' AS regclass)
UNION ALL SELECT conname, obj_description(oid), NULL, NULL, NULL FROM pg_constraint
WHERE conrelid = CAST('{0}' AS regclass) ORDER BY 1, 2, 3"""


@pytest.mark.parametrize("dropped", ["e", "table", "renamed"])
@pytest.mark.on("postgresql")
def test_what_is_said_of_indexes_and_constraints(blog: History, dropped: str) -> None:
    columns = "id INTEGER PRIMARY KEY, e INTEGER NOT NULL, author INTEGER REFERENCES author (id)"
    made(
        blog,
        f"CREATE TABLE span ({columns}, CONSTRAINT uq UNIQUE (e) WITH (fillfactor = 70), CONSTRAINT ck CHECK (e > 0))",
        "CREATE UNIQUE INDEX ix ON span (e) WITH (fillfactor = 60)",
        "COMMENT ON INDEX ix IS '50%% of it''s {table}'",
        "COMMENT ON CONSTRAINT uq ON span IS 'each once'",
        "COMMENT ON CONSTRAINT ck ON span IS 'more than 0'",
        "COMMENT ON CONSTRAINT span_author_fkey ON span IS 'who'",
        "ALTER TABLE span CLUSTER ON ix",
        "ALTER TABLE span REPLICA IDENTITY USING INDEX ix",
        "INSERT INTO span VALUES (1, 5, 1)",
    )
    before, said = everything(blog.engine), blog.rows(SAID.format("span"))
    add = 'op.add_column("span", sa.Column("e", sa.Integer, nullable=False))'
    up, down = {
        "e": ('op.drop_column("span", "e")', add),
        "table": ('op.drop_table("span")', executed(f"CREATE TABLE span ({columns})")),
        "renamed": (
            'op.drop_column("span", "e")\nop.rename_table("span", "distance")',
            f'op.rename_table("distance", "span")\n{add}',
        ),
    }[dropped]
    blog.revision(up, down)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
        assert blog.rows(SAID.format("span")) == said
