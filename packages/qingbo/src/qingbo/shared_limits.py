"""Rate limits counted in Redis for all processes of a blog, with a fallback if Redis does not answer."""

import logging
import time
from collections.abc import Callable

from flask import Flask
from limits.storage import MemoryStorage, RedisStorage, Storage

from qingbo.config import Settings, require_package
from qingbo.home import DataFolder

log = logging.getLogger(__name__)

PAUSE_SECONDS = 10
"""How long Redis is not asked after a failure, so that no request waits for it."""
ANSWER_SECONDS = 1

SCHEME = "qingbo+"
"""The prefix of addresses by which Flask-Limiter finds this storage."""
_EXTENSION = "qingbo_limits"


class Unreachable(Exception):
    """Redis does not answer, or the settings name none."""


class RedisCounts:
    """Counts in Redis. Thread-safe."""

    def __init__(self, url: str, prefix: str) -> None:
        self._storage = RedisStorage(
            url.replace("unix://", "redis+unix://"), key_prefix=prefix,
            socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS,
        )  # fmt: skip
        self._again_at = 0.0

    def add(self, key: str, seconds: int, amount: int = 1) -> int:
        """Increase a count and return it. It expires `seconds` after its first increase.

        Raises:
            Unreachable: if Redis does not answer.
        """
        return self._asked(lambda: self._storage.incr(key, seconds, amount))

    def count(self, key: str) -> int:
        """Return a count without increasing it.

        Raises:
            Unreachable: if Redis does not answer.
        """
        return self._asked(lambda: self._storage.get(key))

    def _asked(self, ask: Callable[[], int]) -> int:
        if time.monotonic() < self._again_at:
            raise Unreachable
        try:
            return ask()
        except self._storage.base_exceptions as error:
            self._again_at = time.monotonic() + PAUSE_SECONDS
            log.warning(
                "Redis does not answer (%s). Passwords and codes are counted in the database meanwhile, other limits "
                "in each process; it is asked again in %s seconds.", error, PAUSE_SECONDS,
            )  # fmt: skip
            raise Unreachable from error


class RedisOrMemory(Storage):
    """Flask-Limiter's storage: Redis, or the memory of this process while Redis does not answer."""

    STORAGE_SCHEME = [f"{SCHEME}{name}" for name in ("redis", "rediss", "unix")]  # noqa: RUF012 - as in its base

    def __init__(self, uri: str, key_prefix: str, wrap_exceptions: bool = False) -> None:
        super().__init__(uri, wrap_exceptions)
        self._memory = MemoryStorage()
        self._redis = RedisCounts(uri.removeprefix(SCHEME), key_prefix)

    @property
    def base_exceptions(self) -> type[Exception]:
        """Errors to be wrapped; `Unreachable` never gets out of this class."""
        return Unreachable

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Increase a count and return it."""
        try:
            return self._redis.add(key, expiry, amount)
        except Unreachable:
            return self._memory.incr(key, expiry, amount)

    def get(self, key: str) -> int:
        """Return a count."""
        try:
            return self._redis.count(key)
        except Unreachable:
            return self._memory.get(key)

    def get_expiry(self, key: str) -> float:
        """Return when a count in this process expires. The app never asks for those in Redis."""
        return self._memory.get_expiry(key)

    def check(self) -> bool:
        """Return True: it always counts."""
        return True

    def reset(self) -> int | None:
        """Delete the counts in this process."""
        return self._memory.reset()

    def clear(self, key: str) -> None:
        """Delete one of the counts in this process."""
        self._memory.clear(key)


def prepare_limits(app: Flask, settings: Settings) -> None:
    """Configure Flask-Limiter's storage; call it before the extension is bound.

    Raises:
        BadSettings: if the settings name a Redis server, but the package for it is not installed.
    """
    app.config["RATELIMIT_STORAGE_URI"] = "memory://"
    app.extensions[_EXTENSION] = None
    if settings.redis_url:
        require_package("redis_url", "redis")
        folder: DataFolder = app.extensions["qingbo_home"]
        prefix = f"qingbo-limits-{folder.blog_id()}"
        app.config["RATELIMIT_STORAGE_URI"] = SCHEME + settings.redis_url
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {"key_prefix": prefix}
        app.extensions[_EXTENSION] = RedisCounts(settings.redis_url, prefix)


def counts_in_redis(app: Flask) -> RedisCounts:
    """Return the counts that all processes of the blog share.

    Raises:
        Unreachable: if the settings name no Redis server.
    """
    counts: RedisCounts | None = app.extensions[_EXTENSION]
    if counts is None:
        raise Unreachable
    return counts
