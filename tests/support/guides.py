"""The pages of the docs with commands, and what a test needs to follow each.

Every block of commands is typed, or is in `Guide.without` with the reason. `test_guides` follows the pages, unless
`Guide.followed_by` names the test that does; a page with commands that is not in `GUIDES` fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

COMMANDS = {"sh", "sql", "text"}
"""The languages of blocks that a reader types, and of what these print."""
CHECKED = {"css", "markdown", "toml", "yaml"}
"""Languages of blocks that no command reads; without the name of a file they are checked instead."""


@dataclass(frozen=True)
class Guide:
    """A page, in English; pages in Chinese have the same blocks."""

    without: Mapping[str, str] = field(default_factory=dict)
    """Beginnings of blocks that are not typed, and why."""
    first: Mapping[str, str] = field(default_factory=dict)
    """What the reader has done before a block, by its beginning; "" is the start of the page."""
    replaced: Mapping[str, str] = field(default_factory=dict)
    """Texts of the page and what is typed instead."""
    needs: tuple[str, ...] = ()
    """Fixtures of `test_guides` that make what is there already."""
    last: str = ""
    """What is done after the page, for `needs`."""
    followed_by: str = ""
    """The name of the test."""


_PASSWORD = "--password 'correct horse battery'"
"""Without a terminal, nothing asks for it."""
_LOG = "a line of the log that needs a second session; the tests of locks and leases compare it"

_APP = """
mkdir app; cd app
cat > app.py <<'END'
import os
from flask import Flask
from flask_rewind import Rewind
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///app.db"
db = SQLAlchemy(app)
Rewind(app, db)


class Post(db.Model):
    __tablename__ = os.environ.get("TABLE", "posts")
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(100))
    locals()[os.environ.get("COLUMN", "body")] = db.Column(db.String(100))
    subtitle = db.Column(db.String(100))
END
flask db init
flask db migrate --rev-id 1e0d -m posts
flask db upgrade
python3 -c "import sqlite3
with sqlite3.connect('instance/app.db') as database:
    database.executemany('INSERT INTO posts VALUES (?, ?, ?, ?)', [(17, 'a', 'b', 'c'), (18, 'd', 'e', 'f')])"
"""
_NEXT_REVISION = """
cat > migrations/versions/3f2a.py <<'END'
'''drop the subtitle'''

import sqlalchemy as sa
from alembic import op

revision = "3f2a"
down_revision = "1e0d"
END
"""
_UPGRADE = "def upgrade():\n    op.drop_column('posts', 'subtitle')"
_DOWNGRADE = "def downgrade():\n    op.add_column('posts', sa.Column('subtitle', sa.String(100)))"
_DROPS_COLUMN = f"{_NEXT_REVISION}cat >> migrations/versions/3f2a.py <<'END'\n{_UPGRADE}\n\n\n{_DOWNGRADE}\nEND\n"

GUIDES = {
    "README.md": Guide(
        without={"make run": "it installs the blog, as `.ci/run` has done, and serves until it is stopped"},
        first={"python manage.py": "cd ~/qingbo; export QINGBO_HOME=~/blog"},
        replaced={"create ann": f"create ann {_PASSWORD}"},
    ),
    "CONTRIBUTING.md": Guide(without={"make test": "it runs the tests"}),
    "docs/tutorial/light-blog.md": Guide(followed_by="test_the_tutorial_on_sqlite"),
    "docs/how-to/server.md": Guide(
        without={
            "apt-get": "`.ci/run` installs packages, and the test has no network",
            "certbot": "it needs a name on the internet",
        },
        followed_by="test_the_guides_on_one_machine",
    ),
    "docs/how-to/databases.md": Guide(followed_by="test_the_guides_on_one_machine"),
    "docs/how-to/flask-migrate.md": Guide(followed_by="test_from_flask_migrate_and_back"),
    "docs/how-to/container.md": Guide(
        without={"podman": "no container engine runs here; `test_containers` has linters read both files"},
    ),
    "docs/how-to/backup-and-restore.md": Guide(
        first={"": "mkdir -p /mnt/disk; qingbo init; qingbo demo"},
        needs=("postgresql",),
    ),
    "docs/how-to/upgrade.md": Guide(
        without={"/srv/qingbo/venv/bin/pip": "test_the_guides_on_one_machine types it"},
        first={"": "qingbo init; qingbo demo; qingbo db downgrade -2"},
    ),
    "docs/how-to/files-and-mail.md": Guide(
        without={
            "/srv/qingbo/venv/bin/pip": "test_the_guides_on_one_machine types it",
            "aws": "it needs Amazon's program, which is not among the tools of the tests",
        },
        first={
            "": """
                export SSL_CERT_FILE=~/tls.pem
                qingbo --home /srv/qingbo/data init
                echo 'address = "https://blog.example.com"' >> /srv/qingbo/data/qingbo.toml
            """
        },
        replaced={"runuser -u qingbo -- ": ""},
        last=f"""
            qingbo --home /srv/qingbo/data user create ann --admin {_PASSWORD}
            qingbo --home /srv/qingbo/data import markdown ~/hexo --author ann
        """,
        needs=("bucket", "mailbox", "old_blogs"),
    ),
    "docs/how-to/move-in.md": Guide(
        replaced={
            "--role editor": f"--role editor {_PASSWORD}",
            "user password carla": f"user password carla {_PASSWORD}",
        },
        needs=("old_blogs",),
    ),
    "docs/reference/import.md": Guide(
        first={"": f"qingbo init; qingbo user create ann --admin {_PASSWORD}"},
        replaced={"~/blog/source": "~/hexo/source"},
        needs=("old_blogs",),
    ),
    "docs/reference/import-systems.md": Guide(
        first={"": "qingbo init; ln -s ~/wordpress.xml blog.xml"},
        needs=("old_blogs",),
    ),
    "docs/reference/attic.md": Guide(
        without={
            "refused:": "the end of an example; tests of these refusals compare the sentences",
            "Waiting": _LOG,
            "Another": _LOG,
        },
        first={
            "": _APP + _NEXT_REVISION,
            "flask db attic  ": "flask db upgrade",
            "flask db downgrade --from": "flask db upgrade",
        },
        replaced={
            "purge posts.subtitle ": "purge posts.subtitle --yes ",
            "purge --row posts 17 ": "purge --row posts 17 --yes ",
        },
    ),
    "docs/reference/plans.md": Guide(first={"": _APP + _DROPS_COLUMN}),
    "docs/reference/commands.md": Guide(
        first={
            "": _APP,
            "flask db migrate --rename posts.body": "export COLUMN=text",
            "flask db migrate --rename posts=": "rm migrations/versions/[!1_]*; export TABLE=articles",
        },
    ),
    "docs/reference/caching.md": Guide(first={"": "qingbo init"}),
    "packages/qingbo/README.md": Guide(
        replaced={"ann --admin": f"ann --admin {_PASSWORD}", "~/posts": "~/vault"},
        needs=("old_blogs",),
    ),
    "packages/flask-rewind/README.md": Guide(
        first={"": "mkdir app; cd app"},
        replaced={"checkout 3f2a": "checkout head"},
    ),
}
