"""Looks that administrators try out: a draft for each account, which only its requests go by."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Flask, g, request
from flask import session as browser_session
from flask_login import current_user
from pydantic import ValidationError
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from qingbo.appearance import NAMES
from qingbo.extensions import session
from qingbo.guards import FOR_EVERYBODY
from qingbo.site_settings import DRAFTS, SiteSetting, preview_settings

_FLAG = "appearance_preview"
"""In the session of the browser: whose draft it shows. It is looked at again with every request."""


def prepare_preview(app: Flask) -> None:
    """Have the requests of administrators who try a look out go by it."""
    app.before_request(_go_by_draft)
    app.add_template_global(is_preview, "is_preview")


def is_preview() -> bool:
    """Return whether this request goes by a draft."""
    return g.get("previewed_settings") is not None


def draft_of(session: Session, user_id: int) -> dict[str, Any] | None:
    """Return the draft of an account, None where it has none."""
    value = session.scalar(select(SiteSetting.value).where(SiteSetting.name == _name(user_id)))
    kept: dict[str, Any] | None = json.loads(value) if value else None
    return kept


def keep_draft(session: Session, user_id: int, values: Mapping[str, Any]) -> None:
    """Keep the draft of an account in the place of the one before. The caller commits, then calls `show_draft`."""
    discard_draft(session, user_id)
    kept = {name: values[name] for name in NAMES if name in values}
    session.execute(insert(SiteSetting).values(name=_name(user_id), value=json.dumps(kept)))


def discard_draft(session: Session, user_id: int) -> None:
    """Forget the draft of an account. The caller commits."""
    session.execute(delete(SiteSetting).where(SiteSetting.name == _name(user_id)))


def show_draft(user_id: int) -> None:
    """Show the draft in this browser from the next request on, as long as there is one."""
    browser_session[_FLAG] = user_id


def hide_draft() -> None:
    """Show the look that everybody sees from the next request on."""
    browser_session.pop(_FLAG, None)


def _go_by_draft() -> None:
    if request.endpoint in FOR_EVERYBODY or _FLAG not in browser_session:
        return
    user = current_user
    if not (user.is_authenticated and user.is_administrator and browser_session[_FLAG] == user.id):
        return
    draft = draft_of(session(), user.id)
    if draft is None:  # saved or discarded elsewhere
        hide_draft()
        return
    try:
        preview_settings(draft)
    except ValidationError:  # kept by another version
        hide_draft()


def _name(user_id: int) -> str:
    return f"{DRAFTS}{user_id}"
