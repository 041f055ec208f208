"""Huey's queue of one blog: a file in its data folder, or a list on a Redis server."""

import json
from collections.abc import Callable
from typing import Any

from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer

from qingbo.home import DataFolder, create_private

QUEUE = "qingbo"


def open_queue(folder: DataFolder, redis_url: str | None) -> Huey:
    """Return the queue of the blog in a data folder."""
    options: dict[str, Any] = {"results": False, "serializer": _JsonSerializer()}
    if redis_url is None:
        create_private(folder.tasks)
        return SqliteHuey(QUEUE, filename=str(folder.tasks), **options)
    from redis import ConnectionPool

    pool = ConnectionPool.from_url(redis_url, socket_connect_timeout=2, socket_timeout=5)
    return RedisHuey(f"{QUEUE}-{folder.blog_id()}", connection_pool=pool, **options)


def consume(huey: Huey, hourly: Callable[[], None]) -> None:
    """Start to run jobs in a thread of this process, one at a time, and call `hourly` every hour."""
    huey.periodic_task(crontab(minute="17"), name="sweep")(hourly)
    _Consumer(huey, workers=1, check_worker_health=False).start()


class _Consumer(Consumer):
    """A consumer inside a web server, which handles the signals itself."""

    def _set_signal_handlers(self) -> None:
        pass


class _JsonSerializer(Serializer):
    """Serializes messages as JSON: a process that reads the queue must not execute what somebody wrote into it."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Any:
        values = json.loads(data)
        return Message(*values) if isinstance(values, list) else values
