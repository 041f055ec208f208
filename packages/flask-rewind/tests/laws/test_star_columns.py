"""``SELECT *`` and INSERT without columns in a script, while columns of the tables are hidden."""

import re
from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import Refused
from histories import History, executed

MakeApp = Callable[..., Flask]

# MariaDB itself leaves hidden columns out of a star.
pytestmark = [pytest.mark.slow, pytest.mark.on("sqlite", "postgresql")]

CREATE = """
for name in ("o", "p", "u"):
    op.create_table(
        name,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("x", sa.Integer),
        sa.Column("a", sa.Integer),
        sa.Column("Two words", sa.String(9)),
    )
    op.create_table(
        name + "_twin",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer),
        sa.Column("Two words", sa.String(9)),
    )
    for table in (name, name + "_twin"):
        op.execute(f"INSERT INTO {table} (id, a, \\"Two words\\") VALUES (1, 0, 'x*y'), (2, 7, NULL), (3, NULL, 'z')")
op.create_table("plain", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
op.execute("INSERT INTO plain VALUES (1, 10), (3, 30)")
op.drop_column("o", "x")
op.drop_column("u", "x")
"""


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    """A database in which `o` and `u` have a hidden column; the tables `…_twin` are the same without that column."""
    return History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))


QUERIES = [
    "SELECT * FROM o",
    "select*from o",
    "SELECT * FROM o WHERE a IN (1, 7)",
    "SELECT * FROM o WHERE coalesce(a, 0) = 0 ORDER BY id, a",
    "SELECT o.* FROM o",
    "SELECT o.*, o.a * 2 AS b, 3 * (o.id) AS c FROM o",
    "SELECT DISTINCT * FROM o",
    "SELECT ALL * FROM o AS t WHERE t.id * 2 > 1",
    "SELECT * FROM o t, plain WHERE t.id = plain.id",
    "SELECT *, 1 AS one FROM o LEFT JOIN plain AS q ON q.id = o.id AND (q.n, 1) IN (SELECT n, 1 FROM plain)",
    "SELECT q.*, o.* FROM o JOIN plain q ON q.id = o.id",
    "SELECT * FROM plain q LEFT OUTER JOIN (o CROSS JOIN u) ON q.id = o.id AND u.id = 1",
    "SELECT * FROM o JOIN plain USING (id)",
    "SELECT * FROM o JOIN u USING (a, id)",
    "SELECT * FROM plain NATURAL JOIN o",
    "SELECT * FROM plain NATURAL LEFT JOIN o NATURAL JOIN u",
    "SELECT * FROM (SELECT * FROM o) s",
    "SELECT * FROM o JOIN (SELECT id, count(*) AS c FROM u GROUP BY id) s ON s.id = o.id",
    "SELECT * FROM o WHERE EXISTS (SELECT * FROM u WHERE u.id = o.a)",
    "SELECT * FROM plain WHERE id IN (SELECT id FROM (SELECT * FROM o) s)",
    "SELECT count(*) FROM o",
    "SELECT (SELECT max(n) FROM plain), count(o.id) * 2 AS c FROM o",
    "WITH c AS (SELECT * FROM o) SELECT * FROM c JOIN u ON c.id = u.id",
    "WITH o AS (SELECT id FROM u) SELECT * FROM o",
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3) SELECT * FROM c, o WHERE id = n",
    "SELECT * FROM o UNION SELECT * FROM u",
    "SELECT * FROM o EXCEPT SELECT p_twin.* FROM p_twin WHERE id > 1",
    'SELECT * FROM "o" "T" WHERE "T"."Two words" LIKE \'%*%\' -- SELECT * FROM o',
    "SELECT /* * */ * FROM o ORDER BY 1 LIMIT 2 OFFSET 1",
    "SELECT * FROM plain ORDER BY id",
]
OF_POSTGRESQL = [
    "TABLE o",
    "WITH o AS (SELECT * FROM o) SELECT * FROM o",
    "SELECT * FROM public.o",
    "SELECT public.o.* FROM public.o",
    "SELECT * FROM o * WHERE a IS DISTINCT FROM 7",
    "SELECT a IS DISTINCT FROM 7, * FROM o",
    "SELECT DISTINCT ON (a) * FROM o ORDER BY a, id",
    "SELECT count(o.*) FROM o",
    "SELECT * FROM o CROSS JOIN LATERAL (SELECT * FROM u WHERE u.id = o.id) s, generate_series(1, 2) g",
    "WITH gone AS (DELETE FROM u WHERE id = 3 RETURNING *) SELECT * FROM gone",
    "UPDATE u SET a = a + 1 WHERE id = 1 RETURNING *",
    "UPDATE u SET a = 1 FROM plain q WHERE q.id = u.id RETURNING u.*, q.n",
    "INSERT INTO u VALUES (20, 1) RETURNING *",
]


def twin(sql: str) -> str:
    """Return a statement about the tables that never had the column."""
    named = re.sub(r"""(?<![\w'])("?)\b([ou])\b\1(?=[\s.,;)]|$)""", r"\2_twin", sql)
    return named.replace("o_twin.o_twin", "o_twin")


PARITY = """
bind = op.get_bind()
for one, other in {pairs!r}:
    results = [bind.execute(sa.text(sql)) for sql in (one, other)]
    names = [[name.lower() for name in result.keys()] for result in results]
    rows = [sorted(map(repr, result.all())) for result in results]
    assert names[0] == names[1], (one, names)
    assert rows[0] == rows[1], (one, rows)
"""


