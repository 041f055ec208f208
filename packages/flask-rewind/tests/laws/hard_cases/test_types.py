"""Columns whose types become narrower, and columns that become NOT NULL."""

import flask_rewind
import pytest
import sqlalchemy as sa
from flask_rewind.errors import CrossingFailed, Refused
from hard_cases import made, refused_with_everything_as_it_was
from histories import History, everything, executed, in_batch

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


def test_values_too_long_for_the_type_that_returns(blog: History, engine_name: str) -> None:
    wide, narrow = "sa.String(600)", "sa.String(60)"
    blog.revision(
        in_batch(f'alter_column("title", type_={wide}, existing_type={narrow})'),
        in_batch(f'alter_column("title", type_={narrow}, existing_type={wide})'),
    )
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, title) VALUES (3, :long)", long="x" * 500)
    if engine_name == "sqlite":  # it allows any length in any type
        flask_rewind.downgrade()
        assert blog.rows("SELECT length(title) FROM post WHERE id = 3") == [(500,)]
    else:
        refused_with_everything_as_it_was(blog, "1 values would change permanently")


def test_null_under_a_returning_not_null(blog: History) -> None:
    blog.run("UPDATE post SET title = '' WHERE title IS NULL")
    blog.revision(
        in_batch('alter_column("title", nullable=False, existing_type=sa.String(60))'),
        in_batch('alter_column("title", nullable=True, existing_type=sa.String(60))'),
    )
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    blog.run("INSERT INTO post (id, title) VALUES (3, NULL)")
    before = everything(blog.engine)
    why = "NULL value in post.title|Data truncated for column 'title' at row 3|contains null values"
    with pytest.raises((Refused, CrossingFailed), match=why):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before


CUT = {
    "a shorter text": ("VARCHAR(20)", "sa.String(5)", "'abcdef'", "'abc'"),
    "fewer places": ("NUMERIC(10, 4)", "sa.Numeric(10, 2)", "1.2345", "1.23"),
    "a whole number": ("DOUBLE PRECISION", "sa.Integer", "1.5", "2"),
    "a text as a number": ("VARCHAR(20)", "sa.Integer", "'007'", "'7'"),
    "a time as a day": ("TIMESTAMP", "sa.Date", "'2026-01-02 03:04:05'", "'2026-01-02 00:00:00'"),
    "fractions of a second": ("TIMESTAMP(6)", "sa.TIMESTAMP", "'2026-01-02 03:04:05.25'", "'2026-01-02 03:04:05'"),
    "blanks at the end": ("VARCHAR(20)", "sa.CHAR(20)", "'a  '", "'a'"),
    "a less exact number": ("DOUBLE PRECISION", "sa.REAL", "1.23456789012", "1.5"),
}


@pytest.mark.parametrize("way", ["a directive", "raw", "down", "an app that lets values be cut"])
@pytest.mark.parametrize("what", CUT)
@pytest.mark.on("mariadb", "postgresql")
def test_a_type_that_would_change_values_is_refused(blog: History, engine_name: str, what: str, way: str) -> None:
    """On SQLite the affinities decide: see test_sqlite_tables."""
    old, new, lost, kept = CUT[what]
    if engine_name == "mariadb":
        old = old.replace("TIMESTAMP", "DATETIME")
        new = new.replace("sa.TIMESTAMP", "sa.DateTime").replace("sa.REAL", "sa.Float")
    new = new.replace("sa.TIMESTAMP", "sa.dialects.postgresql.TIMESTAMP(precision=0)")
    if way.startswith("an app") and engine_name == "mariadb":
        sa.event.listen(blog.engine, "connect", lambda driver, _: driver.cursor().execute("SET SESSION sql_mode = ''"))
        blog.engine.dispose()
    made(blog, f"CREATE TABLE thing (id INTEGER PRIMARY KEY, c {old})", f"INSERT INTO thing VALUES (1, {lost})")
    using = ', postgresql_using="c::integer"' if "number" in what and "sa.Integer" in new else ""
    change = f'op.alter_column("thing", "c", type_={new}, existing_type=sa.String(20){using})'
    if way == "raw":
        kind = sa.schema.CreateColumn(sa.Column("c", eval(new))).compile(dialect=blog.engine.dialect).string[2:]
        raw = "MODIFY c {}" if engine_name == "mariadb" else "ALTER COLUMN c TYPE {0} USING c::{0}"
        change = executed(f"ALTER TABLE thing {raw.format(kind)}")
    blog.revision(*(("pass", change) if way == "down" else (change, "pass")))
    before = everything(blog.engine)
    if way == "down":
        flask_rewind.upgrade()
    with pytest.raises(Refused, match="1 values would change permanently"):
        (flask_rewind.downgrade if way == "down" else flask_rewind.upgrade)()
    assert everything(blog.engine) == before
    if way != "down":
        assert "1 values would change permanently" in flask_rewind.plan().refused
        blog.run(f"UPDATE thing SET c = {kept}")
        flask_rewind.upgrade()
        flask_rewind.downgrade(from_journal=True)
        assert blog.rows(f"SELECT count(*) FROM thing WHERE c = {kept}") == [(1,)]
