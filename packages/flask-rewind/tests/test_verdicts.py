"""The verdicts of a plan are correct."""

from collections.abc import Callable

import flask_rewind
import pytest
from flask import Flask
from flask_rewind.steps import Purpose, StepKind
from flask_rewind.verdicts import verdict_of
from histories import History, executed, walked

BACK = "hides it again"


@pytest.mark.parametrize(
    ("kind", "statement", "verdict", "undo"),
    [
        (
            StepKind.COPY_ROWS,
            "INSERT INTO post SELECT 1",
            "lossless",
            "stay in the attic",
        ),
        (
            StepKind.BRING_VALUES_BACK,
            "UPDATE post SET x = (SELECT 1)",
            "lossless",
            "stay in the attic",
        ),
        (StepKind.FILL, "UPDATE post SET x = 1", "needs fill", "keep these values"),
        (StepKind.BRING_BACK, "UPDATE post SET _attic_1 = 1", "needs fill", BACK),
        (StepKind.MOVE_IN, "UPDATE post SET _attic_1 = 1", "lossless", BACK),
        (StepKind.MAKE_ROOM, "ALTER TABLE post MODIFY _attic_1 LONGTEXT NOT NULL", "lossless", "its own type back"),
        (StepKind.CLEAN_UP, "ALTER TABLE post DROP COLUMN _attic_1_new", "lossless", "nothing is lost"),
        (StepKind.LEAVE_HIDDEN_OUT, "ALTER TABLE y DROP COLUMN _attic_1", "lossless", "nothing is lost"),
        (StepKind.MAKE_AGAIN, "ALTER TABLE post ADD UNIQUE (x)", "needs check", "the journal recorded"),
        (StepKind.SCRIPT, "DROP FUNCTION f", "lossless", "only the script"),
        (
            StepKind.SCRIPT,
            "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$",
            "lossless",
            "only the script",
        ),
        (StepKind.MOVE_ROWS, "INSERT INTO rewind_new SELECT 1", "lossless", "the journal recorded"),
        (StepKind.SCRIPT, "CALL tidy()", "one-way", "unknown"),
        (StepKind.SCRIPT, "DO $$ BEGIN END $$", "one-way", "unknown"),
        (StepKind.SCRIPT, "SET lock_timeout = '5s'", "lossless", "nothing is lost"),
        (StepKind.SCRIPT, "COMMENT ON TABLE post IS 'x'", "lossless", "the journal recorded"),
        (StepKind.SCRIPT, "ALTER TABLE post ALTER x TYPE text", "needs check", "the journal recorded"),
        (
            StepKind.SCRIPT,
            "WITH g AS (DELETE FROM post RETURNING id) SELECT * FROM g",
            "one-way",
            "the rows stay changed",
        ),
    ],
)
def test_what_is_said_of_a_statement(kind: StepKind, statement: str, verdict: str, undo: str) -> None:
    said = verdict_of(statement, kind, "postgresql")
    assert said[0] == verdict
    assert undo in said[1]


TRIGGERS = {
    "sqlite": "CREATE TRIGGER t AFTER INSERT ON {} BEGIN SELECT 1; END",
    "mariadb": "CREATE TRIGGER t AFTER INSERT ON {} FOR EACH ROW SET @x = 1",
    "postgresql": "CREATE TRIGGER t BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION"
    " suppress_redundant_updates_trigger()",
}


def test_the_name_of_a_trigger_that_is_taken(
    make_app: Callable[..., Flask], database_url: str, engine_name: str
) -> None:
    blog = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    trigger = TRIGGERS[engine_name]
    blog.revision(executed("CREATE TABLE a (id INTEGER PRIMARY KEY)", trigger.format("a")), "op.drop_table('a')")
    blog.revision(
        executed("DROP TABLE a", "CREATE TABLE b (id INTEGER PRIMARY KEY)", trigger.format("b")),
        "op.drop_table('b')\n" + executed("CREATE TABLE a (id INTEGER PRIMARY KEY)", trigger.format("a")),
    )
    flask_rewind.upgrade(revision="1")
    steps = [step for crossing in flask_rewind.plan().crossings for step in crossing.steps]
    taken = [(step.verdict, step.undo, step.purpose) for step in steps if step.statement.startswith("DROP TRIGGER")]
    if engine_name == "postgresql":  # where trigger names are per table
        assert taken == []
    else:
        purpose = Purpose(StepKind.FREE_TRIGGER, "a", "t")
        assert taken == [("lossless", "the trigger is created again when its table returns", purpose)]
    walked(blog, "2", "1", "2", "1")
