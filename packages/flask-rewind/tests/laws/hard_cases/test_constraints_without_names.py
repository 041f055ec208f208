"""Constraints that a script recreates without their names."""

import flask_rewind
import pytest
import sqlalchemy as sa
from flask_rewind.errors import CrossingFailed
from hard_cases import FAILING, made
from histories import History, everything

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


NAMELESS = {
    "foreign key": (
        'op.create_foreign_key(None, "post", "author", ["owner"], ["id"])',
        "FOREIGN KEY (owner) REFERENCES author (id)",
        sa.Inspector.get_foreign_keys,
    ),
    "unique": (
        'op.create_unique_constraint(None, "post", ["owner"])',
        "UNIQUE (owner)",
        sa.Inspector.get_unique_constraints,
    ),
    "check": (
        'op.create_check_constraint(None, "post", "owner > 0")',
        "CHECK (owner > 0)",
        sa.Inspector.get_check_constraints,
    ),
}


@pytest.mark.parametrize("named", ["", "CONSTRAINT first_one "])
@pytest.mark.parametrize("what", NAMELESS)
@pytest.mark.on("mariadb", "postgresql")  # SQLite cannot add a constraint outside a batch block
def test_a_script_makes_again_without_a_name_what_returns(blog: History, what: str, named: str) -> None:
    again, sql, listed = NAMELESS[what]
    made(blog, "ALTER TABLE post ADD owner INTEGER", f"ALTER TABLE post ADD {named}{sql}")
    made(blog, "ALTER TABLE post ADD other INTEGER", f"ALTER TABLE post ADD {sql.replace('owner', 'other', 1)}")
    blog.run("UPDATE post SET owner = id")
    blog.revision('op.drop_column("post", "owner")', f'op.add_column("post", sa.Column("owner", sa.Integer))\n{again}')
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine)[1] == before[1]
        there = listed(sa.inspect(blog.engine), "post")
        assert len([each for each in there if "owner" in str(each)]) == 1


@pytest.mark.parametrize("what", NAMELESS)
@pytest.mark.on("mariadb", "postgresql")
def test_a_constraint_without_its_name_and_a_crossing_that_fails(blog: History, what: str) -> None:
    again, sql, listed = NAMELESS[what]
    made(blog, "ALTER TABLE post ADD owner INTEGER", f"ALTER TABLE post ADD CONSTRAINT first_one {sql}")
    add = f'op.add_column("post", sa.Column("owner", sa.Integer))\n{again}'
    path = blog.revision('op.drop_column("post", "owner")', add + FAILING)
    flask_rewind.upgrade()
    for _ in range(2):
        with pytest.raises(CrossingFailed):
            flask_rewind.downgrade()
    path.write_text(path.read_text().replace(FAILING.replace("\n", "\n    "), "", 1))
    flask_rewind.downgrade()
    assert len([each for each in listed(sa.inspect(blog.engine), "post") if "owner" in str(each)]) == 1


@pytest.mark.parametrize("what", ["unique", "foreign key"])
@pytest.mark.on("mariadb", "postgresql")
def test_a_constraint_without_its_name_on_a_table_that_returns(blog: History, what: str) -> None:
    again, sql, _ = NAMELESS[what]
    made(blog, f"CREATE TABLE span (id INTEGER PRIMARY KEY, owner INTEGER, CONSTRAINT first_one {sql})")
    create = 'op.create_table("span", sa.Column("id", sa.Integer, primary_key=True), sa.Column("owner", sa.Integer))'
    blog.revision('op.drop_table("span")', f"{create}\n{again.replace('post', 'span')}")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
