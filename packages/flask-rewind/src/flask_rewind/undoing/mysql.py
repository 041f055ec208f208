"""MariaDB and MySQL: the lines of ``SHOW CREATE TABLE`` are what ALTER TABLE takes."""

import re

from flask_rewind.describing import Description, Part
from flask_rewind.errors import Refused
from flask_rewind.statements import Rename
from flask_rewind.undoing.base import OBJECTS, Restorer

_DROPS = {
    "unique": "INDEX {}",
    "index": "INDEX {}",
    "foreign key": "FOREIGN KEY {}",
    "check": "CONSTRAINT {}",
    "primary key": "PRIMARY KEY",
    "column": "COLUMN {}",
}


class MySQLRestorer(Restorer):
    """Restores in a MariaDB or MySQL database."""

    def rename_back(self, rename: Rename) -> None:
        if not rename.column:
            self.run(f"RENAME TABLE {self.quote(rename.new)} TO {self.quote(rename.table)}")
        else:
            super().rename_back(rename)

    def drop_from_table(self, part: Part) -> None:
        if part.kind in {"view", "trigger", "sequence"}:
            self.run(f"DROP {part.kind} {self.quote(part.name)}")
        else:
            name = self.quote(part.called or part.name)
            self.run(f"ALTER TABLE {self.quote(part.table)} DROP {_DROPS[part.kind].format(name)}")

    def make(self, part: Part) -> None:
        if part.kind in OBJECTS - {"index"}:
            self.run(part.sql)
        else:
            self.run(f"ALTER TABLE {self.quote(part.table)} ADD {'COLUMN ' * (part.kind == 'column')}{part.sql}")

    def change_column(self, part: Part, now: Part) -> None:
        self._refuse_without_strictness(part)
        self.run(f"ALTER TABLE {self.quote(part.table)} MODIFY {part.sql}")

    def change_options(self, part: Part) -> None:
        self.run(f"ALTER TABLE {self.quote(part.table)} {part.definition}")

    def make_table(self, part: Part, wanted: Description) -> None:
        lines = part.sql.splitlines()
        kept = [line.strip().rstrip(",") for line in lines[1:-1] if "`_attic_" not in line]
        self.run(f"CREATE TABLE {self.quote(part.table)} ({', '.join(kept)}{lines[-1]}")

    def _refuse_without_strictness(self, part: Part) -> None:
        mode = str(self.connection.exec_driver_sql("SELECT @@sql_mode").scalar())
        if not re.search("STRICT", mode):
            raise Refused(
                f"{part} cannot be changed back while the server cuts values that do not fit.",
                "Set sql_mode to STRICT_ALL_TABLES for this connection.",
            )
