"""Statements in the form in which the driver gets them: some drivers want each % doubled."""

from flask_rewind.keeper import CrossingContext


class DriverSQL:
    """Runs and quotes what is taken from a statement on its way to the driver."""

    def __init__(self, crossing: CrossingContext) -> None:
        self._hider = crossing.hider
        self._is_escaped = crossing.connection.dialect.paramstyle in {"format", "pyformat"}

    def run(self, statement: str) -> None:
        """Execute a statement, or a part of one."""
        self._hider.run_literally(self.plain(statement))

    def plain(self, statement: str) -> str:
        """Return a statement as the server gets it."""
        return statement.replace("%%", "%") if self._is_escaped else statement

    def quoted(self, name: str) -> str:
        """Return a name as it stands in a statement for the driver."""
        quoted = self._hider.quote(name)
        return quoted.replace("%", "%%") if self._is_escaped else quoted
