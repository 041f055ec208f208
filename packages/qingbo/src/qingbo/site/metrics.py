"""Metrics for Prometheus, protected by the token in the settings."""

import hmac
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from qingbo.background import background_of
from qingbo.config import Settings
from qingbo.extensions import db
from qingbo.mail.models import OutgoingMail
from qingbo.measuring import collected

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

log = logging.getLogger(__name__)

bp = Blueprint("metrics", __name__)


@bp.get("/metrics")
def show_metrics() -> Response:
    """Answer with the metrics; 404 without a token in the settings, 401 without it in the request."""
    settings: Settings = current_app.extensions["qingbo_settings"]
    if settings.metrics_token is None:
        abort(404)
    if not _has_token(settings.metrics_token.get_secret_value()):
        return Response("", 401, {"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"})
    answer = Response(collected(current_app, _waiting()), content_type="text/plain; version=0.0.4; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _has_token(token: str) -> bool:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def _waiting() -> Iterator["Metric"]:
    """Yield the numbers of waiting mails and jobs, unless the database or the queue does not answer."""
    from prometheus_client.metrics_core import GaugeMetricFamily

    try:
        with db.engine.connect() as connection:
            mails = connection.execute(select(func.count()).select_from(OutgoingMail)).scalar_one()
        yield GaugeMetricFamily("qingbo_outbox_mails", "Mails that were not sent yet.", mails)
    except SQLAlchemyError:
        log.warning("The database does not answer.", exc_info=True)
    try:
        jobs = background_of(current_app).waiting
        yield GaugeMetricFamily("qingbo_jobs_waiting", "Jobs in the queue of this machine, or in Redis.", jobs)
    except Exception:
        log.warning("The queue of jobs does not answer.", exc_info=True)
