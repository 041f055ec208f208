"""PostgreSQL: who holds a lock that a statement did not get."""

from typing import Any

from sqlalchemy import Connection, text

from flask_rewind.engines.blockers import Blocker
from flask_rewind.sql.statements import DATA, verb
from flask_rewind.sql.tokenizer import tokens

_HOLDING = """
WITH named AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = ANY(CAST(:names AS text[]))
        AND (pg_table_is_visible(c.oid) OR n.nspname = ANY(CAST(:names AS text[])))
), meant AS (
    SELECT oid, true AS is_named FROM named
    UNION ALL SELECT confrelid, false FROM pg_constraint WHERE contype = 'f' AND conrelid IN (SELECT oid FROM named)
    UNION ALL SELECT conrelid, false FROM pg_constraint WHERE contype = 'f' AND confrelid IN (SELECT oid FROM named)
    UNION ALL SELECT inhrelid, false FROM pg_inherits WHERE inhparent IN (SELECT oid FROM named)
    UNION ALL SELECT inhparent, false FROM pg_inherits WHERE inhrelid IN (SELECT oid FROM named)
)
SELECT COALESCE(CAST(a.pid AS text), p.gid), COALESCE(a.usename, p.owner, a.backend_type),
    COALESCE(host(a.client_addr), 'this machine'),
    CAST(EXTRACT(epoch FROM clock_timestamp() - COALESCE(a.xact_start, p.prepared)) AS double precision),
    COALESCE(a.query, ''), a.pid IS NULL, bool_or(meant.is_named)
FROM meant JOIN pg_locks l ON l.relation = meant.oid
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
LEFT JOIN pg_prepared_xacts p ON l.pid IS NULL AND l.virtualtransaction = '-1/' || CAST(p.transaction AS text)
WHERE l.granted AND l.pid IS DISTINCT FROM pg_backend_pid() AND l.mode <> ALL(CAST(:weak AS text[]))
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 4 DESC NULLS LAST, 1
"""
"""Foreign keys and partitions are locked with the table that a statement names."""
_READING, _READING_ROWS = "AccessShareLock", "RowShareLock"
_LETTING_READ = {"INDEX", "FOREIGN", "REFERENCES", "TRIGGER"}
"""Words of statements that wait for those only who write."""


def blockers_of(connection: Connection, statement: str) -> list[Blocker]:
    """Return the sessions that hold a lock which a statement needs, the oldest first."""
    found = tokens(statement, connection.dialect.name)
    names = {spelled for token in found for spelled in (token.name, token.name.lower())}
    weak = _harmless(statement, {token.word for token in found})
    rows = connection.execute(text(_HOLDING), {"names": sorted(names), "weak": weak}).all()
    return [_blocker(row) for row in [row for row in rows if row[-1]] or rows]


def _harmless(statement: str, words: set[str]) -> list[str]:
    """Return the locks for which a statement does not wait."""
    first = verb(statement, "postgresql")
    if first in DATA:
        return [_READING]
    return [_READING, _READING_ROWS] if words & _LETTING_READ and "DROP" not in words else []


def _blocker(row: Any) -> Blocker:
    session, user, host, seconds, query, is_prepared, is_named = row
    if is_prepared:
        return Blocker(f"prepared as {session}", user, host, seconds, query, f"ROLLBACK PREPARED '{session}'", is_named)
    return Blocker(session, user, host, seconds, query, f"SELECT pg_terminate_backend({session})", is_named)
