"""What an interrupted move left is taken back behind open transactions, too, and Ctrl-C ends a wait."""

import signal
import subprocess
import sys

import flask_rewind
import pytest
import sqlalchemy as sa
from flask_rewind.crossing import database_move
from histories import History, everything
from lock_holders import Heard, another_session

pytestmark = pytest.mark.slow

READ = "SELECT id FROM post"
DROP, ADD = 'op.drop_column("post", "note")', 'op.add_column("post", sa.Column("note", sa.String(20)))'
MOVING = """
import signal, sys, flask_rewind, flask, flask_sqlalchemy
from flask.cli import FlaskGroup
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
db = flask_sqlalchemy.SQLAlchemy()
app = flask.Flask("blog")
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[1]
db.init_app(app)
flask_rewind.Rewind(app, db, directory=sys.argv[2])
FlaskGroup(create_app=lambda: app).main(["db", "upgrade"])
"""


@pytest.mark.on("mariadb")
def test_what_was_interrupted_is_taken_back_when_others_let_it(blog: History, monkeypatch: pytest.MonkeyPatch) -> None:
    script = blog.revision(f'{DROP}\nraise RuntimeError("it ends")', ADD)
    before = everything(blog.engine)
    monkeypatch.setattr(database_move, "take_back", lambda *_: [])
    with pytest.raises(flask_rewind.CrossingFailed):
        flask_rewind.upgrade()
    monkeypatch.undo()
    assert flask_rewind.status()[0].unfinished
    script.write_text(script.read_text().replace('raise RuntimeError("it ends")', ""))
    with another_session(blog.engine.url, READ) as reader:
        for command in (flask_rewind.upgrade, flask_rewind.resume, flask_rewind.abort):
            expected = r"Revision 2 could not be taken back: in .* a lock on post, "
            with pytest.raises(flask_rewind.Blocked, match=expected):
                command(budget=0)
            assert flask_rewind.status()[0].unfinished
        with Heard(reader.end) as heard:
            flask_rewind.upgrade()
    assert len(heard.said) == 1
    assert "note" not in [each["name"] for each in sa.inspect(blog.engine).get_columns("post")]
    flask_rewind.downgrade()
    assert everything(blog.engine) == before


@pytest.mark.on("mariadb", "postgresql")
def test_ctrl_c_ends_a_wait_and_takes_the_crossing_back(blog: History, database_url: str) -> None:
    blog.revision(f'op.drop_column("author", "name")\n{DROP}', "pass")
    before = everything(blog.engine)
    command = [sys.executable, "-c", MOVING, database_url, blog.app.extensions["migrate"].directory]
    with another_session(blog.engine.url, READ):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert process.stdout
        lines = iter(process.stdout)
        while "Waiting for a lock on post" not in next(lines):
            pass
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
        assert process.returncode not in {0, None}
        assert "Traceback" not in output
        assert everything(blog.engine) == before
        status = flask_rewind.status()[0]
        assert (status.current, status.unfinished) == (("1",), None)
    flask_rewind.upgrade()
