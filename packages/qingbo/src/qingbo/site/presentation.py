"""Filters and globals of all templates: settings, sidebar, dates."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from flask_babel import format_date, format_datetime, format_decimal, get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.local import LocalProxy

from qingbo.addresses import absolute_url, site_url
from qingbo.clock import now
from qingbo.extensions import session
from qingbo.guards import carries_token, most_upload_bytes
from qingbo.languages import LANGUAGES, TAGS, page_language
from qingbo.page_cache.fragments import keep
from qingbo.page_cache.marking import changes_at
from qingbo.posts.addresses import address_of
from qingbo.posts.queries import has_several_authors
from qingbo.posts.states import shown_state
from qingbo.posts.titles import title_of
from qingbo.rendering.languages import NAMES, language_of
from qingbo.rendering.margins import contents_list
from qingbo.site.branding import prepare_branding
from qingbo.site.head import prepare_head
from qingbo.site.keep_tag import KeepTag
from qingbo.site.menu import current_entry, menu
from qingbo.site.sidebar import sidebar_tags
from qingbo.site.static_files import prepare_static_files
from qingbo.site.stylesheets import stylesheet
from qingbo.site.template_bytecode import TemplateBytecode
from qingbo.site_settings import current_settings

MINUTE, HOUR, DAY, WEEK = 60, 3600, 24 * 3600, 7 * 24 * 3600

TONES = 6
"""How many colours there are for pictures that are drawn from a name."""


def prepare_templates(app: Flask) -> None:
    """Add the filters and globals that all templates share."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(KeepTag)
    app.jinja_env.bytecode_cache = TemplateBytecode(Path(app.root_path) / "templates")
    app.add_template_filter(_day, "day")
    app.add_template_filter(_period, "period")
    app.add_template_filter(_moment, "moment")
    app.add_template_filter(_ago, "ago")
    app.add_template_filter(_machine_time, "machine_time")
    asset = prepare_static_files(app)
    app.add_template_global(stylesheet, "stylesheet")
    prepare_branding(app, asset)
    prepare_head(app, asset)
    app.add_template_global(absolute_url, "absolute_url")
    app.add_template_global(site_url, "site_url")
    app.add_template_global(_field_attributes, "field_attributes")
    app.add_template_global(lang_attribute, "lang_attr")
    app.add_template_global(title_of, "title_of")
    app.add_template_global(lambda tag: NAMES.get(tag, tag), "language_name")
    app.add_template_global(contents_list, "contents_list")
    app.add_template_global(address_of, "address_of")
    app.add_template_global(shown_state, "state_of")
    app.add_template_global(menu, "menu")
    app.add_template_global(current_entry, "current_menu_entry")
    app.add_template_global(sidebar_tags, "sidebar_tags")
    app.add_template_global(_has_several_authors, "has_several_authors")
    app.add_template_global(_token, "token")
    # The same as `import` in a template, but without comparing all globals each time.
    app.add_template_global(lambda name: app.jinja_env.get_template(name).module, "macros")
    app.add_template_global(_own_address, "own_address")
    app.add_template_filter(_tone, "tone")
    app.add_template_filter(format_decimal, "number")
    app.add_template_filter(_bytes, "bytes")
    app.add_template_global(lambda: most_upload_bytes() // 1024**2, "most_upload_megabytes")
    # Globals are available in macros without the context of the importing page: Jinja makes such a module only once.
    app.jinja_env.globals.update({
        "site": LocalProxy(current_settings),
        "language": LocalProxy(_language),
        "chosen": LocalProxy(page_language),
        "current_user": current_user,
        "languages": LANGUAGES,
    })  # fmt: skip


def rendered(template: str, **values: Any) -> str:
    """Render a template. Faster than Flask's `render_template`, because all of its values are globals here."""
    values |= {"site": current_settings(), "language": _language()}
    return current_app.jinja_env.get_template(template).render(values)


def _token() -> Markup:
    """Return the hidden field with a form's CSRF token, if it needs one."""
    if not carries_token():
        return Markup("")
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _has_several_authors() -> bool:
    """Return whether pages show who wrote a post."""
    return keep("several authors", lambda: has_several_authors(session()))


def _language() -> str:
    return TAGS["zh" if str(get_locale()).startswith("zh") else "en"]


def lang_attribute(text: str | None, language: str | None = None) -> Markup:
    """Return ``lang`` for an element in another language than the page's: as given, or detected from its script."""
    tag = language or language_of(text or "")
    return Markup("") if not tag or tag == _language() else Markup(' lang="{}"').format(tag)


def _tone(name: str) -> int:
    return hashlib.sha256(name.encode()).digest()[0] % TONES


def _own_address() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def _day(moment: datetime) -> str:
    return str(format_date(moment, "long"))


def _period(start: datetime, pattern: str) -> str:
    return str(format_date(start, pattern))


def _moment(moment: datetime) -> str:
    return str(format_datetime(moment, "y年M月d日 HH:mm" if _language() == "zh-Hans" else "MMMM d, y, HH:mm"))


def _ago(moment: datetime) -> str:
    """Return how long ago a time in the last week was; for other times, return the day."""
    seconds = (now() - moment).total_seconds()
    if not 0 <= seconds < WEEK:
        return _day(moment)
    unit = next(each for each in (DAY, HOUR, MINUTE, 1) if seconds >= each or each == 1)
    count = int(seconds // unit)
    changes_at(moment + timedelta(seconds=MINUTE if unit == 1 else (count + 1) * unit))
    match unit:
        case 1:
            return str(_("just now"))
        case 60:
            return str(ngettext("%(num)s minute ago", "%(num)s minutes ago", count))
        case 3600:
            return str(ngettext("%(num)s hour ago", "%(num)s hours ago", count))
        case _:
            return str(ngettext("%(num)s day ago", "%(num)s days ago", count))


def _bytes(size: int) -> str:
    megabytes = size / 1024**2
    return f"{format_decimal(round(megabytes, 1))} MB" if megabytes >= 1 else f"{max(1, round(size / 1024))} kB"


def _machine_time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _field_attributes(field: Any, hint: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of an input, including references to its hint and its error."""
    described = [f"{field.id}-{what}" for what, there in (("hint", hint), ("error", field.errors)) if there]
    spoken: dict[str, Any] = {"aria-describedby": " ".join(described)} if described else {}
    return attributes | spoken | ({"aria-invalid": "true"} if field.errors else {})
