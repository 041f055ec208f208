"""Enums: their labels, their types, and columns that use them."""

import flask_rewind
import pytest
from flask_rewind.errors import CrossingFailed, Refused
from hard_cases import made, refused_with_everything_as_it_was
from histories import History, everything, executed

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


@pytest.mark.on("postgresql")  # elsewhere the labels are part of the column
def test_a_label_added_to_an_enum_type(blog: History) -> None:
    blog.run("CREATE TYPE mood AS ENUM ('glad')")
    blog.run("ALTER TABLE post ADD COLUMN mood mood")
    added = "with op.get_context().autocommit_block():\n    op.execute(\"ALTER TYPE mood ADD VALUE 'sad'\")"
    blog.revision(added, "pass")
    flask_rewind.upgrade()
    blog.run("UPDATE post SET mood = 'sad' WHERE id = 1")
    rows = everything(blog.engine)[1]
    for way in (False, True):  # no statement drops a label, so it stays, and need not be added again
        flask_rewind.downgrade(from_journal=way)
        assert flask_rewind.status()[0].current == ("1",)
        flask_rewind.upgrade()
        assert everything(blog.engine)[1] == rows


@pytest.mark.parametrize("in_table", [False, True])
@pytest.mark.on("postgresql")  # elsewhere the labels are part of the column
def test_a_type_with_an_added_label_comes_back_with_what_uses_it(blog: History, in_table: bool) -> None:
    added, gone = 'op.add_column("post", sa.Column("mood", mood))', 'op.drop_column("post", "mood")'
    if in_table:
        added = 'op.create_table("feeling", sa.Column("id", sa.Integer, primary_key=True), sa.Column("mood", mood))'
        gone = 'op.drop_table("feeling")'
    kind = 'mood = sa.dialects.postgresql.ENUM("glad", "sad", name="mood", create_type=False)\n'
    blog.revision(
        f"{kind}mood.create(op.get_bind(), checkfirst=True)\n{added}", f'{gone}\nop.execute("DROP TYPE mood")'
    )
    blog.revision(executed("ALTER TYPE mood ADD VALUE 'calm' BEFORE 'sad'"), "pass")
    flask_rewind.upgrade()
    blog.run("INSERT INTO feeling VALUES (1, 'calm')" if in_table else "UPDATE post SET mood = 'calm' WHERE id = 1")
    before = everything(blog.engine)
    for _ in range(2):
        flask_rewind.downgrade(revision="base")
        flask_rewind.upgrade()
        assert everything(blog.engine) == before


@pytest.mark.on("mariadb")  # the only engine where the labels are part of the column
def test_labels_of_an_enum_column_changed_under_its_values(blog: History) -> None:
    blog.run("ALTER TABLE post ADD COLUMN mood ENUM('glad', 'sad')")
    blog.run("UPDATE post SET mood = 'sad' WHERE id = 1")
    blog.revision(
        "op.execute(\"ALTER TABLE post MODIFY mood ENUM('glad', 'sad', 'calm')\")",
        "op.execute(\"ALTER TABLE post MODIFY mood ENUM('glad', 'sad')\")",
    )
    flask_rewind.upgrade()
    blog.run("UPDATE post SET mood = 'calm' WHERE id = 2")
    refused_with_everything_as_it_was(blog, "1 values would change permanently")
    blog.run("UPDATE post SET mood = NULL WHERE id = 2")
    flask_rewind.downgrade()
    assert blog.rows("SELECT mood FROM post ORDER BY id") == [("sad",), (None,)]


LABELS = [
    ("'glad', 'calm'", ""),
    ("'sad', 'calm', 'glad'", ""),
    ("'glad', 'sad'", "calm"),
    ("'glad', 'sad', 'quiet'", "calm"),
]


@pytest.mark.parametrize(("labels", "lost"), LABELS, ids=["unused removed", "reordered", "used removed", "renamed"])
@pytest.mark.on("mariadb", "postgresql")
def test_labels_of_an_enum_removed_renamed_and_reordered(
    blog: History, engine_name: str, labels: str, lost: str
) -> None:
    old = "'glad', 'sad', 'calm'"
    changed = ["ALTER TABLE fan MODIFY mood ENUM({})"]
    kind = f"ENUM({old})"
    if engine_name == "postgresql":
        made(blog, f"CREATE TYPE mood AS {kind}")
        kind = "mood"
        changed = [
            "ALTER TYPE mood RENAME TO mood_old",
            "CREATE TYPE mood AS ENUM ({})",
            "ALTER TABLE fan ALTER mood TYPE mood USING mood::text::mood",
            "DROP TYPE mood_old",
        ]
    made(blog, f"CREATE TABLE fan (id INTEGER PRIMARY KEY, mood {kind})")
    made(blog, "INSERT INTO fan VALUES (1, 'glad'), (2, 'calm')")
    blog.revision(*(executed(*(each.format(which) for each in changed)) for which in (labels, old)))
    before = everything(blog.engine)
    if lost:
        with pytest.raises((Refused, CrossingFailed), match=r"1 values would change permanently|invalid input value"):
            flask_rewind.upgrade()
    else:
        flask_rewind.upgrade()
        blog.run("INSERT INTO fan VALUES (3, 'calm')")
        assert blog.rows("SELECT mood FROM fan ORDER BY id") == [("glad",), ("calm",), ("calm",)]
        blog.run("DELETE FROM fan WHERE id = 3")
        flask_rewind.downgrade()
    assert everything(blog.engine) == before


@pytest.mark.on("postgresql")
def test_a_label_of_an_enum_type_renamed(blog: History) -> None:
    made(blog, "CREATE TYPE mood AS ENUM ('glad', 'sad')", "ALTER TABLE post ADD COLUMN mood mood")
    made(blog, "UPDATE post SET mood = 'sad' WHERE id = 1")
    renamed = "ALTER TYPE mood RENAME VALUE '{}' TO '{}'"
    blog.revision(executed(renamed.format("sad", "blue")), executed(renamed.format("blue", "sad")))
    before = everything(blog.engine)
    flask_rewind.upgrade()
    assert blog.rows("SELECT mood FROM post WHERE id = 1") == [("blue",)]
    flask_rewind.downgrade()
    assert everything(blog.engine) == before


@pytest.mark.on("postgresql")
def test_a_label_used_before_it_is_committed(blog: History) -> None:
    made(blog, "CREATE TYPE mood AS ENUM ('glad')", "ALTER TABLE post ADD COLUMN mood mood")
    blog.revision(executed("ALTER TYPE mood ADD VALUE 'sad'", "UPDATE post SET mood = 'sad'"), "pass")
    before = everything(blog.engine)
    with pytest.raises(CrossingFailed, match="unsafe use of new value"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before


@pytest.mark.on("postgresql")
def test_a_type_of_a_hidden_array(blog: History) -> None:
    made(blog, "CREATE TYPE mood AS ENUM ('glad', 'sad')", "CREATE TABLE span (id INTEGER PRIMARY KEY, m mood[])")
    made(blog, "INSERT INTO span VALUES (1, '{glad,sad}')")
    before = everything(blog.engine)
    blog.revision(
        f"{executed('ALTER TABLE span DROP COLUMN m')}\n{executed('DROP TYPE mood')}",
        executed("CREATE TYPE mood AS ENUM ('glad', 'sad')") + "\n" + executed("ALTER TABLE span ADD m mood[]"),
    )
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
