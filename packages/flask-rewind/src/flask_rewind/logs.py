"""Keep an app's logging working after env.py.

The env.py of Flask-Migrate calls ``fileConfig``, which disables every logger that it does not name, closes all
handlers and removes those of the root logger. After one upgrade in a process the app would log nothing.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def logging_kept() -> Iterator[None]:
    """Undo, at the end of the block, its changes to loggers, levels and handlers."""
    root = logging.root
    loggers = {name: logger for name, logger in root.manager.loggerDict.items() if isinstance(logger, logging.Logger)}
    before = {logger: _configuration(logger) for logger in (root, *loggers.values())}
    # fileConfig closes every handler in this list, so empty it meanwhile.
    standard: Any = logging  # the list and the dict have no public names
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
    """Suppress Alembic's log line ``Running …`` for revisions that only a plan tries."""
    log = logging.getLogger("alembic.runtime.migration")
    log.addFilter(_is_no_run)  # a filter, because the logging settings of env.py remove handlers
    try:
        yield
    finally:
        log.removeFilter(_is_no_run)


def _is_no_run(record: logging.LogRecord) -> bool:
    return record.msg != "Running %s"


def _configuration(logger: logging.Logger) -> tuple[int, bool, bool, list[logging.Handler]]:
    return logger.level, logger.disabled, logger.propagate, logger.handlers[:]
