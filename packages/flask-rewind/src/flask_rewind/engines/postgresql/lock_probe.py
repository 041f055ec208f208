"""PostgreSQL: read from the catalog which lock a statement holds, and whether it rewrote a table."""

from sqlalchemy import Connection

from flask_rewind.engines.lock_probe import CATALOG, StepProbe, is_index
from flask_rewind.sql.statements import DATA, verb
from flask_rewind.steps import Step, StepKind
from flask_rewind.verdicts import verdict_of

_MODES = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)


class PostgreSQLProbe(StepProbe):
    """Reads the catalog: PostgreSQL lists the locks of a transaction, and a rewritten table has another file."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._files: dict[int, int] = {}

    def run(self, step: Step, statement: str) -> bool:
        """Record the files of all tables, and leave the statement to the caller."""
        self._files = self._all_files()
        return False

    def needs(self, step: Step, table: str) -> tuple[str, str]:
        """Return lock and algorithm of a statement."""
        after = self._all_files()
        algorithm = CATALOG
        if any(after.get(oid, file) != file for oid, file in self._files.items()):
            algorithm = "writes the table anew"
        elif verb(step.statement, "postgresql") in DATA:
            algorithm = "changes rows"
        elif is_index(step.statement) or verdict_of(step.statement, StepKind.SCRIPT, "postgresql")[0] == "needs check":
            algorithm = "reads every row"
        return self._strongest_lock(table), algorithm

    def rows_of(self, table: str) -> int | None:
        """Return how many rows a table has, by the planner's estimate."""
        name = table.replace("'", "''")
        found = self._ask(f"SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(quote_ident('{name}'))")
        known: int | None = found[0][0] if found else None
        return super().rows_of(table) if known is not None and known < 0 else known

    def _all_files(self) -> dict[int, int]:
        return dict(self._ask("SELECT oid, relfilenode FROM pg_class WHERE relkind IN ('r', 'm') AND oid >= 16384"))

    def _strongest_lock(self, table: str) -> str:
        rows = self._ask(
            "SELECT l.mode, c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
            " WHERE l.pid = pg_backend_pid() AND c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm')"
        )
        of_table = [_MODES.index(mode) for mode, name in rows if name == table and mode in _MODES]
        return _MODES[max(of_table)] if of_table else "none"
