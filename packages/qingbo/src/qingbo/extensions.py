"""The extensions, not bound to an app: `create_app` binds them, any module may import them."""

from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from flask import request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_rewind import Rewind
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as DatabaseSession
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session

from qingbo.database import Base, say_writing

MIGRATIONS = Path(__file__).parent / "migrations"


class BlogSession(DatabaseSession):
    """The session class of blogs. Event listeners on it are not called for other apps' sessions."""


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"class_": BlogSession})
rewind = Rewind(db=db, directory=str(MIGRATIONS))
babel = Babel()
csrf = CSRFProtect()


def client_address() -> str:
    """Return the client's IP address as reported by trusted proxies; for IPv6 its /64 network: one per household."""
    said = request.remote_addr or "unknown"
    try:
        address = ip_address(said)
    except ValueError:
        return said[:64]
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


limiter = Limiter(client_address, headers_enabled=False)


def session() -> Session:
    """Return the session of this request or command."""
    current: Any = db.session
    found: Session = current()
    return found


def new_session() -> Session:
    """Return another session, with its own transaction; the caller closes it."""
    made: Session = db.session.session_factory()
    return made


def commit_last() -> None:
    """Commit for the last time in this request, and keep the loaded objects usable.

    If they expired, reloading the signed-in account would begin a transaction, which on SQLite waits for its turn to
    write.
    """
    session().expire_on_commit = False  # only of this session, which ends with the request
    session().commit()


def pause_writing() -> None:
    """End a transaction that has only read, so that on SQLite others can write during slow work.

    Later reads begin a new transaction. The session's objects are loaded again when they are used.
    """
    session().rollback()


def stop_writing() -> None:
    """Write nothing in the rest of this request: roll back, and do not wait for a turn to write again."""
    pause_writing()
    say_writing(False)
