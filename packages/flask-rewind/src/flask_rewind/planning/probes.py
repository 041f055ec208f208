"""Which lock a statement takes and how the engine does it: asked of the engine itself, on the stand-in."""

from contextlib import closing
from typing import Any

from sqlalchemy import Connection

from flask_rewind.planning.verdicts import verdict_of
from flask_rewind.results import PlannedStep
from flask_rewind.sql.changes import AlterTable, CreateIndex, CreateTable, DropTables, RenameTables
from flask_rewind.sql.grammar import read, renames
from flask_rewind.sql.rows_written import tables_written
from flask_rewind.sql.statements import DATA, verb
from flask_rewind.steps import Step, StepKind

_BEST_FIRST = (
    ("INSTANT", "NONE"),
    ("NOCOPY", "NONE"),
    ("INPLACE", "NONE"),
    ("INPLACE", "SHARED"),
    ("COPY", "SHARED"),
    ("COPY", "EXCLUSIVE"),
)
_NOT_SO = {1064, 1221, 1800, 1845, 1846}
"""Errors of MariaDB and MySQL that say: not by this algorithm or under this lock, or not known here."""
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
CATALOG = "catalog only"


class StepProbe:
    """Looks at the statements of one crossing, on an engine that it cannot ask."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.planned: list[PlannedStep] = []

    def run(self, step: Step, statement: str) -> bool:
        """Execute a statement in a way that shows what it needs; return False to leave it to the caller."""
        return False

    def look(self, step: Step) -> None:
        """Note a statement that was executed."""
        table = table_of(step.statement, self.connection.dialect.name)
        if step.is_left_out:
            said = ("lossless", "none", "not executed", None, "nothing is changed by it")
            self.planned.append(PlannedStep(step.statement, step.purpose, table, *said))
            return
        lock, algorithm = self.needs(step, table)
        rows = None if algorithm in {CATALOG, "INSTANT"} else self.rows_of(table)
        verdict, undo = verdict_of(step.statement, step.purpose.kind, self.connection.dialect.name)
        self.planned.append(
            PlannedStep(step.statement, step.purpose, table, verdict, lock, algorithm, rows, undo),
        )

    def needs(self, step: Step, table: str) -> tuple[str, str]:
        """Return lock and algorithm of a statement."""
        return "unknown", "unknown"

    def rows_of(self, table: str) -> int | None:
        """Return how many rows a table has, about; None where it is not there."""
        if not table:
            return None
        name = self.connection.dialect.identifier_preparer.quote_identifier(table)
        try:
            return int(self._ask(f"SELECT count(*) FROM {name}")[0][0])
        except self.connection.dialect.loaded_dbapi.Error:
            return None

    def _ask(self, query: str) -> list[Any]:
        # Past the events of the recorder: this is no step.
        with closing(self.connection.connection.cursor()) as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())


class SQLiteProbe(StepProbe):
    """SQLite has one lock, and says nothing of how it works; its documentation does."""

    def needs(self, step: Step, table: str) -> tuple[str, str]:
        """Return lock and algorithm of a statement."""
        algorithm = CATALOG
        kind, first = step.purpose.kind, verb(step.statement, "sqlite")
        if kind is StepKind.MOVE_ROWS or (kind is StepKind.DROP_DERIVED and first == "INSERT"):
            algorithm = "moves every row"
        elif _is_index(step.statement):
            algorithm = "reads every row"
        elif first in DATA:
            algorithm = "changes rows"
        return "no other writer", algorithm


class MySQLProbe(StepProbe):
    """MariaDB and MySQL refuse, before any work, an algorithm or a lock that will not do."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._found = ("NONE", CATALOG)

    def run(self, step: Step, statement: str) -> bool:
        """Execute an ALTER TABLE by the best algorithm and under the least lock that the server accepts.

        Not another name: MariaDB 10.11 takes these words there, and foreign keys to the table go on naming the old one.
        """
        self._found = _without_asking(statement)
        is_renamed = any(not each.column for each in renames(statement, "mysql"))
        if is_renamed or (verb(statement, "mysql") != "ALTER" and not _is_index(statement)):
            return False
        plain = statement.replace("%%", "%")
        comma = "," if verb(statement, "mysql") == "ALTER" else ""
        for algorithm, lock in _BEST_FIRST:
            error = self._try(f"{plain}{comma} ALGORITHM={algorithm}{comma} LOCK={lock}")
            if error is None:
                self._found = (lock, algorithm)
                return True
            if error not in _NOT_SO:
                return False  # let it fail, or not, as it stands
        return False

    def needs(self, step: Step, table: str) -> tuple[str, str]:
        """Return lock and algorithm of a statement."""
        return self._found

    def _try(self, statement: str) -> int | None:
        cursor = self.connection.connection.cursor()
        try:
            cursor.execute(statement)
        except self.connection.dialect.loaded_dbapi.Error as error:
            return int(error.args[0])
        finally:
            cursor.close()
        return None

    def rows_of(self, table: str) -> int | None:
        """Return how many rows the table has in the database that is planned for."""
        live = self.connection.info.get("rewind_rows", {})
        found: int | None = live.get(table)
        return found


class PostgreSQLProbe(StepProbe):
    """PostgreSQL lists the locks that a transaction holds, and a table that is written anew has another file."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._files: dict[int, int] = {}

    def run(self, step: Step, statement: str) -> bool:
        """Note where the tables are."""
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
        elif _is_index(step.statement) or verdict_of(step.statement, StepKind.SCRIPT, "postgresql")[0] == "needs check":
            algorithm = "reads every row"
        return self._strongest_lock(table), algorithm

    def rows_of(self, table: str) -> int | None:
        """Return how many rows a table has, by the planner's own figure."""
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


_PROBES: dict[str, type[StepProbe]] = {
    "sqlite": SQLiteProbe,
    "mysql": MySQLProbe,
    "mariadb": MySQLProbe,
    "postgresql": PostgreSQLProbe,
}


def probe_of(connection: Connection) -> StepProbe:
    """Return what looks at statements on the engine behind `connection`."""
    return _PROBES.get(connection.dialect.name, StepProbe)(connection)


def table_of(statement: str, dialect: str) -> str:
    """Return the one table that a statement concerns, empty where that is none or several."""
    match read(statement, dialect):
        case AlterTable(table=name) | CreateTable(table=name) | CreateIndex(table=name):
            return name.table
        case DropTables(tables=[name]):
            return name.table
        case RenameTables(pairs=[(name, _)]):
            return name.table
    written = tables_written(statement, dialect)
    return written[0].table if len(written) == 1 else ""


def _without_asking(statement: str) -> tuple[str, str]:
    first = verb(statement, "mysql")
    if first in DATA:
        return "rows", "changes rows"
    is_at_once = first in {"RENAME", "DROP"} or any(not each.column for each in renames(statement, "mysql"))
    return ("EXCLUSIVE", "INSTANT") if is_at_once else ("NONE", CATALOG)


def _is_index(statement: str) -> bool:
    words = statement.upper().split(None, 3)
    return words[:2] == ["CREATE", "INDEX"] or words[:3] == ["CREATE", "UNIQUE", "INDEX"]
