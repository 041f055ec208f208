"""What templates know besides what views give them: settings, the sidebar, dates."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app, has_request_context, url_for
from flask_babel import format_date, format_datetime, get_locale

from qingbo.config import Settings


def prepare_templates(app: Flask, settings: Settings) -> None:
    """Add the filters and values that all templates share."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_template_filter(_day, "day")
    app.add_template_filter(_period, "period")
    app.add_template_filter(_moment, "moment")
    app.add_template_filter(_machine_time, "machine_time")
    versions = _versions(Path(str(app.static_folder)))

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=versions[name])

    def absolute(endpoint: str, **values: Any) -> str:
        if settings.address:
            return settings.address + url_for(endpoint, **values)
        return url_for(endpoint, _external=True, **values)

    app.add_template_global(asset, "asset")
    app.add_template_global(absolute, "absolute_url")
    app.add_template_global(_field_attributes, "field_attributes")
    app.context_processor(lambda: {"site": settings, "language": _language()})


def site_language() -> str:
    """Return the language of the site's pages; the command line, which answers no request, speaks English."""
    settings: Settings = current_app.extensions["qingbo_settings"]
    return settings.language if has_request_context() else "en"


def _language() -> str:
    return "zh-Hans" if str(get_locale()).startswith("zh") else "en"


def _day(moment: datetime) -> str:
    return str(format_date(moment, "long"))


def _period(start: datetime, pattern: str) -> str:
    return str(format_date(start, pattern))


def _moment(moment: datetime) -> str:
    return str(format_datetime(moment, "medium"))


def _machine_time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _field_attributes(field: Any, hint: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of an input, with those that tie its hint and its error to it."""
    described = [f"{field.id}-{what}" for what, there in (("hint", hint), ("error", field.errors)) if there]
    spoken: dict[str, Any] = {"aria-describedby": " ".join(described)} if described else {}
    return attributes | spoken | ({"aria-invalid": "true"} if field.errors else {})


def _versions(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10] for path in files}
