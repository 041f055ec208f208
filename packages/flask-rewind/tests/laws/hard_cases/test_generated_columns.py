"""Generated columns, and the columns that they use."""

import flask_rewind
import pytest
from hard_cases import FAILING, fails_and_leaves, made
from histories import History, everything

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


# PostgreSQL has VIRTUAL from 18 on.
@pytest.mark.parametrize("kind", ["STORED", pytest.param("VIRTUAL", marks=pytest.mark.on("sqlite", "mariadb"))])
@pytest.mark.parametrize("is_dropped", [True, False])
def test_a_generated_column_and_what_it_is_made_of(blog: History, kind: str, is_dropped: bool) -> None:
    made(blog, f"CREATE TABLE sum (id INTEGER PRIMARY KEY, n INTEGER, g INTEGER GENERATED ALWAYS AS (n + 1) {kind})")
    made(blog, "INSERT INTO sum (id, n) VALUES (1, 5), (2, NULL)")
    drop, back = 'op.drop_column("sum", "n")', 'op.add_column("sum", sa.Column("n", sa.Integer))'
    if is_dropped:
        drop = 'op.drop_column("sum", "g")\n' + drop
        back += (
            '\nwith op.batch_alter_table("sum") as block:\n'
            f'    block.add_column(sa.Column("g", sa.Integer, sa.Computed("n + 1", persisted={kind == "STORED"})))'
        )
    blog.revision(drop, back)
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.upgrade()
        blog.run("INSERT INTO sum (id) VALUES (9)")
        blog.run("DELETE FROM sum WHERE id = 9")
        flask_rewind.downgrade()
        assert everything(blog.engine) == before


def test_a_generated_column_goes_with_what_it_is_made_of(blog: History) -> None:
    computed = 'sa.Column("g", sa.Integer, sa.Computed("c + 1", persisted=True))'
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY)", "INSERT INTO span VALUES (1)")
    block = 'with op.batch_alter_table("span") as block:\n    block.'
    up = f'op.add_column("span", sa.Column("c", sa.Integer, server_default="3"))\n{block}add_column({computed})'
    down = f'{block}drop_column("g")\nop.drop_column("span", "c")'
    before = everything(blog.engine)
    path = blog.revision(up, down)
    for by_journal in (False, True, True, False):
        flask_rewind.upgrade()
        blog.run("UPDATE span SET c = 8")
        flask_rewind.downgrade(from_journal=by_journal)
        assert everything(blog.engine) == before
    path.write_text(
        path.read_text().replace(up.splitlines()[-1], up.splitlines()[-1] + FAILING.replace("\n", "\n    "))
    )
    for _ in range(2):
        fails_and_leaves(blog, flask_rewind.upgrade, before)
