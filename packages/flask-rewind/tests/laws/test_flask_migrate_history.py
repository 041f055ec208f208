"""A history written for Flask-Migrate, begun with it, and continued unchanged by Rewind: down five revisions, up."""

from collections.abc import Callable
from pathlib import Path

import flask_migrate
import flask_rewind
import pytest
import sqlalchemy as sa
from database_servers import empty_database
from flask import Flask
from flask_migrate import Migrate
from histories import everything

MakeApp = Callable[..., Flask]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:'get_engine' is deprecated"),  # Flask-Migrate's env.py tries it first
]

# As `flask db migrate` writes them for models without constraint names, and as people edit them.
HISTORY = [
    (
        """
    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('username', sa.String(length=64), nullable=True),
    sa.Column('email', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('username'),
    mysql_charset='utf8mb4'
    )
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_user_email'), ['email'], unique=True)

    op.create_table('post',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('timestamp', sa.DateTime(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], ),
    sa.PrimaryKeyConstraint('id'),
    mysql_charset='utf8mb4'
    )
""",
        """
    op.drop_table('post')
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_user_email'))

    op.drop_table('user')
""",
    ),
    (
        """
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.add_column(sa.Column('slug', sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column('parent_id', sa.Integer(), nullable=True))
        batch_op.create_unique_constraint(None, ['slug'])
        batch_op.create_foreign_key(None, 'post', ['parent_id'], ['id'])
""",
        """
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.drop_constraint(None, type_='foreignkey')
        batch_op.drop_constraint(None, type_='unique')
        batch_op.drop_column('parent_id')
        batch_op.drop_column('slug')
""",
    ),
    (
        """
    op.create_table('tag',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=30), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    mysql_charset='utf8mb4'
    )
    with op.batch_alter_table('tag', schema=None) as batch_op:
        batch_op.create_foreign_key(None, 'user', ['owner_id'], ['id'])
        batch_op.create_unique_constraint(None, ['name', 'owner_id'])
    op.execute("INSERT INTO tag (id, name) SELECT id, slug FROM post WHERE slug IS NOT NULL")
""",
        """
    with op.batch_alter_table('tag', schema=None) as batch_op:
        batch_op.drop_constraint(None, type_='unique')
        batch_op.drop_constraint(None, type_='foreignkey')
    op.execute("DELETE FROM tag")
    op.drop_table('tag')
""",
    ),
    (
        """
    op.add_column('post', sa.Column('length', sa.Integer(), nullable=True))
    op.execute('UPDATE post SET length = length(body)')
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.alter_column('length', existing_type=sa.Integer(), nullable=False)
""",
        """
    op.drop_column('post', 'length')
""",
    ),
    (
        """
    status = sa.Enum('draft', 'public', name='status')
    status.create(op.get_bind(), checkfirst=True)
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.add_column(sa.Column('status', status, server_default='draft', nullable=False))
""",
        """
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.drop_column('status')
    sa.Enum('draft', 'public', name='status').drop(op.get_bind(), checkfirst=True)
""",
    ),
    (
        """
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.alter_column('username', existing_type=sa.String(length=64), type_=sa.String(length=90),
               existing_nullable=True)
        batch_op.add_column(sa.Column('about_me', sa.String(length=140), nullable=True))
    op.execute('ALTER TABLE post ADD COLUMN views INTEGER DEFAULT 0')
    op.execute('CREATE INDEX ix_views ON post (views)')
""",
        """
    op.execute('DROP INDEX ix_views{}')
    op.execute('ALTER TABLE post DROP COLUMN views')
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_column('about_me')
        batch_op.alter_column('username', existing_type=sa.String(length=90), type_=sa.String(length=64),
               existing_nullable=True)
""",
    ),
    (
        """
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.drop_column('timestamp')
    op.rename_table('tag', 'label')
""",
        """
    op.rename_table('label', 'tag')
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.add_column(sa.Column('timestamp', sa.DateTime(), nullable=True))
""",
    ),
]
BEGUN = {"sqlite": 1, "mariadb": 2, "postgresql": 2}
"""How many revisions Flask-Migrate itself applied; on SQLite it cannot create an unnamed constraint."""

