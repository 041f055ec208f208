"""Make the dumps in this folder: databases that a former version of Flask-Rewind has moved.

Run it in the environment of the tests, with a checkout of that version:

    git worktree add /tmp/cd6d6e2 cd6d6e2
    python packages/flask-rewind/tests/old_databases/make_dumps.py /tmp/cd6d6e2

It needs the programs mariadb-dump and pg_dump, and starts its own servers. The dumps are the same each time, except for
the order of two indexes of `rewind_crossings`.
"""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
SUPPORT = FOLDER.parents[3] / "tests" / "support"
OLD = Path(sys.argv[1])
# Before all other paths, so that `flask_rewind` and `histories` are imported from the checkout.
sys.path[:0] = [str(OLD / "packages/flask-rewind/src"), str(OLD / "tests/support"), str(SUPPORT)]
os.environ["TEST_SERVERS_FOLDER"] = tempfile.mkdtemp(prefix="old-databases-")
Path(os.environ["TEST_SERVERS_FOLDER"]).chmod(0o755)

import flask_rewind  # noqa: E402
import old_history  # noqa: E402
import sqlalchemy as sa  # noqa: E402
from database_servers import ENGINES, empty_database, stop_servers  # noqa: E402
from flask import Flask  # noqa: E402
from flask_sqlalchemy import SQLAlchemy  # noqa: E402
from histories import History  # noqa: E402

SAME_EACH_TIME = [
    (
        "UPDATE rewind_moves SET who = 'somebody', session = '', started_at = '2026-01-02 03:04:05',"
        " finished_at = '2026-01-02 03:04:05'"
    ),
    "UPDATE rewind_crossings SET source = '', started_at = '2026-01-02 03:04:05', finished_at = '2026-01-02 03:04:05'",
    "UPDATE rewind_steps SET milliseconds = 0",
    "UPDATE rewind_attic SET hidden_at = '2026-01-02 03:04:05'",
]


def walk(engine: str, url: str, directory: str) -> None:
    """Move an empty database to the state that the dump shows."""
    app = Flask("blog")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, REWIND_SQLITE_COPIES=0)
    db = SQLAlchemy(app)
    flask_rewind.Rewind(app, db, directory=directory)
    app.extensions["db"] = db
    with app.app_context():
        blog = History(app)
        for up, down in old_history.revisions(engine):
            blog.revision(up, down)
        flask_rewind.upgrade(revision="1")
        for statement in old_history.first_rows(engine):
            blog.run(statement)
        flask_rewind.upgrade()
        for statement in old_history.LATER_ROWS:
            blog.run(statement)
        flask_rewind.downgrade(revision=old_history.LEFT_AT)
        for statement in SAME_EACH_TIME:
            blog.run(statement)
        db.engine.dispose()


def dump_of(engine: str, url: str) -> str:
    """Return a database as SQL text."""
    address = sa.make_url(url)
    if engine == "sqlite":
        return "\n".join(sqlite3.connect(str(address.database)).iterdump())
    if engine == "mariadb":
        options = [
            "--no-defaults", "--protocol=tcp", "--skip-comments", "--complete-insert", "--skip-extended-insert",
            "--skip-add-locks", "--skip-disable-keys", "--skip-set-charset", "--skip-add-drop-table", "--skip-triggers",
        ]  # fmt: skip
        where = [f"--host={address.host}", f"--port={address.port}", "--user=root", str(address.database)]
        command = ["mariadb-dump", *options, *where]
        return _without_noise(subprocess.check_output(command, text=True)) + triggers_of(url)
    where = [f"--host={address.host}", f"--port={address.port}", "--username=root", str(address.database)]
    command = ["pg_dump", "--no-owner", "--no-privileges", "--inserts", *where]
    return _without_noise(subprocess.check_output(command, text=True))


def triggers_of(url: str) -> str:
    """Return the CREATE statements of the triggers of a MariaDB database, without their DEFINER."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        names = connection.execute(sa.text("SHOW TRIGGERS")).scalars().all()
        found = [connection.execute(sa.text(f"SHOW CREATE TRIGGER {name}")).one()[2] for name in names]
    engine.dispose()
    return "".join(re.sub(r"DEFINER=\S+ ", "", str(each)) + ";\n" for each in found)


def _without_noise(text: str) -> str:
    """Remove comments, session settings and empty lines."""
    noise = re.compile(r"--|/\*|\\|SET |SELECT pg_catalog\.set_config")
    return "".join(f"{line}\n" for line in text.splitlines() if line.strip() and not noise.match(line))


def main() -> None:
    """Make the dumps of all engines."""
    try:
        for engine in ENGINES:
            with tempfile.TemporaryDirectory() as folder:
                is_file = engine == "sqlite"
                url = f"sqlite:///{folder}/old.db" if is_file else empty_database(engine, "old_database")
                walk(engine, url, f"{folder}/migrations")
                (FOLDER / f"{engine}.sql").write_text(dump_of(engine, url).rstrip("\n") + "\n")
    finally:
        stop_servers()


if __name__ == "__main__":
    main()
