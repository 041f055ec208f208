"""A change of type on MariaDB that drops other clauses of the column: a warning names these clauses."""

from collections.abc import Callable

import flask_rewind
import pytest
from flask import Flask
from histories import History, in_batch

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.combinations]

TYPES = "type_=sa.String(40), existing_type=sa.String(20), existing_nullable=False"
REPEATED = f'{TYPES}, existing_server_default="none", existing_comment="shown first"'
LOST = "post.lead loses DEFAULT 'none', COMMENT 'shown first': its new definition does not repeat it."


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    columns = [
        'sa.Column("id", sa.Integer, primary_key=True)',
        'sa.Column("lead", sa.String(20), nullable=False, server_default="none", comment="shown first")',
        'sa.Column("words", sa.Integer)',
    ]
    made.revision(f'op.create_table("post", {", ".join(columns)})', 'op.drop_table("post")')
    flask_rewind.upgrade()
    return made


@pytest.mark.parametrize(("options", "lost"), [(TYPES, [LOST]), (REPEATED, [])], ids=["forgotten", "repeated"])
def test_a_plan_and_a_move_name_it(
    blog: History, engine_name: str, capfd: pytest.CaptureFixture[str], options: str, lost: list[str]
) -> None:
    blog.revision(in_batch(f'alter_column("lead", {options})'), "pass")
    expected = lost if engine_name == "mariadb" else []
    assert [*flask_rewind.plan().warnings] == expected
    capfd.readouterr()
    flask_rewind.upgrade()
    assert ("loses" in capfd.readouterr().err) == bool(expected)


def test_raw_statements_are_heard_too(blog: History, engine_name: str) -> None:
    changes = {
        "mariadb": [
            "ALTER TABLE post MODIFY COLUMN id BIGINT NOT NULL, CHANGE words counted BIGINT",
            "ALTER TABLE post MODIFY `lead` VARCHAR(20) NOT NULL COMMENT 'DEFAULT'",
        ]
    }.get(engine_name, ["ALTER TABLE post RENAME COLUMN words TO counted"])
    blog.revision("\n".join(f"op.execute({each!r})" for each in changes), "pass")
    lost = ("AUTO_INCREMENT", "DEFAULT 'none'") if engine_name == "mariadb" else ()
    places = ("post.id", "post.lead")
    assert flask_rewind.plan().warnings == tuple(
        f"{place} loses {each}: its new definition does not repeat it."
        for place, each in zip(places, lost, strict=False)
    )
