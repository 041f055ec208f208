"""Crossings that fail or are interrupted."""

import flask_rewind
import pytest
from flask_rewind.errors import CrossingFailed, Refused
from hard_cases import FAILING, fails_and_leaves, made
from histories import History, everything

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


BOTH = [
    'op.add_column("span", sa.Column("a", sa.Integer, nullable=False))',
    'op.add_column("span", sa.Column("b", sa.Integer, nullable=False))',
]


def test_crossings_that_fail_again_and_again(blog: History) -> None:
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER NOT NULL)")
    made(blog, "INSERT INTO span VALUES (1, 5, 6)")
    before = everything(blog.engine)
    up, down = 'op.drop_column("span", "a")\nop.drop_column("span", "b")', "\n".join(BOTH)
    path = blog.revision(up + FAILING, down + FAILING)
    for _ in range(3):
        fails_and_leaves(blog, flask_rewind.upgrade, before)
    path.write_text(path.read_text().replace(FAILING.replace("\n", "\n    "), "", 1))
    flask_rewind.upgrade()
    hidden = everything(blog.engine)
    for _ in range(3):
        fails_and_leaves(blog, flask_rewind.downgrade, hidden, markers=2)
    blog.run("INSERT INTO span (id) VALUES (2)")
    hidden = everything(blog.engine)
    for _ in range(2):
        fails_and_leaves(blog, flask_rewind.downgrade, hidden, markers=2, fill={"span.a": "7", "span.b": "id"})
    path.write_text(path.read_text().replace(FAILING.replace("\n", "\n    "), "", 1))
    with pytest.raises(Refused, match="1 rows were inserted while it was hidden"):
        flask_rewind.downgrade()
    flask_rewind.downgrade(fill={"span.a": "7", "span.b": "id"})
    assert blog.rows("SELECT id, a, b FROM span ORDER BY id") == [(1, 5, 6), (2, 7, 2)]
    blog.run("DELETE FROM span WHERE id = 2")
    assert everything(blog.engine) == before
    assert not flask_rewind.attic()


@pytest.mark.parametrize("way_out", ["KeyboardInterrupt", "SystemExit(4)"])
def test_a_script_that_is_broken_off_leaves_nothing_half_way(blog: History, way_out: str) -> None:
    before = everything(blog.engine)
    path = blog.revision(
        f'op.drop_column("post", "slug")\nraise {way_out}',
        "pass",
    )
    for _ in range(2):
        with pytest.raises((KeyboardInterrupt, SystemExit)):
            flask_rewind.upgrade()
        assert everything(blog.engine) == before
        assert flask_rewind.attic() == ()
        assert flask_rewind.status()[0].unfinished is None
        assert flask_rewind.log(limit=1)[0].outcome == "failed"
    path.write_text(path.read_text().replace(f"raise {way_out}", ""))
    flask_rewind.upgrade()
    flask_rewind.downgrade(from_journal=True)
    assert everything(blog.engine) == before


@pytest.mark.on("mariadb")
def test_what_one_try_left_is_not_forgotten_with_the_next(blog: History) -> None:
    update = "op.execute(\"UPDATE post SET title = 'x'\")"
    table = "op.create_table('t', sa.Column('id', sa.Integer))"
    path = blog.revision(f"{update}\n{table}\nraise ValueError", "pass")
    with pytest.raises(CrossingFailed):
        flask_rewind.upgrade()
    assert flask_rewind.status()[0].unfinished is not None
    written = path.read_text()
    path.write_text(written.replace(update, "raise ValueError"))
    with pytest.raises(CrossingFailed):
        flask_rewind.upgrade()
    assert flask_rewind.status()[0].unfinished is not None
    path.write_text(written.replace("raise ValueError", "pass"))
    flask_rewind.upgrade()
    assert flask_rewind.status()[0].unfinished is None


def test_values_that_a_failing_script_overwrote_are_those_of_the_app(blog: History) -> None:
    made(blog, "CREATE TABLE other (id INTEGER PRIMARY KEY)")
    filling = 'op.add_column("post", sa.Column("mood", sa.String(60)))\nop.execute("UPDATE post SET mood = slug")\n'
    committing = 'op.add_column("other", sa.Column("more", sa.Integer))'
    path = blog.revision(filling + committing, 'op.drop_column("other", "more")\nop.drop_column("post", "mood")')
    flask_rewind.upgrade()
    blog.run("UPDATE post SET mood = 'calm' WHERE id = 1")
    blog.run("UPDATE post SET mood = NULL WHERE id = 2")
    wanted = everything(blog.engine)
    flask_rewind.downgrade()
    text = path.read_text()
    path.write_text(text.replace("\n\n\ndef downgrade", FAILING.replace("\n", "\n    ") + "\n\n\ndef downgrade"))
    for _ in range(2):
        with pytest.raises(CrossingFailed):
            flask_rewind.upgrade()
    path.write_text(text)
    flask_rewind.upgrade()
    assert everything(blog.engine) == wanted


@pytest.mark.on("mariadb")  # elsewhere the end of the block asks nothing of the server
def test_a_connection_that_is_lost_at_the_end_of_an_autocommit_block(blog: History) -> None:
    killing = """
op.drop_column("post", "slug")
with op.get_context().autocommit_block():
    number = op.get_bind().scalar(sa.text("SELECT CONNECTION_ID()"))
    with op.get_bind().engine.connect() as other:
        other.execute(sa.text(f"KILL {number}"))"""
    blog.revision(killing, 'op.add_column("post", sa.Column("slug", sa.String(60)))')
    before = everything(blog.engine)
    with pytest.raises(CrossingFailed, match=r"lost in step \d of revision 2") as failed:
        flask_rewind.upgrade()
    assert "Nothing of this revision was kept" in failed.value.hint
    assert everything(blog.engine) == before
    assert flask_rewind.status()[0].unfinished is None


@pytest.mark.on("mariadb")
def test_a_script_that_is_broken_off_with_its_connection_is_taken_back_on_another(blog: History) -> None:
    blog.revision(
        'op.drop_column("post", "slug")\nop.get_bind().invalidate()\nraise KeyboardInterrupt',
        'op.add_column("post", sa.Column("slug", sa.String(60)))',
    )
    before = everything(blog.engine)
    with pytest.raises(KeyboardInterrupt):
        flask_rewind.upgrade()
    assert flask_rewind.status()[0].unfinished is None
    assert flask_rewind.attic() == ()
    assert everything(blog.engine) == before
