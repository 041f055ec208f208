"""Notices a proxy that `trusted_proxies` does not count: then all readers have its address and share its limits."""

import json
import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

from qingbo.errors import SetupError
from qingbo.home import DataFolder, write_private

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

HEADER = "HTTP_X_FORWARDED_FOR"
NOTE_SECONDS = 3600
"""A process writes at most one note in this time."""
FORGET_SECONDS = 7 * 24 * 3600
"""A note that is older counts no more: the proxy is gone."""


class ForwardingNotice:
    """Writes a note into the data folder if a proxy forwards requests. Only for a blog that trusts no proxy.

    A proxy has a local or private address. Others that send X-Forwarded-For may be anybody, who could cause the note.
    """

    def __init__(self, wsgi_app: "WSGIApplication", folder: DataFolder) -> None:
        self._wsgi_app = wsgi_app
        self._folder = folder
        self._next = 0.0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Look at one header, then pass the request on."""
        if HEADER in environ and (now := time.monotonic()) >= self._next:
            peer = environ.get("REMOTE_ADDR", "")
            if _is_private(peer):
                self._next = now + NOTE_SECONDS
                self._note(peer)
        return self._wsgi_app(environ, start_response)

    def _note(self, peer: str) -> None:
        try:
            write_private(self._folder.forwarded, json.dumps({"peer": peer, "seen": int(time.time())}))
        except (OSError, SetupError) as error:
            log.debug("The note of a proxy was not written: %s", error)


def unknown_proxy(folder: DataFolder) -> str:
    """Return the address from which a proxy forwarded requests in the last week; empty if there was none."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        note = json.loads(folder.forwarded.read_text("utf-8"))
        if time.time() - float(note["seen"]) < FORGET_SECONDS:
            return str(note["peer"])
    return ""


def _is_private(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return False
