"""Limits on guessing that do not lock out the person who is being guessed.

Attempts are counted per IP address and name together, per address, and per name from all addresses; all processes of
the blog share the counts. A browser that signed in to the account before carries a token and is counted separately
(OWASP: device cookies). So an attacker can use up the attempts of strangers, but not the owner's. Names without an
account are counted in the same way.
"""

import hashlib
import hmac
import secrets
from typing import Any

from flask import abort, current_app, g, request
from flask import session as browser_session
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeSerializer
from limits import parse_many

from qingbo.accounts.models import User
from qingbo.accounts.names import key_of
from qingbo.attempts import Limit, may_send, may_try
from qingbo.extensions import client_address, limiter, session

MAIL = "5 per minute; 20 per hour"
GUESS = "10 per minute; 60 per hour"

PER_PAIR = "10 per minute; 30 per hour"
"""Per IP address and name."""

PER_ADDRESS = "60 per minute; 600 per hour"
PER_NAME = "100 per hour"
"""From all addresses: OWASP ASVS 4.0.3, 2.2.1."""

PER_DEVICE = "10 per minute; 60 per hour"
PER_PENDING = "10 per minute; 30 per hour"
"""Second-step codes tried for one account after the right password, from all addresses."""

SETUP = "20 per minute"
UPLOAD = "20 per minute"
PREVIEW = "180 per minute"
"""Per account: a page of the composer sends at most 150."""
PASTE = "30 per minute"
VIEW = "120 per minute"
"""Per IP address, which many readers may share."""
PER_RECIPIENT = "3 per hour"
"""Mails of one kind to one recipient that other people can trigger."""

COOKIE = "qingbo_device"
COOKIE_SECONDS = 365 * 24 * 3600
MOST_ACCOUNTS = 5
"""Per browser; when there are more, the oldest are forgotten."""


def count_form(limit: str) -> None:
    """Count a sent form, per account if signed in, else per IP address; answer 429 beyond the limit."""
    who = str(current_user.get_id()) if current_user.is_authenticated else client_address()
    limits = [Limit(limit, ("form", str(request.endpoint), who))]
    if pending := browser_session.get("tf_user_id"):
        limits.append(Limit(PER_PENDING, ("second-step", str(pending))))
    _count(*limits)


def count_sign_in(name: str) -> None:
    """Count an attempt to sign in under a name; answer 429 beyond the limit."""
    key = key_of(name)[:255]
    if device := _device_of(key):
        return _count(Limit(PER_DEVICE, ("sign-in-device", device, key)))
    address = client_address()
    return _count(
        Limit(PER_PAIR, ("sign-in-pair", address, key)),
        Limit(PER_ADDRESS, ("sign-in-address", address)),
        Limit(PER_NAME, ("sign-in-name", key)),
    )


def may_mail(kind: str, recipient: str) -> bool:
    """Count a mail that another person triggers, and return whether the recipient may get one more of this kind."""
    return may_send(session(), Limit(PER_RECIPIENT, ("mail", kind, recipient)))


def may_convert(limit: str, kind: str) -> bool:
    """Count a conversion of a text for the account, and return whether it is within the limit."""
    return _hit(limit, "convert", kind, str(current_user.get_id()))


def may_count_view() -> bool:
    """Count a page view that a browser reports, and return whether its IP address is within the limit."""
    return _hit(VIEW, "view", client_address())


def remember_device(user: User) -> None:
    """Give the browser a token for this account, with the answer to this request."""
    device = _device()
    marks = [_mark(name) for name in (user.name_key, user.email) if name]
    kept = [mark for mark in device["marks"] if mark not in marks]
    g.device = {"id": device["id"], "marks": [*marks, *kept][: MOST_ACCOUNTS * 2]}


def send_device(response: Any) -> Any:
    """Set the cookie of `remember_device`. Also replace a cookie of an old release, which contains readable names."""
    if request.method == "POST" and COOKIE in request.cookies:
        _device()
    if "device" in g:
        response.set_cookie(
            COOKIE, _serializer().dumps(g.device), max_age=COOKIE_SECONDS, httponly=True, samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"], path=current_app.config["SESSION_COOKIE_PATH"],
        )  # fmt: skip
    return response


def _device_of(key: str) -> str:
    device = _device()
    return str(device["id"]) if _mark(key) in device["marks"] else ""


def _device() -> dict[str, Any]:
    try:
        device: dict[str, Any] = _serializer().loads(request.cookies[COOKIE])
    except (KeyError, BadSignature):
        return {"id": secrets.token_hex(8), "marks": []}
    if "names" in device:  # a cookie of an old release: anybody could read the names and addresses
        device = {"id": device["id"], "marks": [_mark(name) for name in device["names"]]}
        g.setdefault("device", device)
    return device


def _mark(name: str) -> str:
    """Return the code for a name in the cookie: nobody can read from it whose it is."""
    key = str(current_app.secret_key).encode()
    return hmac.digest(key, f"device {name}".encode(), hashlib.sha256)[:12].hex()


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="device")


def _count(*limits: Limit) -> None:
    if not may_try(*limits):
        abort(429)


def _hit(limit: str, *key: str) -> bool:
    (item,) = parse_many(limit)
    return bool(limiter.limiter.hit(item, *key))
