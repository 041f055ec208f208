"""Adds the raw-data panel to the app at its first request.

It is rarely used, and because of its tables it has twice as many routes as the rest of the app.
"""

import threading
from typing import Any

from flask import Flask, abort, request

from qingbo.config import Settings

URL = "/studio/data/"
INDEX = "raw_data.index"
LATER = "raw_data_later"


def prepare_panel(app: Flask, settings: Settings) -> None:
    """Add the panel's address to the app; the panel itself is created when it is requested."""
    panel = _Panel(app, settings)
    app.add_url_rule(URL, INDEX, panel.answer)
    app.add_url_rule(f"{URL}<path:place>", LATER, panel.answer, methods=["GET", "POST"])


class _Panel:
    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._lock = threading.Lock()
        self._is_there = False

    def answer(self, **place: str) -> Any:
        """Create the panel if needed, and answer the first request to it, or 404."""
        with self._lock:
            if not self._is_there:
                self._join()
                self._is_there = True
        rule, values = self._app.create_url_adapter(request).match(return_rule=True)  # type: ignore[union-attr]
        if rule.endpoint == LATER:
            abort(404)
        request.url_rule, request.view_args = rule, dict(values)
        return self._app.view_functions[rule.endpoint](**values)

    def _join(self) -> None:
        """Copy the routes of an app with only the panel: Flask refuses to register any after the first request."""
        from qingbo.studio.raw_data import app_with_panel

        panel = app_with_panel(self._settings)
        self._app.blueprints.update(panel.blueprints)
        self._app.view_functions.update(panel.view_functions)
        for rule in panel.url_map.iter_rules():
            if rule.endpoint != INDEX:
                self._app.url_map.add(rule.empty())
