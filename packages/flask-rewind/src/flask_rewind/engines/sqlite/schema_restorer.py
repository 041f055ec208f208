"""Restore parts on SQLite: all changes of constraints and columns of a table are made at once, in its text."""

from flask_rewind.describing import Description, Part
from flask_rewind.engines.hider import Hider
from flask_rewind.engines.schema_restorer import OBJECTS, Restorer
from flask_rewind.engines.sqlite.clauses import affinity, clause_of, clauses, declared_type, spelling, without_clauses
from flask_rewind.engines.sqlite.table import SQLiteTable
from flask_rewind.engines.sqlite.text import TableText
from flask_rewind.sql.changes import Rename

_CLAUSES = ("NOT NULL", "DEFAULT", "COLLATE", "GENERATED")
_CONSTRAINTS = {"UNIQUE", "PRIMARY KEY", "CHECK", "REFERENCES"}


class SQLiteRestorer(Restorer):
    """Restores parts of the schema in a SQLite database."""

    def __init__(self, hider: Hider) -> None:
        super().__init__(hider)
        self._texts: dict[str, TableText] = {}
        self._moving_rows: set[str] = set()

    def rename_back(self, rename: Rename) -> None:
        if rename.column:
            SQLiteTable(self.connection, rename.table).rename_column(rename.new, rename.column)
        else:
            super().rename_back(rename)

    def drop_from_table(self, part: Part) -> None:
        if part.kind in OBJECTS:
            self.run(f"DROP {part.kind} {self.quote(part.name)}")
        elif part.kind == "column":
            self.run(f"ALTER TABLE {self.quote(part.table)} DROP COLUMN {self.quote(part.name)}")
        else:
            self._text(part.table).drop_like(part.sql)
            self._note(part)

    def make(self, part: Part) -> None:
        if part.kind in OBJECTS:
            self.finish()
            self.run(part.sql)
            return
        text = self._text(part.table)
        if part.kind == "column":
            text.add_column(part.sql)
        else:
            text.add_constraint(part.sql)
        self._note(part)

    def make_table(self, part: Part, wanted: Description) -> None:
        text = TableText(part.sql)
        text.parts = [each for each in text.parts if "_attic_" not in each]
        self.run(str(text))
        for each in wanted.values():
            if each.table == part.table and each.kind in OBJECTS:
                self.run(each.sql)

    def finish(self) -> None:
        for name, text in self._texts.items():
            table = SQLiteTable(self.connection, name)
            if name in self._moving_rows:
                table.rebuild(text)
            elif str(text) != table.text:
                table.write_text_that_holds(str(text))
        self._texts, self._moving_rows = {}, set()

    def change_column(self, part: Part, now: Part) -> None:
        text, before = self._text(part.table), self._text(part.table).definition(part.name)
        text.set_type(part.name, declared_type(part.sql))
        for kind in _CLAUSES:
            text.set_clause(part.name, kind, clause_of(part.sql, kind))
        if _form(before) != _form(part.sql):
            self._moving_rows.add(part.table)

    def column_without_default(self, part: Part) -> str:
        definition = without_clauses(part.sql, _CONSTRAINTS)
        kept = [definition[each.start : each.end] for each in clauses(definition) if each.kind != "DEFAULT"]
        return " ".join([*spelling(declared_type(definition)), *sorted(" ".join(spelling(each)) for each in kept)])

    def _note(self, part: Part) -> None:
        if part.kind in {"unique", "primary key", "column"}:  # a change of the text is not enough
            self._moving_rows.add(part.table)

    def _text(self, table: str) -> TableText:
        if table not in self._texts:
            self._texts[table] = TableText(SQLiteTable(self.connection, table).text)
        return self._texts[table]


def _form(definition: str) -> tuple[str | None, ...]:
    """Return the parts of a definition that decide how values are stored."""
    kept = (clause_of(definition, kind) for kind in _CLAUSES[1:])
    return (affinity(declared_type(definition)), *kept)
