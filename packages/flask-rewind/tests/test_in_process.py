"""Rewind inside a running app: it loads no Alembic in web workers, and keeps logging and state as they were."""

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask

MakeApp = Callable[..., Flask]


def test_an_app_with_rewind_loads_neither_alembic_nor_mako() -> None:
    program = (
        "import sys; from flask import Flask; from flask_sqlalchemy import SQLAlchemy; import flask_rewind\n"
        "app = Flask('a'); app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite://'; db = SQLAlchemy(app)\n"
        "flask_rewind.Rewind(app, db)\n"
        "with app.app_context(), db.engine.connect() as c: flask_rewind.schema_state(c, 'migrations')\n"
        "with app.app_context(), db.engine.connect() as c: assert not flask_rewind.is_unfinished(c)\n"
        "sys.exit(str({'alembic', 'mako'} & sys.modules.keys()) if {'alembic', 'mako'} & sys.modules.keys() else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def old_env(folder: Path) -> None:
    """Make the env.py close everything, as Flask-Migrate's does."""
    path = folder / "env.py"
    path.write_text(path.read_text().replace(", disable_existing_loggers=False", ""))


def test_the_apps_loggers_survive_a_move(make_app: MakeApp, tmp_path: Path) -> None:
    make_app(f"sqlite:///{tmp_path}/a.db")
    flask_rewind.init()
    old_env(tmp_path / "migrations")
    logger = logging.getLogger("blog.mine")
    logger.setLevel(logging.DEBUG)
    handler = logging.FileHandler(tmp_path / "app.log", mode="w")
    logging.root.addHandler(handler)
    before = (logging.root.level, logging.root.handlers[:])
    try:
        flask_rewind.upgrade()
        logger.debug("still here")
        assert (logging.root.level, logging.root.handlers) == before
    finally:
        logging.root.removeHandler(handler)
        handler.close()
    assert not logger.disabled
    assert (tmp_path / "app.log").read_text().endswith("still here\n")


def test_commands_return_and_print_nothing(
    make_app: MakeApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_app(f"sqlite:///{tmp_path}/a.db")
    flask_rewind.init()
    flask_rewind.revision(message="one")
    flask_rewind.upgrade()
    flask_rewind.history()
    flask_rewind.current()
    flask_rewind.upgrade(sql=True)
    flask_rewind.downgrade()
    assert capsys.readouterr().out == ""


def test_a_command_leaves_no_trace_in_the_next_ones_options(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path}/a.db")
    flask_rewind.init()
    arguments = app.extensions["migrate"].configure_args
    before = dict(arguments)
    path = tmp_path / "migrations/env.py"
    path.write_text(path.read_text() + "\nmigrate.configure_args['process_revision_directives'] = print\n")
    flask_rewind.upgrade()
    assert arguments == before


def test_x_arguments_reach_env_py(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path}/a.db")
    flask_rewind.init()
    path = tmp_path / "migrations/env.py"
    note = f"import pathlib; p = pathlib.Path({str(tmp_path / 'seen')!r}); p.touch()"
    path.write_text(f"{path.read_text()}\n{note}; p.write_text(p.read_text() + str(context.get_x_argument()))\n")
    flask_rewind.upgrade(x_arg="a=1")
    app.test_cli_runner().invoke(args=["db", "-x", "b=2", "upgrade"])
    app.test_cli_runner().invoke(args=["db", "upgrade", "-x", "c=3"])
    assert (tmp_path / "seen").read_text() == "['a=1']['b=2']['c=3']"


def test_two_threads_take_turns(make_app: MakeApp, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    app = make_app(f"sqlite:///{tmp_path}/a.db")
    flask_rewind.init()
    flask_rewind.revision(rev_id="1")

    def status(_: int) -> Any:
        with app.app_context():
            return flask_rewind.status()[0].heads

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(status, range(8))) == [("1",)] * 8


def test_schema_state_reads_scripts_without_running_them(make_app: MakeApp, tmp_path: Path) -> None:
    from flask_rewind import SchemaState

    engine = make_app(f"sqlite:///{tmp_path}/a.db").extensions["db"].engine
    flask_rewind.init()
    for number in "12":
        written = flask_rewind.revision(rev_id=number)
        assert written

    def state() -> SchemaState:
        with engine.connect() as connection:
            return flask_rewind.schema_state(connection, tmp_path / "migrations")

    assert state() == SchemaState.BEHIND
    flask_rewind.upgrade()
    assert state() == SchemaState.AT_HEAD
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '3'"))
    assert state() == SchemaState.AHEAD


def test_schema_state_knows_dependencies_and_other_version_tables(make_app: MakeApp, tmp_path: Path) -> None:
    from flask_rewind import SchemaState

    engine = make_app(f"sqlite:///{tmp_path}/a.db", version_table="vt").extensions["db"].engine
    flask_rewind.init()
    flask_rewind.revision(rev_id="a1", head="base", branch_label="a")
    flask_rewind.revision(rev_id="b1", head="base", branch_label="b", depends_on=["a1"])
    flask_rewind.upgrade(revision="heads")
    with engine.connect() as connection:
        state = flask_rewind.schema_state(connection, tmp_path / "migrations", "vt")
    assert state == SchemaState.AT_HEAD
