"""MariaDB and MySQL: who holds a lock that a statement did not get."""

from contextlib import closing
from typing import Any

from sqlalchemy import Connection

from flask_rewind.engines.blockers import Blocker
from flask_rewind.engines.lock_probe import table_of
from flask_rewind.sql.statements import DDL, verb
from flask_rewind.sql.tokenizer import tokens

_OF_SESSION = "SELECT p.id, p.user, p.host, COALESCE(TIMESTAMPDIFF(SECOND, t.trx_started, NOW()), p.time)"
_OTHERS = "p.id <> CONNECTION_ID()"
_OLDEST_FIRST = "ORDER BY 4 DESC, p.id"
_OF_PLUGIN = f"""{_OF_SESSION}, COALESCE(p.info, t.trx_query), l.table_name, l.table_schema = DATABASE()
    FROM information_schema.metadata_lock_info l JOIN information_schema.processlist p ON p.id = l.thread_id
    LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
    WHERE (l.lock_type = 'Table metadata lock' OR l.lock_mode LIKE 'MDL_BACKUP_FTWRL_'
        OR l.lock_mode LIKE 'MDL_BACKUP_BLOCK%' OR l.lock_mode LIKE 'MDL_BACKUP_WAIT%')
    AND {_OTHERS} {_OLDEST_FIRST}"""
"""For the plugin ``metadata_lock_info`` of MariaDB, where it is installed."""
_OF_PERFORMANCE_SCHEMA = f"""{_OF_SESSION}, COALESCE(p.info, s.sql_text), l.object_name, l.object_schema = DATABASE()
    FROM performance_schema.metadata_locks l JOIN performance_schema.threads o ON o.thread_id = l.owner_thread_id
    JOIN information_schema.processlist p ON p.id = o.processlist_id
    LEFT JOIN performance_schema.events_statements_current s ON s.thread_id = o.thread_id
    LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
    WHERE l.lock_status = 'GRANTED' AND (l.object_type = 'TABLE' OR l.lock_type = 'SHARED')
    AND {_OTHERS} {_OLDEST_FIRST}"""
"""For MySQL, which counts these locks by default."""
_OF_TRANSACTIONS = f"""{_OF_SESSION}, COALESCE(p.info, t.trx_query), p.db <=> DATABASE()
    FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
    WHERE {_OTHERS} {_OLDEST_FIRST}"""
"""Which tables a transaction has read is not in there."""
_OF_STATEMENTS = f"""SELECT p.id, p.user, p.host, p.time, p.info
    FROM information_schema.processlist p
    WHERE {_OTHERS} AND p.command = 'Query' AND p.db <=> DATABASE() {_OLDEST_FIRST}"""
"""All that a user without the privilege PROCESS sees: what its own sessions execute now."""


def blockers_of(connection: Connection, statement: str) -> list[Blocker]:
    """Return the sessions that hold a lock which a statement needs, the oldest first."""
    is_ddl = verb(statement, connection.dialect.name) in DDL
    if found := _holding_tables(connection, statement):
        return [_blocker(row, is_certain=is_ddl) for row in found]
    found = _rows(connection, _OF_TRANSACTIONS)
    found = [row for row in found if row[5]] or found
    if not found:
        table = table_of(statement, connection.dialect.name)
        found = [row for row in _rows(connection, _OF_STATEMENTS) if _names(table, row[4], connection)]
    return [_blocker(row, is_certain=False) for row in found]


def _holding_tables(connection: Connection, statement: str) -> list[Any]:
    """Return the sessions that hold a lock on one of the tables that a statement names, or on all tables."""
    names = {token.name.lower() for token in tokens(statement, connection.dialect.name)}
    held: dict[int, Any] = {}
    for query in (_OF_PLUGIN, _OF_PERFORMANCE_SCHEMA):
        for row in _rows(connection, query):
            table, is_here = row[5], row[6]
            if not table or (is_here and table.lower() in names):
                held.setdefault(row[0], row)
    return [*held.values()]


def _names(table: str, query: str | None, connection: Connection) -> bool:
    return table.lower() in {token.name.lower() for token in tokens(query or "", connection.dialect.name)}


def _blocker(row: Any, *, is_certain: bool) -> Blocker:
    number, user, host, seconds, query = row[:5]
    return Blocker(str(number), user, host, seconds, query or "", f"KILL {number}", is_certain)


def _rows(connection: Connection, query: str) -> list[Any]:
    """Return what the server says; nothing where it does not have that, or not for this user."""
    with closing(connection.connection.cursor()) as cursor:
        try:
            cursor.execute(query)
        except connection.dialect.loaded_dbapi.Error:
            return []
        return list(cursor.fetchall())
