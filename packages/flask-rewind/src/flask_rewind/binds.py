"""The databases of an app with several, for env.py and the scripts of the multidb templates."""

from typing import Any

from flask import current_app

from flask_rewind.state import current_state


def bind_names() -> list[str]:
    """Return the bind keys of the app in order, without the default one."""
    configured = current_app.config.get("SQLALCHEMY_BINDS")
    if configured is not None:
        return [key for key in configured if key]
    return list(getattr(current_state().db, "bind_names", None) or ())


def engine_for(name: str) -> Any:
    """Return the engine of a bind key; the empty key is the default database."""
    db = current_state().db
    if hasattr(db, "engines"):
        return db.engines[name or None]
    return db.get_engine(bind=name or None)


def metadata_for(name: str) -> Any:
    """Return the metadata of a bind key."""
    db = current_state().db
    return db.metadatas[name or None] if hasattr(db, "metadatas") else db.metadata
