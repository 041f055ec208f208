"""What is hidden in a MariaDB or MySQL database, in the lines of ``SHOW CREATE TABLE``."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from flask_rewind.attic_entries import SIDE, Place
from flask_rewind.describing import Part
from flask_rewind.engines.hidden_schema import HiddenSchema
from flask_rewind.engines.mysql.describing import triggers
from flask_rewind.engines.mysql.shown import definition_lines, shown
from flask_rewind.own_names import is_hidden

_TABLES = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
    " AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND table_name LIKE '|_attic|_%' ESCAPE '|' ORDER BY 1"
)
_TABLES_WITH_HIDDEN_PARTS = (
    "SELECT table_name FROM information_schema.columns WHERE table_schema = DATABASE()"
    " AND column_name LIKE '|_attic|_%' ESCAPE '|' UNION"
    " SELECT table_name FROM information_schema.statistics WHERE table_schema = DATABASE()"
    " AND index_name LIKE '|_attic|_%' ESCAPE '|' ORDER BY 1"
)


class MySQLHiddenSchema(HiddenSchema):
    """Hidden tables with their triggers, hidden columns with their markers, temporary indexes, and side tables."""

    def read(self) -> Iterator[Part]:
        for name in self.run(_TABLES).scalars().all():
            yield Part("table", name, "", "", name, shown(self.hider, Place(None, name)))
        for name in self.run(_TABLES_WITH_HIDDEN_PARTS).scalars().all():
            if not is_hidden(name):
                yield from _parts(name, definition_lines(self.hider, Place(None, name)))
        yield from (each for each in triggers(self.hider.connection) if is_hidden(each.table))

    def create(self, parts: Sequence[Part]) -> None:
        of_tables = [each for each in parts if each.kind in {"column", "key"}]
        sides = [each for each in parts if each.kind == "table" and each.name.endswith(SIDE)]
        for part in (each for each in parts if each.kind == "table" and each not in sides):
            self.run_literally(part.sql)
        for table, group in groupby(of_tables, lambda each: each.table):
            # One statement: an AUTO_INCREMENT column needs its index, and a column is not added without its marker.
            actions = ", ".join(map(self._action, group))
            self.run_literally(f"ALTER TABLE {self.quote(table)} {actions}")
        for part in [*sides, *(each for each in parts if each.kind == "trigger")]:
            self.run_literally(part.sql)

    def _action(self, part: Part) -> str:
        if part.kind == "key":
            return f"ADD {part.sql}"
        return f"ADD COLUMN {part.sql}{f' AFTER {self.quote(part.called)}' if part.called else ' FIRST'}"


def _parts(table: str, lines: list[str]) -> Iterator[Part]:
    before = ""
    for line in lines:
        name = line[line.find("`") + 1 :].partition("`")[0]
        if is_hidden(name):
            yield Part("column" if line.startswith("`") else "key", table, name, "", before, line)
        if line.startswith("`"):
            before = name
