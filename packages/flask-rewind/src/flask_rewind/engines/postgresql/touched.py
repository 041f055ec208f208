"""Ask a PostgreSQL server which tables a crossing may have changed.

A statement that changes a table holds a lock on it until its transaction ends, even if a function, a trigger, a DO
block or a CASCADE executes it. No such lock is weaker than SHARE UPDATE EXCLUSIVE
(postgresql.org/docs/15/explicit-locking.html). Foreign keys, defaults and triggers of other tables may contain the name
of a changed table; `pg_depend` tells which these are. Changes of a few catalogs lock no table. If one of these catalogs
changed in this transaction, or the transaction began after the crossing, the changed tables are unknown.
"""

from collections.abc import Iterable

from flask_rewind.sql.statements import BLOCKS, DATA, verb

TOUCHED = """held AS MATERIALIZED (
    SELECT relation, mode FROM pg_locks WHERE locktype = 'relation' AND pid = pg_backend_pid() AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
), locked AS (
    SELECT relation FROM held WHERE mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
    UNION
    SELECT COALESCE(k.conrelid, f.adrelid, t.tgrelid, d.objid)
    FROM held JOIN pg_depend d ON d.refclassid = CAST('pg_class' AS regclass) AND d.refobjid = held.relation
    LEFT JOIN pg_constraint k ON d.classid = CAST('pg_constraint' AS regclass) AND k.oid = d.objid
    LEFT JOIN pg_attrdef f ON d.classid = CAST('pg_attrdef' AS regclass) AND f.oid = d.objid
    LEFT JOIN pg_trigger t ON d.classid = CAST('pg_trigger' AS regclass) AND t.oid = d.objid
    WHERE held.mode = 'AccessExclusiveLock'
), touched AS MATERIALIZED (
    SELECT COALESCE(i.indrelid, relation) AS oid FROM locked LEFT JOIN pg_index i ON i.indexrelid = relation
)"""
"""Common table expressions: `touched` has the oids of the tables that the transaction may have changed."""
# The journal's row of the crossing is written before the script runs: the lock of that write shows that the transaction
# is still the same.
IS_KNOWN = """
    EXISTS (SELECT 1 FROM held WHERE relation = to_regclass('rewind_crossings') AND mode = 'RowExclusiveLock')
        AND CAST(current_setting('track_counts') AS boolean)
        AND 0 = (SELECT sum(pg_stat_get_xact_tuples_updated(c)) FROM unnest(CAST(ARRAY['pg_type', 'pg_enum', 'pg_proc',
            'pg_namespace', 'pg_collation', 'pg_operator', 'pg_opclass', 'pg_ts_config', 'pg_am'] AS regclass[])) c)
"""
"""Whether `touched` is complete: the crossing is one transaction, and changed no object that many tables may name."""


def may_write_catalogs(statements: Iterable[str]) -> bool:
    """Return whether a statement may write to a catalog, and so change a table without a lock on it."""
    return any("pg_" in each and verb(each, "postgresql") in DATA | BLOCKS for each in statements)
