"""Cards that wait, put into the queue again: those that are to be tried once more, and those that a kill left."""

from flask import Flask

from qingbo.background import background_of
from qingbo.cards.asking import TASK
from qingbo.cards.queries import waiting
from qingbo.extensions import db
from qingbo.site_settings import current_settings

PAGE = 500


def sweep_cards(app: Flask) -> None:
    """Put the cards that are to be fetched now into the queue; none where the studio has turned it off."""
    with app.app_context():
        if not current_settings().link_previews:
            return
        last = 0
        while page := waiting(db.session(), PAGE, last):
            db.session.rollback()
            for number in page:
                background_of(app).put(TASK, number)
            last = page[-1]
