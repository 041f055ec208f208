"""Objects that depend on a hidden column, and objects that a hidden column depends on."""

import flask_rewind
import pytest
from flask_rewind.errors import Refused
from hard_cases import made
from histories import History, everything, executed

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


DEPENDANTS = {
    "a policy": ("CREATE POLICY seen ON span USING (e > 0)", "policy seen on table span"),
    "a generated column": (
        "ALTER TABLE span ADD g INTEGER GENERATED ALWAYS AS (e + 1) STORED",
        "column g of table span",
    ),
    "a trigger of the column": (
        "CREATE TRIGGER watch AFTER UPDATE OF e ON span FOR EACH ROW EXECUTE FUNCTION note('x')",
        "trigger watch on table span",
    ),
    "a function": (
        "CREATE FUNCTION top() RETURNS INTEGER BEGIN ATOMIC SELECT max(e) FROM span; END",
        r"function top\(\)",
    ),
    "a view": ("CREATE VIEW shown AS SELECT e FROM span", "view shown"),
}


FUNCTION = """CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN INSERT INTO seen (what) VALUES (TG_ARGV[0]); RETURN NEW; END'"""


@pytest.mark.parametrize("drop", ["ALTER TABLE span DROP COLUMN e CASCADE", "DROP TABLE span CASCADE"])
@pytest.mark.parametrize("what", DEPENDANTS)
@pytest.mark.on("postgresql")
def test_what_cascade_would_drop_is_named(blog: History, what: str, drop: str) -> None:
    create, named = DEPENDANTS[what]
    made(blog, "CREATE TABLE seen (what VARCHAR(9))", FUNCTION)
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, e INTEGER)", "INSERT INTO span VALUES (1, 5)", create)
    before = everything(blog.engine)
    blog.revision(executed(drop), executed("CREATE TABLE span (id INTEGER PRIMARY KEY, e INTEGER)"))
    if drop.startswith("ALTER") or what in {"a function", "a view"}:
        with pytest.raises(Refused, match=f"CASCADE would drop what depends on it .*{named}"):
            flask_rewind.upgrade()
        assert everything(blog.engine) == before
    else:  # the table's own objects are dropped with it
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


@pytest.mark.on("postgresql")
def test_what_only_a_hidden_column_needs_is_dropped(blog: History) -> None:
    made(
        blog,
        "CREATE FUNCTION seven() RETURNS INTEGER LANGUAGE sql AS 'SELECT 7'",
        "CREATE TABLE span (id INTEGER PRIMARY KEY, n INTEGER DEFAULT seven())",
        "INSERT INTO span VALUES (1)",
    )
    blog.revision('op.drop_column("span", "n")', executed("ALTER TABLE span ADD n INTEGER DEFAULT seven()"))
    flask_rewind.upgrade()
    blog.revision(executed("DROP FUNCTION seven()"), "pass")
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"DROP FUNCTION .*span\.n \(stored as _attic_1, hidden by revision 2\)") as found:
        flask_rewind.upgrade()
    assert "flask db purge span.n" in found.value.hint
    assert everything(blog.engine) == before
    assert "DROP FUNCTION seven() failed because of the hidden" in flask_rewind.plan().refused
    flask_rewind.purge(place="span.n")
    flask_rewind.upgrade()
