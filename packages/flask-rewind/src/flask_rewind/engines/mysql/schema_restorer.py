"""Restore parts on MariaDB and MySQL: ALTER TABLE takes the lines of ``SHOW CREATE TABLE`` as they are."""

import re

from flask_rewind.attic_entries import Place
from flask_rewind.describing import Description, Part
from flask_rewind.engines.mysql.definitions import without
from flask_rewind.engines.schema_restorer import OBJECTS, Restorer
from flask_rewind.sql.changes import NewType, Rename

_DROPS = {
    "unique": "INDEX {}",
    "index": "INDEX {}",
    "foreign key": "FOREIGN KEY {}",
    "check": "CONSTRAINT {}",
    "primary key": "PRIMARY KEY",
    "column": "COLUMN {}",
}
_COMMENT = re.compile(r" COMMENT='(?:[^']|'')*'")
_NO_COMMENT = " COMMENT=''"


class MySQLRestorer(Restorer):
    """Restores parts of the schema in a MariaDB or MySQL database."""

    def rename_back(self, rename: Rename) -> None:
        if not rename.column:
            self.run(f"RENAME TABLE {self.quote(rename.new)} TO {self.quote(rename.table)}")
        else:
            super().rename_back(rename)

    def drop_from_table(self, part: Part) -> None:
        if part.kind in {"view", "trigger", "sequence"}:
            self.run(f"DROP {part.kind} {self.quote(part.name)}")
        elif not (part.kind in {"unique", "index"} and self._leaves_key_an_index(part)):
            name = self.quote(part.called or part.name)
            self.run(f"ALTER TABLE {self.quote(part.table)} DROP {_DROPS[part.kind].format(name)}")

    def _leaves_key_an_index(self, part: Part) -> bool:
        return self.hider.key_indexes.drop_index(Place(None, part.table), part.called or part.name)

    def finish(self) -> None:
        self.hider.key_indexes.settle()

    def make(self, part: Part) -> None:
        if part.kind == "foreign key":
            self.hider.key_indexes.expect_foreign_key(Place(None, part.table))
        if part.kind in OBJECTS - {"index"}:
            self.run(part.sql)
        else:
            self.run(f"ALTER TABLE {self.quote(part.table)} ADD {'COLUMN ' * (part.kind == 'column')}{part.sql}")

    def change_column(self, part: Part, now: Part) -> None:
        self.hider.type_changes.refuse_losses(
            Place(None, part.table, part.name), NewType(part.name, part.definition, "")
        )
        self.run(f"ALTER TABLE {self.quote(part.table)} MODIFY {part.sql}")

    def change_options(self, part: Part) -> None:
        self.run(f"ALTER TABLE {self.quote(part.table)} {part.definition}")

    def make_table(self, part: Part, wanted: Description) -> None:
        lines = part.sql.splitlines()
        kept = [line.strip().rstrip(",") for line in lines[1:-1] if "`_attic_" not in line]
        self.run(f"CREATE TABLE {self.quote(part.table)} ({', '.join(kept)}{lines[-1]}")

    def column_without_default(self, part: Part) -> str:
        return without(part.definition, "DEFAULT", "COMMENT")

    def without_comment(self, part: Part) -> str:
        return without(part.definition, "COMMENT")

    def table_without_comment(self, part: Part) -> str:
        return _COMMENT.sub("", part.definition)

    def commenting(self, part: Part) -> str:
        found = _COMMENT.search(part.definition)
        return f"ALTER TABLE {self.quote(part.table)}{found[0] if found else _NO_COMMENT}"
