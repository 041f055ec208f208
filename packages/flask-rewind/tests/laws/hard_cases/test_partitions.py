"""Partitioned tables of PostgreSQL."""

import flask_rewind
import pytest
import sqlalchemy as sa
from flask_rewind.errors import Refused
from hard_cases import made
from histories import History, everything, executed

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


EVENT = "id INTEGER, y INTEGER, author_id INTEGER CONSTRAINT fk_ev REFERENCES author (id), note VARCHAR(9)"


PARTITIONED = [
    f"CREATE TABLE ev ({EVENT} CHECK (note <> ''), PRIMARY KEY (id, y)) PARTITION BY LIST (y)",
    "CREATE INDEX ix_ev ON ev (note)",
    "CREATE TABLE a_1 PARTITION OF ev FOR VALUES IN (1)",
    "CREATE TABLE ev_2 PARTITION OF ev FOR VALUES IN (2, NULL) PARTITION BY RANGE (id)",
    "CREATE TABLE ev_2_low PARTITION OF ev_2 FOR VALUES FROM (0) TO (10)",
    "CREATE TABLE ev_rest PARTITION OF ev DEFAULT",
]


EVENTS = "INSERT INTO ev VALUES (1, 1, 1, 'a'), (2, 2, NULL, 'b'), (3, 2, 2, NULL), (4, 7, 1, 'c')"


@pytest.mark.parametrize("by_journal", [False, True])
@pytest.mark.parametrize("names", [["ev"], ["a_1", "ev_2_low", "ev_rest", "ev_2", "ev"], ["a_1", "ev_2"], ["ev_rest"]])
@pytest.mark.on("postgresql")
def test_partitions_return_with_their_rows(blog: History, names: list[str], by_journal: bool) -> None:
    made(blog, *PARTITIONED, EVENTS)
    again = [
        each for each in PARTITIONED if names[-1] == "ev" or each.split()[2] in names or each.split()[2] == "ev_2_low"
    ]
    if names == ["ev_rest"]:
        again = again[-1:]
    blog.revision(executed(*(f"DROP TABLE {name}" for name in names)), "pass" if by_journal else executed(*again))
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        assert not {"a_1", "ev_rest"} & {*sa.inspect(blog.engine).get_table_names()} & {*names}
        blog.run("INSERT INTO author (id) VALUES (9)")
        blog.run("DELETE FROM author WHERE id = 9")
        flask_rewind.downgrade(from_journal=by_journal)
        assert everything(blog.engine) == before
        assert blog.rows("SELECT count(*) FROM ev") == [(4,)]
    for broken in ("(1, 1, 1, 'x')", "(8, 1, 9, 'x')", "(8, 1, 1, '')"):
        with pytest.raises(sa.exc.IntegrityError):
            blog.run(f"INSERT INTO ev VALUES {broken}")


@pytest.mark.parametrize("by_journal", [False, True])
@pytest.mark.on("postgresql")
def test_a_partition_that_the_app_made_goes_and_returns_with_its_table(blog: History, by_journal: bool) -> None:
    blog.revision(executed(*PARTITIONED[:2]), 'op.drop_table("ev")')
    flask_rewind.upgrade()
    made(blog, *PARTITIONED[2:], EVENTS)
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade(from_journal=by_journal)
        assert not {"ev", "a_1", "ev_2", "ev_rest"} & {*sa.inspect(blog.engine).get_table_names()}
        flask_rewind.upgrade()
        assert everything(blog.engine) == before
    flask_rewind.downgrade()
    flask_rewind.purge(everything=True)
    assert [name for name in sa.inspect(blog.engine).get_table_names() if name.startswith("_attic_")] == []


@pytest.mark.parametrize("names", [["ev"], ["a_1", "ev_2", "ev_rest", "ev"]])
@pytest.mark.on("postgresql")
def test_partitions_that_a_script_fills_and_indexes(blog: History, names: list[str]) -> None:
    fills = [EVENTS, "CREATE INDEX ix_own ON a_1 (note)", "INSERT INTO a_1 VALUES (9, 1, 1, 'z')"]
    blog.revision(
        executed(*PARTITIONED, *fills, "UPDATE a_1 SET note = 'y' WHERE id = 9"),
        executed(*(f"DROP TABLE {name}" for name in names)),
    )
    flask_rewind.upgrade()
    blog.run("UPDATE ev SET note = 'mine' WHERE id IN (1, 9)")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade()
        flask_rewind.upgrade()
        assert everything(blog.engine) == before


@pytest.mark.on("postgresql")
def test_a_key_to_a_partitioned_table_goes_and_returns(blog: History) -> None:
    made(blog, *PARTITIONED, EVENTS)
    key = "CONSTRAINT fk_sale FOREIGN KEY (e, y) REFERENCES ev (id, y)"
    sale = f"CREATE TABLE sale (id INTEGER PRIMARY KEY, e INTEGER, y INTEGER, {key})"
    made(blog, sale, "INSERT INTO sale VALUES (1, 1, 1), (2, NULL, NULL)")
    before = everything(blog.engine)
    blog.revision('op.drop_column("sale", "e")', executed("ALTER TABLE sale ADD e INTEGER"))
    blog.revision('op.drop_table("sale")', executed("CREATE TABLE sale (id INTEGER PRIMARY KEY, y INTEGER)"))
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade(revision="1")
        assert everything(blog.engine) == before
    with pytest.raises(sa.exc.IntegrityError):
        blog.run("INSERT INTO sale VALUES (3, 77, 1)")


@pytest.mark.on("postgresql")
def test_a_partition_with_a_key_of_its_own_is_refused(blog: History) -> None:
    made(blog, *PARTITIONED, "ALTER TABLE a_1 ADD FOREIGN KEY (y) REFERENCES author (id)")
    blog.revision('op.drop_table("ev")', "pass")
    before = everything(blog.engine)
    with pytest.raises(Refused, match="its partition a_1 is in another schema, or a foreign key"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
