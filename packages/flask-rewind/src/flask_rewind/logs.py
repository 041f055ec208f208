"""Keeps an app's logging alive through env.py.

The env.py of Flask-Migrate calls ``fileConfig``, which disables every logger it does not name, closes all
handlers and takes the root's away: after one upgrade in a process the app logs nothing any more.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def logging_kept() -> Iterator[None]:
    """Undo, at the end, whatever the block did to loggers, levels and handlers."""
    root = logging.root
    loggers = {name: logger for name, logger in root.manager.loggerDict.items() if isinstance(logger, logging.Logger)}
    before = {logger: _configuration(logger) for logger in (root, *loggers.values())}
    # fileConfig closes every handler in this list; what it cannot see it leaves open.
    standard: Any = logging  # the two lists have no public name
    open_handlers, named_handlers = standard._handlerList[:], dict(standard._handlers)
    standard._handlerList.clear()
    try:
        yield
    finally:
        for logger, (level, disabled, propagate, handlers) in before.items():
            logger.setLevel(level)
            logger.disabled, logger.propagate, logger.handlers[:] = disabled, propagate, handlers
        standard._handlerList[:] = open_handlers
        standard._handlers.update(named_handlers)


@contextmanager
def running_unsaid() -> Iterator[None]:
    """Let Alembic not say that it runs a revision, where it only tries one for a plan."""
    log = logging.getLogger("alembic.runtime.migration")
    log.addFilter(_is_no_run)  # a filter, since env.py's logging settings take handlers away
    try:
        yield
    finally:
        log.removeFilter(_is_no_run)


def _is_no_run(record: logging.LogRecord) -> bool:
    return record.msg != "Running %s"


def _configuration(logger: logging.Logger) -> tuple[int, bool, bool, list[logging.Handler]]:
    return logger.level, logger.disabled, logger.propagate, logger.handlers[:]
