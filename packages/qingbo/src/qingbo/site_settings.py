"""The settings that hold right now: those of the file and the environment, then what the studio changed.

A setting given in the environment or in ``qingbo.toml`` stays as it is there; the others can be changed in the studio
and are kept in the database, for all processes of the blog.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, g, has_app_context
from pydantic import ValidationError
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from qingbo.config import Settings
from qingbo.database import UNNUMBERED_TABLE_OPTIONS, Base, key_type, long_text
from qingbo.extensions import session
from qingbo.page_cache.fragments import keep, keep_nothing

CHANGEABLE = (
    "title", "description", "language", "timezone", "posts_per_page", "typographic_quotes", "link_previews", "menu",
    "view_counts",
    "feed_content", "ai_crawlers", "owner_links",
    "registration", "registration_role",
    "guest_comments", "comment_hold", "comment_links", "comment_words", "comment_challenge",
    "theme", "accent", "custom_css", "logo", "cover", "favicon", "home_layout", "footer_text",
)  # fmt: skip

DRAFTS = "appearance_draft_"
"""How the names of rows begin that hold what an administrator tries out; pages do not read them with the settings."""

log = logging.getLogger(__name__)


class SiteSetting(Base):
    """A setting as the studio changed it."""

    __tablename__ = "site_settings"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    name: Mapped[str] = mapped_column(key_type(64), primary_key=True)
    value: Mapped[str] = mapped_column(long_text())
    """JSON."""


def given_settings() -> Settings:
    """Return the settings of the environment and the file alone."""
    settings: Settings = current_app.extensions["qingbo_settings"]
    return settings


def current_settings() -> Settings:
    """Return the settings that this request goes by: those that hold, or those that its administrator tries out."""
    shown: Settings | None = g.get("previewed_settings") if has_app_context() else None
    return shown or saved_settings()


def current_zone() -> ZoneInfo:
    """Return the time zone of the blog."""
    return ZoneInfo(current_settings().timezone)


def saved_settings() -> Settings:
    """Return the settings that hold for everybody, read once for a request or command."""
    if "site_settings" not in g:
        g.site_settings, g.site_values = keep("settings", _read)
    settings: Settings = g.site_settings
    return settings


def preview_settings(values: Mapping[str, Any]) -> None:
    """Go by other settings in the rest of this request, and change none.

    Raises:
        ValidationError: for values that cannot be.
    """
    wanted = {name: values[name] for name in changeable_settings() if name in values}
    g.previewed_settings = Settings.model_validate(saved_settings().model_dump() | wanted)


def stored_value(name: str) -> str | None:
    """Return the value of a row, of a setting or of something else that is kept with them, as it was read."""
    saved_settings()
    values: dict[str, str] = g.get("site_values", {})
    return values.get(name)


def use_given_settings() -> None:
    """Make the rest of a request with the settings of the environment and the file, without asking the database."""
    g.site_settings = given_settings()
    g.pop("previewed_settings", None)
    g.without_database = True
    keep_nothing()


def is_without_database() -> bool:
    """Return whether the database is not to be asked for anything in the rest of this request."""
    return bool(g.get("without_database"))


def changeable_settings() -> list[str]:
    """Return the names of the settings that the studio may change here."""
    fixed = given_settings().model_fields_set
    return [name for name in CHANGEABLE if name not in fixed]


def change_settings(session: Session, values: Mapping[str, Any]) -> list[str]:
    """Keep changed settings and return the names of those that are other than before. Flushes.

    Raises:
        ValidationError: for values that cannot be; nothing is changed.
    """
    before = saved_settings()
    wanted = {name: values[name] for name in changeable_settings() if name in values}
    after = Settings.model_validate(before.model_dump() | wanted)
    changed = [name for name in wanted if getattr(before, name) != getattr(after, name)]
    if changed:
        session.execute(delete(SiteSetting).where(SiteSetting.name.in_(changed)))
        stored = after.model_dump(mode="json", include=set(changed))
        rows = [{"name": name, "value": json.dumps(stored[name])} for name in changed]
        session.execute(insert(SiteSetting), rows)
        g.site_settings = after
    return changed


def _read() -> tuple[Settings, dict[str, str]]:
    """Return the settings, and the values of all rows that are kept with them."""
    given = given_settings()
    statement = select(SiteSetting.name, SiteSetting.value)
    rows = session().execute(statement.where(~SiteSetting.name.startswith(DRAFTS, autoescape=True))).all()
    values = {row.name: row.value for row in rows}
    allowed = changeable_settings()
    try:
        stored = {name: json.loads(value) for name, value in rows if name in allowed}
        return _with(given, stored), values
    except ValueError:  # pydantic's are of this kind, too
        log.exception("The settings of the studio are not this version's; those of the file hold.")
        return given, values


def _with(given: Settings, stored: dict[str, Any]) -> Settings:
    """Return the settings with those of the studio. One that this version refuses takes no other with it."""
    values = given.model_dump(exclude_unset=True)
    try:
        return Settings.model_validate(values | stored) if stored else given
    except ValidationError as error:
        refused = {str(problem["loc"][0]) for problem in error.errors()}
        log.warning("This version does not take these settings of the studio: %s", ", ".join(sorted(refused)))
        return Settings.model_validate(values | {name: stored[name] for name in stored.keys() - refused})
