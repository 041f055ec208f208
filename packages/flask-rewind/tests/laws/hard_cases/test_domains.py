"""Columns of a domain."""

import flask_rewind
import pytest
from flask_rewind.errors import Refused
from hard_cases import made
from histories import History, everything, executed

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


@pytest.mark.parametrize("is_nested", [False, True])
@pytest.mark.on("postgresql")
def test_a_column_of_a_domain_that_is_never_null(blog: History, is_nested: bool) -> None:
    made(blog, "CREATE DOMAIN pos AS VARCHAR(9) COLLATE \"C\" NOT NULL CHECK (VALUE <> '')")
    made(blog, "CREATE DOMAIN outer_ AS pos")
    kind = "outer_" if is_nested else "pos"
    made(blog, f"CREATE TABLE thing (id INTEGER PRIMARY KEY, c {kind} UNIQUE)")
    made(blog, "INSERT INTO thing VALUES (1, 'a '), (2, 'é')")
    before = everything(blog.engine)
    blog.revision('op.drop_column("thing", "c")', executed(f"ALTER TABLE thing ADD c {kind} UNIQUE"))
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
    flask_rewind.upgrade()
    blog.run("INSERT INTO thing (id) VALUES (3)")
    with pytest.raises(Refused, match=r"thing\.c returns NOT NULL without a default, and 1 rows"):
        flask_rewind.downgrade()
    flask_rewind.downgrade(fill={"thing.c": "'n' || id"})
    assert blog.rows("SELECT c FROM thing ORDER BY id") == [("a ",), ("é",), ("n3",)]
    assert everything(blog.engine)[0] == before[0]


@pytest.mark.on("postgresql")
def test_a_domain_with_a_default_of_its_own_gives_it_to_new_rows(blog: History) -> None:
    made(blog, "CREATE DOMAIN pos AS INTEGER NOT NULL DEFAULT 7", "CREATE TABLE thing (id INTEGER PRIMARY KEY, c pos)")
    made(blog, "INSERT INTO thing VALUES (1, 5)")
    before = everything(blog.engine)[0]
    blog.revision('op.drop_column("thing", "c")', executed("ALTER TABLE thing ADD c pos"))
    flask_rewind.upgrade()
    blog.run("INSERT INTO thing (id) VALUES (2)")
    flask_rewind.downgrade()
    assert blog.rows("SELECT c FROM thing ORDER BY id") == [(5,), (7,)]
    assert everything(blog.engine)[0] == before
