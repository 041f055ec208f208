"""Previews of a new look: each administrator may have a draft, which applies only to their own requests."""

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
"""Key in the browser's session: the account whose draft to show. It is checked again at each request."""


def prepare_preview(app: Flask) -> None:
    """Apply the draft to the requests of an administrator who previews it."""
    app.before_request(_go_by_draft)
    app.add_template_global(is_preview, "is_preview")


def is_preview() -> bool:
    """Return whether this request shows a draft."""
    return g.get("previewed_settings") is not None


def draft_of(session: Session, user_id: int) -> dict[str, Any] | None:
    """Return the draft of an account, or None."""
    value = session.scalar(select(SiteSetting.value).where(SiteSetting.name == _name(user_id)))
    kept: dict[str, Any] | None = json.loads(value) if value else None
    return kept


def keep_draft(session: Session, user_id: int, values: Mapping[str, Any]) -> None:
    """Store the draft of an account in place of its old one. The caller commits, then calls `show_draft`."""
    discard_draft(session, user_id)
    kept = {name: values[name] for name in NAMES if name in values}
    session.execute(insert(SiteSetting).values(name=_name(user_id), value=json.dumps(kept)))


def discard_draft(session: Session, user_id: int) -> None:
    """Delete the draft of an account. The caller commits."""
    session.execute(delete(SiteSetting).where(SiteSetting.name == _name(user_id)))


def show_draft(user_id: int) -> None:
    """Show the draft in this browser from the next request on, as long as it exists."""
    browser_session[_FLAG] = user_id


def hide_draft() -> None:
    """Show the public look from the next request on."""
    browser_session.pop(_FLAG, None)


def _go_by_draft() -> None:
    if request.endpoint in FOR_EVERYBODY or _FLAG not in browser_session:
        return
    user = current_user
    if not (user.is_authenticated and user.is_administrator and browser_session[_FLAG] == user.id):
        return
    draft = draft_of(session(), user.id)
    if draft is None:  # saved or discarded in another browser
        hide_draft()
        return
    try:
        preview_settings(draft)
    except ValidationError:  # stored by another release
        hide_draft()


def _name(user_id: int) -> str:
    return f"{DRAFTS}{user_id}"
