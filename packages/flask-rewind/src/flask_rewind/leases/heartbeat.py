"""Renew a lease while its move runs, in a thread: a statement of the move may take longer than the lease lasts."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from flask_rewind.engines.lease import Lease


@contextmanager
def renewed(lease: Lease, engine: Engine) -> Iterator[None]:
    """Renew `lease` for the block, on a connection of `engine`. Do nothing if it needs no renewal."""
    if not lease.renewed_every:
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_beat, args=(lease, engine, ended), name="rewind-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(lease.renewed_every)


def _beat(lease: Lease, engine: Engine, ended: threading.Event) -> None:
    while not ended.wait(lease.renewed_every):
        with (
            suppress(SQLAlchemyError),
            engine.connect() as connection,
        ):  # the next round tries again, on a new connection
            lease.renew(connection)
            while not ended.wait(lease.renewed_every):
                lease.renew(connection)
