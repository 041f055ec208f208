"""MariaDB and MySQL: which algorithm and lock a statement needs, asked of the server."""

from sqlalchemy import Connection

from flask_rewind.engines.lock_probe import CATALOG, StepProbe, is_index
from flask_rewind.engines.mysql.algorithms import NOT_SO, asserted, rungs_of
from flask_rewind.sql.parser import renames
from flask_rewind.sql.statements import DATA, verb
from flask_rewind.steps import Step


class MySQLProbe(StepProbe):
    """Tries the algorithms and locks: MariaDB and MySQL refuse an impossible one before they do any work."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._found = ("NONE", CATALOG)

    def run(self, step: Step, statement: str) -> bool:
        """Execute an ALTER TABLE with the best algorithm and the weakest lock that the server accepts.

        Renames are left to the caller: MariaDB 10.11 accepts these words there, but foreign keys to the table then keep
        its old name.
        """
        self._found = _without_asking(statement)
        is_renamed = any(not each.column for each in renames(statement, "mysql"))
        if is_renamed or (verb(statement, "mysql") != "ALTER" and not is_index(statement)):
            return False
        plain = statement.replace("%%", "%")
        comma = "," if verb(statement, "mysql") == "ALTER" else ""
        for algorithm, lock in rungs_of(self.connection.dialect):
            error = self._try(asserted(plain, algorithm, lock, comma=comma))
            if error is None:
                self._found = (lock.replace("DEFAULT", "NONE"), algorithm)
                return True
            if error not in NOT_SO:
                return False  # the caller executes the statement as it is, and sees its own error
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
        """Return how many rows the table has in the live database."""
        live = self.connection.info.get("rewind_rows", {})
        found: int | None = live.get(table)
        return found


def _without_asking(statement: str) -> tuple[str, str]:
    first = verb(statement, "mysql")
    if first in DATA:
        return "rows", "changes rows"
    is_at_once = first in {"RENAME", "DROP"} or any(not each.column for each in renames(statement, "mysql"))
    return ("EXCLUSIVE", "INSTANT") if is_at_once else ("NONE", CATALOG)
