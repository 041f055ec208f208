"""The background jobs by name, and the sweep that queues waiting work."""

import logging

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from qingbo.attempts import forget_old_attempts
from qingbo.background import Job, background_of
from qingbo.backups.nightly import begin_if_due
from qingbo.cards.asking import TASK as FETCH_CARD
from qingbo.cards.fetching import fetch_card
from qingbo.cards.sweeping import sweep_cards
from qingbo.extensions import session
from qingbo.media.intake import TASK as MAKE_RENDITIONS
from qingbo.media.place import current_storage
from qingbo.media.renditions import CLAIM, finish
from qingbo.media.sweeping import sweep_media
from qingbo.reindexing import is_anything_missing, recount, reindex

log = logging.getLogger(__name__)


def work_in_background(app: Flask) -> None:
    """Start to run jobs in a thread of this process."""
    background_of(app).work(JOBS, sweep)


def sweep(app: Flask) -> None:
    """Queue the work that waits in the database. The queue is emptied first: the database has its jobs, too."""
    background_of(app).clear()
    sweep_media(app)
    sweep_cards(app)
    forget_old_attempts(app)
    index_missing(app)
    begin_if_due(app)


def make_renditions(app: Flask, number: int) -> None:
    """Make the renditions of a file."""
    with app.app_context():
        try:
            if not finish(session(), current_storage(), number):
                # The process that has reserved it may be killed, so try again when its reservation has expired.
                background_of(app).put_later(MAKE_RENDITIONS, number, CLAIM.total_seconds())
        except Exception:
            session().rollback()
            log.exception("The smaller pictures of media %s are not made; it is tried again within the hour.", number)


def index_missing(app: Flask) -> None:
    """Rebuild missing search index rows and wrong counts, for example after an upgrade or downgrade."""
    with app.app_context():
        try:
            recount(session())
            if is_anything_missing(session()):
                session().rollback()
                reindex(session(), lambda _name, count=1: None, only_missing=True)
        except SQLAlchemyError:
            session().rollback()
            log.exception("What posts are found and counted by is not complete; it is tried again within the hour.")


JOBS: dict[str, Job] = {MAKE_RENDITIONS: make_renditions, FETCH_CARD: fetch_card}
