"""Views."""

import flask_rewind
import pytest
from hard_cases import made
from histories import History, everything, executed

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


@pytest.mark.on("mariadb")
def test_a_view_goes_and_comes_in_a_database_of_another_name(blog: History) -> None:
    made(blog, "CREATE VIEW shown AS SELECT id, title FROM post")
    blog.revision(executed("DROP VIEW shown"), executed("CREATE VIEW shown AS SELECT id, title FROM post"))
    before = everything(blog.engine)
    flask_rewind.upgrade()
    assert flask_rewind.plan(revision="1").refused == ""
    flask_rewind.downgrade()
    assert everything(blog.engine) == before
    assert blog.engine.url.database not in str(before)
    flask_rewind.upgrade()
    flask_rewind.downgrade(from_journal=True)
    assert everything(blog.engine) == before
