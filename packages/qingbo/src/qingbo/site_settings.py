"""The current settings: those of the file and the environment, and those changed in the studio.

Settings in the environment or in ``qingbo.toml`` are fixed. The others can be changed in the studio, which stores them
in the database for all processes of the blog.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, g, has_app_context
from pydantic import ValidationError
from sqlalchemy import and_, delete, insert, select
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
"""Prefix of the names of rows with drafts of the look; they are not read together with the settings."""

LAST_IMPORT = "last_import"
"""Name of the row with the report of the last import, which is not read together with the settings either."""

log = logging.getLogger(__name__)


class SiteSetting(Base):
    """A setting that was changed in the studio."""

    __tablename__ = "site_settings"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    name: Mapped[str] = mapped_column(key_type(64), primary_key=True)
    value: Mapped[str] = mapped_column(long_text())
    """JSON."""


def given_settings() -> Settings:
    """Return the settings of the environment and the file only."""
    settings: Settings = current_app.extensions["qingbo_settings"]
    return settings


def current_settings() -> Settings:
    """Return the settings for this request: the saved ones, or those that its administrator previews."""
    shown: Settings | None = g.get("previewed_settings") if has_app_context() else None
    return shown or saved_settings()


def current_zone() -> ZoneInfo:
    """Return the time zone of the blog."""
    return ZoneInfo(current_settings().timezone)


def saved_settings() -> Settings:
    """Return the saved settings, read once per request or command."""
    if "site_settings" not in g:
        g.site_settings, g.site_values = keep("settings", _read)
    settings: Settings = g.site_settings
    return settings


def preview_settings(values: Mapping[str, Any]) -> None:
    """Use other settings for the rest of this request, without saving them.

    Raises:
        ValidationError: if a value is invalid.
    """
    wanted = {name: values[name] for name in changeable_settings() if name in values}
    g.previewed_settings = Settings.model_validate(saved_settings().model_dump() | wanted)


def stored_value(name: str) -> str | None:
    """Return the value of a row in the table of settings, as of the time when they were read."""
    saved_settings()
    values: dict[str, str] = g.get("site_values", {})
    return values.get(name)


def use_given_settings() -> None:
    """Use the settings of the environment and the file for the rest of this request, and make no queries for pages."""
    g.site_settings = given_settings()
    g.pop("previewed_settings", None)
    g.without_database = True
    keep_nothing()


def is_without_database() -> bool:
    """Return whether the rest of this request must make no queries."""
    return bool(g.get("without_database"))


def changeable_settings() -> list[str]:
    """Return the names of the settings that the studio may change."""
    fixed = given_settings().model_fields_set
    return [name for name in CHANGEABLE if name not in fixed]


def change_settings(session: Session, values: Mapping[str, Any]) -> list[str]:
    """Store changed settings and return the names of those that differ from before. Flushes.

    Raises:
        ValidationError: if a value is invalid; nothing is changed.
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
    """Return the settings, and the values of all rows of the table except drafts and reports."""
    given = given_settings()
    statement = select(SiteSetting.name, SiteSetting.value)
    is_setting = and_(~SiteSetting.name.startswith(DRAFTS, autoescape=True), SiteSetting.name != LAST_IMPORT)
    rows = session().execute(statement.where(is_setting)).all()
    values = {row.name: row.value for row in rows}
    allowed = changeable_settings()
    try:
        stored = {name: json.loads(value) for name, value in rows if name in allowed}
        return _with(given, stored), values
    except ValueError:  # includes pydantic's errors
        log.exception("The settings of the studio are not this version's; those of the file hold.")
        return given, values


def _with(given: Settings, stored: dict[str, Any]) -> Settings:
    """Return the settings with those of the studio, without values that are invalid in this release."""
    values = given.model_dump(exclude_unset=True)
    try:
        return Settings.model_validate(values | stored) if stored else given
    except ValidationError as error:
        refused = {str(problem["loc"][0]) for problem in error.errors()}
        log.warning("This version does not take these settings of the studio: %s", ", ".join(sorted(refused)))
        return Settings.model_validate(values | {name: stored[name] for name in stored.keys() - refused})
