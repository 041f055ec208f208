"""`create_app`: the table of contents."""

from datetime import timedelta
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from qingbo import extensions
from qingbo.accounts import views as accounts
from qingbo.accounts.security import prepare_accounts
from qingbo.accounts.throttling import send_device
from qingbo.appearance.preview import prepare_preview
from qingbo.appearance.themes import state_of_themes
from qingbo.background import prepare_background
from qingbo.cards import models as _cards  # noqa: F401 - its table is part of the schema
from qingbo.comments import views as comments
from qingbo.config import Settings, cookie_name, read_settings
from qingbo.database import (
    DERIVED_TABLES,
    FTS5_TABLES,
    TABLES_OF_A_DAY,
    is_compared,
    prepare_sqlite,
    rendered_type,
)
from qingbo.exports import views as _exports  # noqa: F401 - adds its views to those of accounts
from qingbo.feeds import views as feeds
from qingbo.forwarding import ForwardingNotice
from qingbo.guards import MAX_BODY_BYTES, HostGuard, guard
from qingbo.home import DataFolder
from qingbo.imports import models as _imported_files  # noqa: F401 - its table is part of the schema
from qingbo.languages import COOKIE as LANGUAGE_COOKIE
from qingbo.languages import LANGUAGES, page_locale, page_timezone
from qingbo.leaving import views as _leaving  # noqa: F401 - adds its views to those of accounts
from qingbo.measuring import prepare_metrics
from qingbo.media import models as _media  # noqa: F401 - its tables are part of the schema
from qingbo.media.place import prepare_storage
from qingbo.page_cache import changes as _changes  # noqa: F401 - its table is part of the schema
from qingbo.page_cache.requests import UNSTORED
from qingbo.pageviews import views as pageviews
from qingbo.pageviews.counting import prepare_counting
from qingbo.posts import assistance as _assistance  # noqa: F401 - adds its views to those of posts
from qingbo.posts import version_views as _version_views  # noqa: F401 - adds its views to those of posts
from qingbo.posts import views as posts
from qingbo.posts.queries import next_scheduled
from qingbo.public_pages import Blog
from qingbo.releases import record_release
from qingbo.shared_limits import prepare_limits
from qingbo.site import archive as _archive  # noqa: F401 - adds its views to those of the site
from qingbo.site import health, machines, media, metrics, redirects, sitemap, stylesheets
from qingbo.site import pages as _pages  # noqa: F401 - adds its view to those of the site
from qingbo.site import search as _search  # noqa: F401 - adds its view to those of the site
from qingbo.site import series as _series  # noqa: F401 - adds its view to those of the site
from qingbo.site import views as site
from qingbo.site.error_pages import show_errors
from qingbo.site.presentation import prepare_templates
from qingbo.studio import appearance as _appearance  # noqa: F401 - adds its views to those of the studio
from qingbo.studio import imports as _studio_imports  # noqa: F401 - adds its view to those of the studio
from qingbo.studio import media as _studio_media  # noqa: F401 - adds its views to those of the studio
from qingbo.studio import menu as _studio_menu  # noqa: F401 - adds its views to those of the studio
from qingbo.studio import posts as _studio_posts  # noqa: F401 - adds its views to those of the studio
from qingbo.studio import series as _studio_series  # noqa: F401 - adds its views to those of the studio
from qingbo.studio import statistics as _studio_statistics  # noqa: F401 - adds its view to those of the studio
from qingbo.studio import tags as _studio_tags  # noqa: F401 - adds its views to those of the studio
from qingbo.studio import views as studio
from qingbo.studio.panel import prepare_panel
from qingbo.sub_path import AddressesBelow, SubPath

BLUEPRINTS = (
    site.bp, posts.bp, comments.bp, accounts.bp, studio.bp, feeds.bp, redirects.bp, health.bp, media.bp, stylesheets.bp,
    metrics.bp, pageviews.bp, machines.bp, sitemap.bp,
)  # fmt: skip


CONNECTIONS = 16
"""Pool size: one for each request that is answered at the same time. As many may be added, because storing a
rendering uses a second one."""


