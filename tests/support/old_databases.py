"""Databases of other blogs for tests, on SQLite and MariaDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from database_servers import empty_database
from sqlalchemy.pool import NullPool

BLOG_2016 = {
    1: """
        CREATE TABLE users (id VARCHAR(45) PRIMARY KEY, username VARCHAR(255), password VARCHAR(255));
        CREATE TABLE roles (id VARCHAR(45) PRIMARY KEY, name VARCHAR(255) UNIQUE, description VARCHAR(255));
        CREATE TABLE tags (id VARCHAR(45) PRIMARY KEY, name VARCHAR(255));
        CREATE TABLE posts (id VARCHAR(45) PRIMARY KEY, title VARCHAR(255), text TEXT, publish_date DATETIME,
            user_id VARCHAR(45) REFERENCES users (id));
        CREATE TABLE comments (id VARCHAR(45) PRIMARY KEY, name VARCHAR(255), text TEXT, date DATETIME,
            post_id VARCHAR(45) REFERENCES posts (id));
        CREATE TABLE users_roles (user_id VARCHAR(45), role_id VARCHAR(45));
        CREATE TABLE posts_tags (post_id VARCHAR(45), tag_id VARCHAR(45))
    """,
    2: "CREATE TABLE browse_volumes (id VARCHAR(45) PRIMARY KEY, home_view_total INTEGER NOT NULL)",
    3: "CREATE TABLE reminders (id VARCHAR(45) NOT NULL, date DATETIME, email VARCHAR(255), text TEXT NOT NULL)",
}
"""The statements of its revisions."""


class OldBlog:
    """A database that is being filled."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = sa.create_engine(url, poolclass=NullPool)

    def run(self, *statements: str) -> None:
        """Run statements, which semicolons separate."""
        with self._engine.begin() as connection:
            for statement in filter(str.strip, ";".join(statements).split(";")):
                connection.exec_driver_sql(statement)

    def add(self, table: str, *rows: dict[str, Any]) -> None:
        """Insert rows."""
        names = list(rows[0])
        values = ", ".join(f":{name}" for name in names)
        quoted = ", ".join(self._engine.dialect.identifier_preparer.quote(name) for name in names)
        with self._engine.begin() as connection:
            connection.execute(sa.text(f"INSERT INTO {table} ({quoted}) VALUES ({values})"), list(rows))


@contextmanager
def old_blog(engine_name: str, folder: Path, worker_id: str = "", charset: str = "utf8mb3") -> Iterator[OldBlog]:
    """Yield an empty database."""
    if engine_name == "sqlite":
        yield OldBlog(f"sqlite:///{folder / 'old.db'}")
    else:
        name = f"rewind_test_old_{worker_id}"
        old = OldBlog(empty_database(engine_name, name))
        old.run(f"ALTER DATABASE {name} CHARACTER SET {charset}")
        yield old


TYPECHO = """
    CREATE TABLE {0}contents (cid INTEGER PRIMARY KEY, title VARCHAR(150), slug VARCHAR(150), created INTEGER,
        modified INTEGER, text TEXT, {1}order{1} INTEGER, authorId INTEGER, template VARCHAR(32), type VARCHAR(16),
        status VARCHAR(16), password VARCHAR(32), commentsNum INTEGER, parent INTEGER);
    CREATE TABLE {0}comments (coid INTEGER PRIMARY KEY, cid INTEGER, created INTEGER, author VARCHAR(150),
        authorId INTEGER, ownerId INTEGER, mail VARCHAR(150), url VARCHAR(255), text TEXT, type VARCHAR(16),
        status VARCHAR(16), parent INTEGER);
    CREATE TABLE {0}metas (mid INTEGER PRIMARY KEY, name VARCHAR(150), slug VARCHAR(150), type VARCHAR(32),
        description VARCHAR(150), parent INTEGER);
    CREATE TABLE {0}relationships (cid INTEGER, mid INTEGER);
    CREATE TABLE {0}users (uid INTEGER PRIMARY KEY, name VARCHAR(32), password VARCHAR(64), mail VARCHAR(150),
        url VARCHAR(150), screenName VARCHAR(32), {1}group{1} VARCHAR(16));
    CREATE TABLE {0}options (name VARCHAR(32), user INTEGER, value TEXT)
"""
"""The tables that are read, for a prefix and the quotes of an engine."""
