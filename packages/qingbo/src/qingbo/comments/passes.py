"""Passes: a guest's form needs one, so that bots that only send forms fail.

A pass contains the time when the guest began. Public pages contain none, because they are cached and the same for
everybody. A script fetches one when the form is first touched; without JavaScript, the page that shows the comment
again has it. If the settings require a challenge, a browser with JavaScript computes for about a second (ALTCHA,
PBKDF2), and one without waits.
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from qingbo.attempts import Limit, may_try
from qingbo.site_settings import current_settings

LEAST_SECONDS = 2
"""Nobody writes a comment faster than this."""

WAIT_SECONDS = 20
"""The minimum time if a challenge is required but not solved."""

MOST_SECONDS = 6 * 3600
ITERATIONS = 5_000
PREFIX = "00"
"""One key in 256 begins with this: about half a second of work for a phone."""

_ONCE = "1 per 12 hours"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a pass is refused: it is invalid or used, or it must become `seconds` older."""

    seconds: int = 0


def new_pass() -> dict[str, Any]:
    """Return a pass, and a challenge if the settings require one, for a form that is being filled in."""
    started = _serializer().dumps(secrets.token_hex(8))
    if not current_settings().comment_challenge:
        return {"started": started}
    import altcha

    expires = int(time.time()) + MOST_SECONDS
    challenge = altcha.create_challenge(
        "PBKDF2/SHA-256", ITERATIONS, key_prefix=PREFIX, expires_at=expires, hmac_secret=_secret()
    )
    return {"started": started, "challenge": challenge.to_dict()}


def refusal_of(started: str, work: str) -> Refusal | None:
    """Return why the pass of a form is refused, None if it is accepted. A pass is valid for one form."""
    try:
        nonce, began = _serializer().loads(started, max_age=MOST_SECONDS, return_timestamp=True)
    except BadSignature:
        return Refusal()
    elapsed = time.time() - began.timestamp()
    wanted = WAIT_SECONDS if current_settings().comment_challenge and not _is_solved(work) else LEAST_SECONDS
    if elapsed < wanted:
        return Refusal(max(1, round(wanted - elapsed)))
    return None if may_try(Limit(_ONCE, ("pass", nonce))) else Refusal()


def _is_solved(work: str) -> bool:
    import altcha

    if not 0 < len(work) < 4_000 or not altcha.verify_solution(work, _secret()).verified:
        return False
    return may_try(Limit(_ONCE, ("work", work)))


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_secret(), salt="comment")


def _secret() -> str:
    return str(current_app.secret_key)
