"""What `qingbo serve` checks and creates first: the schema, the port, the set-up link."""

import errno
import shlex
import socket
from dataclasses import dataclass

import flask_rewind
from flask import Flask
from flask_rewind import DatabaseUnreachable, SchemaState, is_unfinished, schema_state
from sqlalchemy.exc import SQLAlchemyError

from qingbo.accounts.queries import has_administrator
from qingbo.config import Settings
from qingbo.database import writing
from qingbo.errors import DatabaseDown, PortTaken, SchemaDiffers
from qingbo.extensions import MIGRATIONS, db, session
from qingbo.home import DataFolder
from qingbo.privacy import sqlite_file
from qingbo.releases import writer_of
from qingbo.version import __version__

DEFAULT_HOST = "127.0.0.1"
PORTS_TRIED = 100


@dataclass(frozen=True, slots=True)
class Address:
    """The address on which the server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The URL for a browser on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - only read
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def require_free_port(address: Address) -> None:
    """Raise `PortTaken`, with the next free port, if the server cannot listen on the address."""
    if problem := _problem_of(address):
        free = (port for port in range(address.port + 1, min(address.port + PORTS_TRIED, 65536)))
        next_free = next((port for port in free if not _problem_of(Address(address.host, port))), None)
        host = "" if address.host == DEFAULT_HOST else f" --host {shlex.quote(address.host)}"
        hint = f"The next free port: qingbo serve{host} --port {next_free}" if next_free else "Name another: --port"
        raise PortTaken(f"Cannot listen on {address.host} port {address.port}: {problem}.", hint)


def what_is_where(app: Flask) -> str:
    """Return a sentence on whether the data folder contains the whole blog, for people who copy or delete it."""
    folder: DataFolder = app.extensions["qingbo_home"]
    with app.app_context():
        url = db.engine.url
    file = sqlite_file(folder, app.extensions["qingbo_settings"])
    if file is not None and file.resolve().is_relative_to(folder.path.resolve()):
        return "Everything of this blog is in it."
    return f"The settings and keys of this blog are in it; posts and people are in {url.render_as_string()}."


def bring_to_head(app: Flask) -> str:
    """Upgrade a SQLite database to the newest revision and return a message, or an empty string if nothing was done.

    Raises:
        DatabaseDown: if the database does not answer.
    """
    with app.app_context(), writing():
        if db.engine.dialect.name != "sqlite" or _is_at_head():
            return ""
        try:
            if flask_rewind.status()[0].unknown:
                return ""  # `require_own_schema` reports it
            crossed = flask_rewind.upgrade().crossings
        except DatabaseUnreachable as error:
            raise DatabaseDown(error.message, _remedy(app)) from error
        return f"The database was brought to revision {crossed[-1].revision}." if crossed else ""


def require_own_schema(app: Flask) -> None:
    """Raise `SchemaDiffers`, with the command to type, if the database does not have this code's schema.

    Raises:
        DatabaseDown: if the database does not answer.
    """
    with app.app_context():
        if _is_at_head():
            return
        try:
            (status,) = flask_rewind.status()
            if status.unknown:
                back = "; or go back to this one: qingbo rollback" if status.journal_leads_back else "."
                raise SchemaDiffers(_ahead(status.unknown[0]), f"Run that version again, or a newer one{back}")
        except (DatabaseUnreachable, SQLAlchemyError) as error:
            raise DatabaseDown(
                f"The database {db.engine.url.render_as_string()} does not answer: {_reason(error)}",
                _remedy(app),
            ) from error
    if status.unfinished:
        raise SchemaDiffers(
            f"A move of the database was interrupted: revision {status.unfinished.revision} going "
            f"{status.unfinished.direction}.",
            "Finish it: qingbo db resume; or undo it: qingbo db abort",
        )
    if status.pending:
        raise SchemaDiffers(
            f"The database is at {', '.join(status.current) or 'base'}; this version needs {', '.join(status.heads)}.",
            "Bring it there: qingbo upgrade",
        )


def _is_at_head() -> bool:
    """Return whether the schema is current and no move is unfinished. Needs no Alembic, whose import is slow."""
    try:
        with db.engine.connect() as connection:
            return schema_state(connection, MIGRATIONS) is SchemaState.AT_HEAD and not is_unfinished(connection)
    except SQLAlchemyError:
        return False


def setup_link(app: Flask, address: Address) -> str | None:
    """Return the link to create the first administrator, or None if there is one."""
    folder: DataFolder = app.extensions["qingbo_home"]
    settings: Settings = app.extensions["qingbo_settings"]
    with app.app_context():
        if has_administrator(session()):
            folder.use_setup_token()
            return None
    return f"{settings.address or address.url}/setup/{folder.make_setup_token()}"


def _remedy(app: Flask) -> str:
    folder: DataFolder = app.extensions["qingbo_home"]
    if db.engine.dialect.name == "sqlite":
        return f"If the file is damaged, put the newest of {folder.copies} in its place, or your backup."
    return "Check that the server runs, and database_url in qingbo.toml or QINGBO_DATABASE_URL."


def _ahead(revision: str) -> str:
    with db.engine.connect() as connection:
        version = writer_of(connection, revision)
    by = f"Qingbo {version}" if version else "another version of Qingbo"
    return f"The database is at revision {revision}, which {by} wrote; this is Qingbo {__version__}, which is older."


def _problem_of(address: Address) -> str:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address.host, address.port))
    except OSError as error:
        return "another program listens there" if error.errno == errno.EADDRINUSE else str(error.strerror or error)
    return ""


def _reason(error: Exception) -> str:
    return str(getattr(error, "message", None) or getattr(error, "orig", None) or error)
