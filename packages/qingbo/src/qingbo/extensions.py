"""The extensions, unbound: `create_app` binds them, anything may import them."""

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
    """The sessions of blogs: what listens to them hears of no other app's."""


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"class_": BlogSession})
rewind = Rewind(db=db, directory=str(MIGRATIONS))
babel = Babel()
csrf = CSRFProtect()


def client_address() -> str:
    """Return who asks, as the trusted proxies say. Of IPv6 it is the network: each household has one of them."""
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
    """Return a session beside that of the request, with a transaction of its own; the caller closes it."""
    made: Session = db.session.session_factory()
    return made


def commit_last() -> None:
    """Commit, for the last time in this request: what was read stays as it was, and nothing is read again for it.

    A transaction that reads who is signed in would wait, on SQLite, for another turn to write.
    """
    session().expire_on_commit = False  # of this session, which ends with the request
    session().commit()


def pause_writing() -> None:
    """End the transaction, which has only read: on SQLite, others can write while something here takes its time.

    What is read after that begins another one. Objects of the session are read again when they are used.
    """
    session().rollback()


def stop_writing() -> None:
    """Write nothing in the rest of this request: what was not committed is taken back, and nobody waits for it."""
    pause_writing()
    say_writing(False)
