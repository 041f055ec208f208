"""Find out from the engine, on a stand-in, which lock a statement takes and how the engine executes it."""

from contextlib import closing
from typing import Any

from sqlalchemy import Connection

from flask_rewind.results import PlannedStep
from flask_rewind.sql.changes import AlterTable, CreateIndex, CreateTable, DropTables, RenameTables
from flask_rewind.sql.parser import read
from flask_rewind.sql.rows_written import tables_written
from flask_rewind.steps import Step
from flask_rewind.verdicts import verdict_of

CATALOG = "catalog only"
_NOT_EXECUTED = ("none", "not executed")


class StepProbe:
    """Records the statements of one crossing; this base class cannot ask the engine."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.planned: list[PlannedStep] = []

    def run(self, step: Step, statement: str) -> bool:
        """Execute a statement so that it shows its lock and algorithm; return False if the caller must execute it."""
        return False

    def look(self, step: Step) -> None:
        """Record a statement that was executed."""
        table = table_of(step.statement, self.connection.dialect.name)
        lock, algorithm = _NOT_EXECUTED if step.is_left_out else self.needs(step, table)
        rows = None if algorithm in {CATALOG, "INSTANT", _NOT_EXECUTED[1]} else self.rows_of(table)
        verdict, undo = verdict_of(step.statement, step.purpose.kind, self.connection.dialect.name)
        self.planned.append(
            PlannedStep(step.statement, step.purpose, table, verdict, lock, algorithm, rows, undo),
        )

    def needs(self, step: Step, table: str) -> tuple[str, str]:
        """Return lock and algorithm of a statement."""
        return "unknown", "unknown"

    def rows_of(self, table: str) -> int | None:
        """Return the approximate number of rows of a table; None if it does not exist."""
        if not table:
            return None
        name = self.connection.dialect.identifier_preparer.quote_identifier(table)
        try:
            return int(self._ask(f"SELECT count(*) FROM {name}")[0][0])
        except self.connection.dialect.loaded_dbapi.Error:
            return None

    def _ask(self, query: str) -> list[Any]:
        # By the driver's cursor, so that the recorder does not see a step.
        with closing(self.connection.connection.cursor()) as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())


def table_of(statement: str, dialect: str) -> str:
    """Return the one table that a statement concerns; empty if it concerns none or several."""
    match read(statement, dialect):
        case AlterTable(table=name) | CreateTable(table=name) | CreateIndex(table=name):
            return name.table
        case DropTables(tables=[name]):
            return name.table
        case RenameTables(pairs=[(name, _)]):
            return name.table
    written = tables_written(statement, dialect)
    return written[0].table if len(written) == 1 else ""


def is_index(statement: str) -> bool:
    """Return whether a statement creates an index."""
    words = statement.upper().split(None, 3)
    return words[:2] == ["CREATE", "INDEX"] or words[:3] == ["CREATE", "UNIQUE", "INDEX"]