def create_app(home: str | Path | None = None) -> Flask:
    """Make the app of the blog in a data folder.

    Args:
        home: the folder; by default ``QINGBO_HOME``, else ``qingbo-data`` under the current folder.

    Raises:
            NoBlogHere: if the folder has no blog.
            BadSettings: if a setting is unknown or invalid.
    """
    folder = DataFolder.find(home).require()
    settings = read_settings(folder.path)
    # A relative SQLite path is relative to the data folder.
    app = Blog("qingbo", instance_path=str(folder.path))
    guard(app)  # first, so that it runs before an extension asks the database who is signed in
    _configure(app, folder, settings)
    prepare_background(app, folder, settings)
    prepare_storage(app, folder, settings)
    prepare_counting(app)
    prepare_metrics(settings)
    _bind_extensions(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    prepare_panel(app, settings)
    redirects.redirect_slashes(app)
    redirects.redirect_old_addresses(app)
    show_errors(app)
    prepare_templates(app)
    prepare_preview(app)
    _wrap(app, folder, settings)
    return app


def _configure(app: Flask, folder: DataFolder, settings: Settings) -> None:
    app.extensions["qingbo_home"] = folder
    app.extensions["qingbo_settings"] = settings
    is_https = bool(settings.address and settings.address.startswith("https://"))
    app.config.update(
        SECRET_KEY=folder.secret_key(),
        SQLALCHEMY_DATABASE_URI=settings.database_url or f"sqlite:///{folder.database}",
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        REWIND_SQLITE_COPIES_DIRECTORY=str(folder.copies),
        REWIND_DERIVED=[*DERIVED_TABLES, *FTS5_TABLES, *TABLES_OF_A_DAY],
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        APPLICATION_ROOT=settings.path or "/",
        SESSION_COOKIE_NAME=cookie_name("qingbo_session", settings),
        SESSION_COOKIE_PATH=settings.path or "/",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        WTF_CSRF_CHECK_DEFAULT=False,  # `guards` checks it, for people who are signed in
        WTF_CSRF_TIME_LIMIT=None,  # valid as long as the session: writing a post may take a day
        BABEL_DEFAULT_LOCALE=settings.language,
    )


def _engine_options(settings: Settings) -> dict[str, object]:
    options: dict[str, object] = {"pool_size": CONNECTIONS, "max_overflow": CONNECTIONS}
    if settings.database_url and not settings.database_url.startswith("sqlite"):
        # A server may close an idle connection. And a transaction has to see what others have committed since it began,
        # for example a tag with the same name; MariaDB's default isolation level hides that.
        options |= {"pool_pre_ping": True, "isolation_level": "READ COMMITTED"}
    return options


def _bind_extensions(app: Flask, settings: Settings) -> None:
    extensions.db.init_app(app)
    with app.app_context():
        prepare_sqlite(extensions.db.engine)
    extensions.rewind.init_app(
        app, on_version_apply=record_release, render_item=rendered_type, include_object=is_compared
    )
    extensions.babel.init_app(app, locale_selector=page_locale, timezone_selector=page_timezone)
    extensions.csrf.init_app(app)
    prepare_limits(app, settings)
    extensions.limiter.init_app(app)
    prepare_accounts(app, settings, str(app.secret_key))
    app.after_request(send_device)


def _wrap(app: Blog, folder: DataFolder, settings: Settings) -> None:
    """Wrap the app in the layers that a request passes before Flask: proxy headers, path, host check, page cache."""
    if settings.path:
        app.wsgi_app = AddressesBelow(app.wsgi_app, settings.path)  # type: ignore[method-assign]
    app.keep_pages(
        settings, tuple(LANGUAGES), LANGUAGE_COOKIE,
        next_scheduled=lambda: next_scheduled(extensions.session()), files=lambda: state_of_themes(folder),
    )  # fmt: skip
    app.wsgi_app = HostGuard(app.wsgi_app)  # type: ignore[method-assign]
    if settings.path:
        app.wsgi_app = SubPath(app.wsgi_app, settings.path, UNSTORED)  # type: ignore[method-assign]
    if count := settings.trusted_proxies:
        prefix = count if settings.path else 0
        fixed = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_prefix=prefix)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    else:
        app.wsgi_app = ForwardingNotice(app.wsgi_app, folder)  # type: ignore[method-assign]