USERS = "INSERT INTO \"user\" (id, username, email) VALUES (1, 'li', 'li@example.org'), (2, '王 ', NULL)"
POSTS = (
    "INSERT INTO post (id, body, timestamp, user_id, slug, parent_id) VALUES"
    " (1, '轻博 😀', '2016-03-04 05:06:07', 1, 'a', NULL), (2, '', NULL, 2, NULL, 1), (3, ' x ', NULL, NULL, 'A b', 1)"
)
LATER = "UPDATE post SET status = 'public', views = 7 WHERE id = 2"


def write(folder: Path, bodies: Callable[[str], str], engine_name: str) -> None:
    for number, (up, down) in enumerate(HISTORY, 1):
        down = down.replace("ix_views{}", "ix_views ON post" if engine_name == "mariadb" else "ix_views")
        parent = f"'{number - 1:012}'" if number > 1 else None
        (folder / "versions" / f"{number:012}_step.py").write_text(
            f'"""step"""\nfrom alembic import op\nimport sqlalchemy as sa\n\nrevision = \'{number:012}\'\n'
            f"down_revision = {parent}\nbranch_labels = None\ndepends_on = None\n\n\n"
            f"{bodies('upgrade').format(body=up)}\n\n{bodies('downgrade').format(body=down)}"
        )


def lived_in(engine: sa.Engine) -> None:
    flask_rewind.upgrade(revision=f"{2:012}")
    with engine.begin() as connection:
        quoted = "`user`" if engine.dialect.name == "mysql" else '"user"'
        connection.exec_driver_sql(USERS.replace('"user"', quoted))
        connection.exec_driver_sql(POSTS)


def there_and_back(app: Flask, engines: list[sa.Engine]) -> None:
    flask_rewind.upgrade()
    for engine in engines:
        with engine.begin() as connection:
            connection.exec_driver_sql(LATER)
    before = [everything(engine) for engine in engines]
    move = flask_rewind.downgrade(revision="-5")
    assert set(move.after.values()) == {(f"{len(HISTORY) - 5:012}",)}
    assert [crossing.direction for crossing in move.crossings] == ["down"] * 5 * len(engines)
    for engine in engines:
        assert set(sa.inspect(engine).get_table_names()) >= {"user", "post"}
        assert not sa.inspect(engine).has_table("tag")
    flask_rewind.upgrade()
    assert [everything(engine) for engine in engines] == before
    for _ in range(len(HISTORY)):
        flask_rewind.downgrade()
    flask_rewind.upgrade()
    assert [everything(engine) for engine in engines] == before


def test_one_database(make_app: MakeApp, database_url: str, engine_name: str, tmp_path: Path) -> None:
    make_app(database_url, extension=Migrate)
    flask_migrate.init()
    write(tmp_path / "migrations", lambda name: f"def {name}():{{body}}", engine_name)
    flask_migrate.upgrade(revision=f"{BEGUN[engine_name]:012}")
    app = make_app(database_url, config={"REWIND_SQLITE_COPIES": 0})
    engine = app.extensions["db"].engine
    lived_in(engine)
    there_and_back(app, [engine])


def test_several_databases(
    make_app: MakeApp, database_url: str, engine_name: str, worker_id: str, tmp_path: Path
) -> None:
    other = f"sqlite:///{tmp_path}/other.db"
    if engine_name != "sqlite":
        other = empty_database(engine_name, f"rewind_test_other_{worker_id}")
    config = {"SQLALCHEMY_BINDS": {"other": other}, "REWIND_SQLITE_COPIES": 0}
    make_app(database_url, extension=Migrate, config=config)
    flask_migrate.init(multidb=True)
    bodies = (
        "def {name}(engine_name):\n    globals()[f'{name}_{{{{engine_name}}}}']()\n\n\n"
        "def {name}_():{{body}}\n\ndef {name}_other():{{body}}"
    )
    write(tmp_path / "migrations", lambda name: bodies.format(name=name), engine_name)
    flask_migrate.upgrade(revision=f"{BEGUN[engine_name]:012}")
    app = make_app(database_url, config=config)
    engines = [app.extensions["db"].engine, app.extensions["db"].engines["other"]]
    for engine in engines:
        lived_in(engine)
    there_and_back(app, engines)
