"""Metrics for Prometheus: each worker writes its own file, and the worker that is asked adds them up.

Only workers measure, and only with `metrics_token`. Stored pages are counted in memory and written every few seconds,
so that they cost a reader nothing.
"""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from qingbo.config import Settings, require_package
from qingbo.home import DataFolder

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

log = logging.getLogger(__name__)

PUBLISH_SECONDS = 5
"""The maximum age of other workers' numbers, except those counted at each request."""

METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
"""Other methods are counted together, because clients can invent any number of them."""

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

COUNTED = {
    "qingbo_stored_page_hits": "Requests that were answered with a stored page.",
    "qingbo_stored_page_misses": "Requests for pages that are stored, and had to be made.",
}
HELD = {
    "qingbo_stored_page_bytes": "Memory of the stored pages.",
    "qingbo_views_waiting": "Views of posts that are not written yet.",
    "qingbo_database_connections": "Connections of the pool that are in use.",
}

_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
_EXTENSION = "qingbo_measures"

Numbers = Callable[[], Mapping[str, float]]


def clear_measures(folder: DataFolder) -> None:
    """Delete the files of earlier workers; only while none runs."""
    shutil.rmtree(folder.metrics, ignore_errors=True)


def prepare_metrics(settings: Settings) -> None:
    """Check the setting for metrics.

    Raises:
        BadSettings: if metrics are on, but the package for them is not installed.
    """
    if settings.metrics_token:
        require_package("metrics_token", "prometheus_client")


def measure(app: Flask, numbers: Numbers) -> None:
    """Start to measure this process, until it ends.

    Args:
        app: whose requests are counted.
        numbers: returns the values of `COUNTED`, since the process began, and of `HELD`, by name.
    """
    folder: DataFolder = app.extensions["qingbo_home"]
    folder.metrics.mkdir(mode=0o700, exist_ok=True)
    os.umask(0o077)  # the package creates its files with the umask
    os.environ[_DIRECTORY] = str(folder.metrics)  # the package reads it when it is imported
    measures = app.extensions[_EXTENSION] = Measures(numbers)
    app.full_dispatch_request = measures.measured(app.full_dispatch_request)  # type: ignore[method-assign]
    threading.Thread(target=measures.publish_for_ever, name="metrics", daemon=True).start()


class Measures:
    """The metrics of this process."""

    def __init__(self, numbers: Numbers) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        registry = CollectorRegistry()
        self._requests = Counter(
            "qingbo_requests", "Requests, but for those answered with a stored page.", ["endpoint", "method", "status"],
            registry=registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "qingbo_request_seconds", "How long they took.", ["endpoint"], buckets=SECONDS, registry=registry
        )
        self._counted = {name: Counter(name, told, registry=registry) for name, told in COUNTED.items()}
        self._held = {
            name: Gauge(name, told, multiprocess_mode="livesum", registry=registry) for name, told in HELD.items()
        }
        self._numbers = numbers
        self._published: dict[str, float] = dict.fromkeys(COUNTED, 0)
        self._publishing = threading.Lock()

    def measured(self, answer: Callable[[], Response]) -> Callable[[], Response]:
        """Wrap the function that answers a request, to count and time it."""

        def measured_answer() -> Response:
            begun, status = time.perf_counter(), 500
            try:
                response = answer()
                status = response.status_code
            finally:
                endpoint = request.endpoint or "none"
                method = request.method if request.method in METHODS else "other"
                self._requests.labels(endpoint, method, f"{status // 100}xx").inc()
                self._seconds.labels(endpoint).observe(time.perf_counter() - begun)
            return response

        return measured_answer

    def publish(self) -> None:
        """Write the numbers of this process for the other workers."""
        with self._publishing:
            numbers = self._numbers()
            for name, counter in self._counted.items():
                counter.inc(numbers[name] - self._published[name])
                self._published[name] = numbers[name]
            for name, gauge in self._held.items():
                gauge.set(numbers[name])

    def publish_for_ever(self) -> None:
        """Write them every few seconds, forever."""
        while True:
            try:
                self.publish()
            except Exception:
                log.exception("The metrics of this process are not written; it is tried again in a while.")
            time.sleep(PUBLISH_SECONDS)


def collected(app: Flask, others: Iterable["Metric"]) -> bytes:
    """Return the metrics of all workers, and some others, in Prometheus's format."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    folder: DataFolder = app.extensions["qingbo_home"]
    registry = CollectorRegistry()
    if measures := app.extensions.get(_EXTENSION):
        measures.publish()
        _forget_the_dead(folder.metrics)
        MultiProcessCollector(registry, str(folder.metrics))  # type: ignore[no-untyped-call]
    registry.register(_Others(list(others)))
    return generate_latest(registry)


class _Others:
    """Metrics that are computed on request."""

    def __init__(self, measures: list["Metric"]) -> None:
        self._measures = measures

    def collect(self) -> list["Metric"]:
        """Return the metrics."""
        return self._measures


def _forget_the_dead(folder: Path) -> None:
    """Delete the gauges of processes that have ended; their counters stay."""
    for path in folder.glob("gauge_live*_*.db"):
        number = int(path.stem.rpartition("_")[2])
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            path.unlink(missing_ok=True)
        except PermissionError:
            continue
