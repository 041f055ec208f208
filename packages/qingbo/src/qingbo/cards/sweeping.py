"""Queues the cards that wait: those to be tried again, and those that a killed process left."""

from flask import Flask

from qingbo.background import background_of
from qingbo.cards.asking import TASK
from qingbo.cards.queries import waiting
from qingbo.extensions import db
from qingbo.site_settings import current_settings

PAGE = 500


def sweep_cards(app: Flask) -> None:
    """Put the cards that are due into the queue, unless link previews are off."""
    with app.app_context():
        if not current_settings().link_previews:
            return
        last = 0
        while page := waiting(db.session(), PAGE, last):
            db.session.rollback()
            for number in page:
                background_of(app).put(TASK, number)
            last = page[-1]
