"""Programs write into a table while it is moved, and keep accounts; `make bench-stalls` measures how long they wait."""

from collections.abc import Callable

import flask_rewind
import pytest
from accounting_writers import TABLE, Account, differences, writing
from histories import History
from operation_kinds.kind import adding, batched
from other_sessions import awaited

pytestmark = [pytest.mark.slow, pytest.mark.on("mariadb", "postgresql")]

CountFault = Callable[[str], None]
IDS = 20
COLUMNS = 'sa.Column("mood", sa.String(20)), sa.Column("title", sa.String(20))'
RENAME = 'alter_column("{}", new_column_name="{}", existing_type=sa.String(20))'
MOVES = {
    "a column that is hidden and returns": ('op.drop_column("hit", "mood")', adding("hit", '"mood", sa.String(20)')),
    "a new column": (adding("hit", '"note", sa.String(20)'), 'op.drop_column("hit", "note")'),
    "another name of a column": (
        batched("hit", RENAME.format("title", "name")),
        batched("hit", RENAME.format("name", "title")),
    ),
    "a type that needs other rows": (
        batched("hit", 'alter_column("mood", type_=sa.Text, existing_type=sa.String(20))'),
        batched("hit", 'alter_column("mood", type_=sa.String(20), existing_type=sa.Text)'),
    ),
    "a table that is hidden and returns": ('op.drop_table("hit")', TABLE.format("hit", COLUMNS).strip()),
}


@pytest.mark.parametrize("move", MOVES)
def test_sums_are_those_of_the_accounts(blog: History, move: str) -> None:
    blog.revision(TABLE.format("hit", COLUMNS), "pass")
    blog.revision(*MOVES[move])
    flask_rewind.upgrade(revision="1")
    account, url = Account(), blog.engine.url.render_as_string(hide_password=False)
    for _ in range(3):
        with writing(url, "hit", account, count=2, ids=IDS):
            awaited(lambda: len(blog.rows("SELECT id FROM hit")) > 1)
            flask_rewind.upgrade()
            flask_rewind.downgrade(revision="1")
        assert differences(blog.engine, "hit", account, IDS) == []
    if "table" not in move:
        assert account.errors == {}