def test_a_star_gives_what_the_script_knows(blog: History, engine_name: str) -> None:
    queries = QUERIES + (OF_POSTGRESQL if engine_name == "postgresql" else [])
    blog.revision(CREATE, "pass")
    blog.revision(PARITY.format(pairs=[(sql, twin(sql)) for sql in queries]), "pass")
    flask_rewind.upgrade()


WRITING = [
    "INSERT INTO u SELECT * FROM o WHERE id = 99",
    "INSERT INTO u SELECT id + 10, a, 'n' FROM o",
    "INSERT INTO u (id, a) SELECT id + 20, a FROM (SELECT * FROM o) s",
    "INSERT INTO u VALUES (31, (SELECT max(n) FROM plain), 'v'), (32, 1 * 2, 'SELECT *')",
    "INSERT INTO plain SELECT id + 40, a FROM o WHERE NOT EXISTS (SELECT * FROM u WHERE u.id = o.a)",
    "WITH s AS (SELECT * FROM o) INSERT INTO u SELECT s.id + 50, a, NULL FROM s",
    "INSERT INTO u (id) VALUES (61)",
    "UPDATE u SET a = (SELECT count(*) FROM (SELECT * FROM o) s) WHERE id = 1",
    "DELETE FROM u WHERE (id, a) IN (SELECT id, a FROM (SELECT * FROM o) s)",
    "CREATE TABLE made_u AS SELECT * FROM o",
    "CREATE TABLE joined_u AS SELECT u.*, q.n FROM u LEFT JOIN plain q ON q.id = u.id",
    "CREATE VIEW seen_u AS SELECT * FROM o WHERE a > 0 UNION ALL SELECT * FROM u",
]
OF_SQLITE = [
    "INSERT OR REPLACE INTO u VALUES (1, 71, 'r')",
    "REPLACE INTO u SELECT * FROM o WHERE id = 2",
    "CREATE TRIGGER copying AFTER INSERT ON plain BEGIN INSERT INTO u SELECT id + 80, a, 't' FROM o; END",
    "INSERT INTO plain VALUES (81, 1)",
    "DROP TRIGGER copying",
]
WRITING_OF_POSTGRESQL = [
    "INSERT INTO u VALUES (71)",
    "INSERT INTO u VALUES (72, DEFAULT, 'd')",
    "INSERT INTO u AS new VALUES (1, 2, 'c') ON CONFLICT (id) DO UPDATE SET a = new.a + EXCLUDED.a, id = EXCLUDED.id",
    "INSERT INTO u (SELECT id + 80, a, 'p' FROM o)",
    "INSERT INTO u SELECT id + 90 FROM o ON CONFLICT DO NOTHING",
    "INSERT INTO u TABLE o ON CONFLICT DO NOTHING",
    "SELECT * INTO into_u FROM o",
    "CREATE MATERIALIZED VIEW kept_u AS SELECT * FROM o",
]


def test_what_is_written_with_a_star_is_what_the_script_knows(blog: History, engine_name: str) -> None:
    statements = WRITING + {"sqlite": OF_SQLITE, "postgresql": WRITING_OF_POSTGRESQL}.get(engine_name, [])
    twins = [re.sub(r"(made|joined|seen|into|kept)_u", r"\1_o", twin(sql)) for sql in statements]
    both = [*statements, *(re.sub(r"\bplain\b", "plain_twin", sql) for sql in twins)]
    blog.revision(CREATE + "op.execute('CREATE TABLE plain_twin AS SELECT * FROM plain')\n", "pass")
    blog.revision(executed(*both), "pass")
    flask_rewind.upgrade()
    made = {"made", "joined", "seen", *(["into", "kept"] if engine_name == "postgresql" else [])}
    for one, other in [("u", "u_twin"), ("plain", "plain_twin"), *((f"{name}_u", f"{name}_o") for name in made)]:
        listed = "id, n" if one == "plain" else 'id, a, "Two words"'
        assert blog.rows(f"SELECT {listed} FROM {one} ORDER BY 1, 2") == blog.rows(
            f"SELECT {listed} FROM {other} ORDER BY 1, 2"
        ), one
    hidden = re.compile("_attic_")
    inspector = sa.inspect(blog.engine)
    for name in made:
        assert not any(hidden.match(column["name"]) for column in inspector.get_columns(f"{name}_u"))


ON_SQLITE, ON_POSTGRESQL = pytest.mark.on("sqlite"), pytest.mark.on("postgresql")
REFUSED = [
    # PostgreSQL requires a name for a subquery, up to version 15.
    pytest.param("CREATE TABLE y AS SELECT * FROM o, (SELECT 1) WHERE 1 = 0", marks=ON_SQLITE),
    "CREATE TABLE y AS SELECT * FROM o JOIN (SELECT 1 AS id) s USING (id)",
    pytest.param("CREATE TABLE y AS SELECT row_to_json(o.*) FROM o", marks=ON_POSTGRESQL),
    pytest.param("CREATE TABLE y AS SELECT * FROM o AS t(one, two)", marks=ON_POSTGRESQL),
    pytest.param("UPDATE u SET a = 1 FROM o t(one) WHERE u.id = 1 RETURNING *", marks=ON_POSTGRESQL),
]


@pytest.mark.parametrize("sql", REFUSED, ids=range(len(REFUSED)))
def test_a_star_whose_columns_cannot_be_named_is_refused(blog: History, sql: str) -> None:
    blog.revision(CREATE, "pass")
    blog.revision(executed(sql), "pass")
    with pytest.raises(Refused, match="would include the hidden columns of") as refused:
        flask_rewind.upgrade()
    assert "hidden columns of o:" in refused.value.message
    assert refused.value.hint == 'List the columns in the script: "id", "a", "Two words"'
