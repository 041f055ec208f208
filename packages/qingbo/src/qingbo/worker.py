"""A process that serves the blog: its app, and its background threads."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from flask import Flask
from sqlalchemy import Engine, QueuePool

from qingbo.app import create_app
from qingbo.doctor import make_private
from qingbo.extensions import db
from qingbo.mail.delivery import deliver_in_background
from qingbo.measuring import measure
from qingbo.memory import limit_arenas
from qingbo.page_cache.layer import PageLayer
from qingbo.pageviews.counting import count_in_background, gathering_of
from qingbo.parent import end_with_parent
from qingbo.public_pages import FRAGMENTS, LAYER
from qingbo.tasks import work_in_background

log = logging.getLogger(__name__)

WORK_AFTER_SECONDS = 2


def start(check: Callable[[Flask], None] | None = None) -> Flask:
    """Return the app, with mail, jobs and counting running in the background.

    Args:
        check: called before anything is started; raises if the app cannot serve.
    """
    end_with_parent()
    limit_arenas()
    app = create_app()
    if check:
        check(app)
    for finding in make_private(app):
        log.warning("%s: %s. %s", finding.subject, finding.message, finding.remedy)
    app.extensions[FRAGMENTS].freshness.watch_closely()
    deliver_in_background(app)
    count_in_background(app)
    if app.extensions["qingbo_settings"].metrics_token:
        with app.app_context():
            measure(app, partial(_numbers, app, db.engine))
    threading.Thread(target=_begin_work, args=[app], name="begin", daemon=True).start()
    return app


def _begin_work(app: Flask) -> None:
    """Start the work that can wait until the first pages are served: it imports much, and threads share one core."""
    time.sleep(WORK_AFTER_SECONDS)
    work_in_background(app)


def _numbers(app: Flask, engine: Engine) -> dict[str, float]:
    layer: PageLayer | None = app.extensions.get(LAYER)
    pool = engine.pool
    return {
        "qingbo_stored_page_hits": layer.hits if layer else 0,
        "qingbo_stored_page_misses": layer.misses if layer else 0,
        "qingbo_stored_page_bytes": layer.store.size if layer else 0,
        "qingbo_views_waiting": gathering_of(app).waiting,
        "qingbo_database_connections": pool.checkedout() if isinstance(pool, QueuePool) else 0,
    }
