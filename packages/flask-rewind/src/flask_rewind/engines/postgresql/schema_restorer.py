"""Restore parts on PostgreSQL: its statements take definitions as the server writes them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask_rewind.attic_entries import Place
from flask_rewind.describing import Description, Part
from flask_rewind.engines.postgresql.describing import column_said
from flask_rewind.engines.schema_restorer import Restorer
from flask_rewind.sql.changes import NewType
from flask_rewind.sql.tokenizer import tokens

_COLUMN = re.compile(r"(?P<type>.*?)(?P<not_null> NOT NULL)?(?P<generated> GENERATED .*)?(?: DEFAULT (?P<default>.*))?")
_SEQUENCE = re.compile(r"nextval\('((?:[^']|'')+)'::regclass\)")
_CONSTRAINTS = {"primary key", "unique", "check", "foreign key", "exclusion"}
_PLAIN_TABLE = re.compile(r"r [put]\b ?(?P<comment>.*)", re.DOTALL)
"""``relkind``, ``relpersistence`` and the comment, joined as in `describing`."""


class PostgreSQLRestorer(Restorer):
    """Restores parts of the schema in a PostgreSQL database."""

    def drop_from_table(self, part: Part) -> None:
        if part.kind in _CONSTRAINTS:
            self.run(f"ALTER TABLE {self.quote(part.table)} DROP CONSTRAINT {self.quote(part.called)}")
        elif part.kind == "column":
            self.run(f"ALTER TABLE {self.quote(part.table)} DROP COLUMN {self.quote(part.name)}")
        elif part.kind == "trigger":
            self.run(f"DROP TRIGGER {self.quote(part.name)} ON {self.quote(part.table)}")
        else:
            kind = "MATERIALIZED VIEW" if part.definition.startswith("MATERIALIZED") else part.kind
            self.run(f"DROP {kind} {self.quote(part.name)}")

    def make(self, part: Part) -> None:
        if part.kind in _CONSTRAINTS:
            self.run(f"ALTER TABLE {self.quote(part.table)} ADD CONSTRAINT {self.quote(part.called)} {part.sql}")
        elif part.kind == "column":
            with self._numbered([part]):
                self.run(f"ALTER TABLE {self.quote(part.table)} ADD COLUMN {self.quote(part.name)} {part.sql}")
            self._comment(part)
        else:
            self.run(part.sql)

    def make_table(self, part: Part, wanted: Description) -> None:
        own = [each for each in wanted.values() if each.table == part.table and each.kind != "table"]
        columns = [each for each in own if each.kind == "column"]
        with self._numbered(columns):
            said = ", ".join(f"{self.quote(each.name)} {each.sql}" for each in columns)
            self.run(f"CREATE TABLE {self.quote(part.table)} ({said})")
        for each in own:
            if each.kind == "column":
                self._comment(each)
            else:
                self.make(each)

    @contextmanager
    def _numbered(self, columns: list[Part]) -> Iterator[None]:
        """Recreate the SERIAL sequences, dropped with the former columns, of columns that the block creates."""
        found = [(match[1], column) for column in columns if (match := _SEQUENCE.search(column.sql))]
        missing = [(name, column) for name, column in found if not self.hider.constraints.is_relation(name)]
        for name, column in missing:
            kind = column.sql.split()[0]
            self.run(f"CREATE SEQUENCE {name}{f' AS {kind}' if kind in {'smallint', 'integer'} else ''}")
        yield
        for name, column in missing:
            self.run(f"ALTER SEQUENCE {name} OWNED BY {self.quote(column.table)}.{self.quote(column.name)}")

    def change_column(self, part: Part, now: Part) -> None:
        wanted, there = _COLUMN.fullmatch(part.sql), _COLUMN.fullmatch(now.sql)
        if wanted is None or there is None or wanted["generated"] != there["generated"]:
            return  # the difference stays, and is refused
        column = self.quote(part.name)
        actions = []
        if wanted["type"] != there["type"]:
            self.hider.type_changes.refuse_losses(
                Place(None, part.table, part.name), NewType(part.name, wanted["type"], "")
            )
            actions += [f"ALTER {column} DROP DEFAULT"] if there["default"] else []
            plain = wanted["type"].partition(" COLLATE ")[0]
            actions.append(f"ALTER {column} TYPE {wanted['type']} USING CAST({column} AS {plain})")
        if wanted["default"]:
            actions.append(f"ALTER {column} SET DEFAULT {wanted['default']}")
        elif there["default"]:
            actions.append(f"ALTER {column} DROP DEFAULT")
        actions.append(f"ALTER {column} {'SET' if wanted['not_null'] else 'DROP'} NOT NULL")
        self.run(f"ALTER TABLE {self.quote(part.table)} {', '.join(actions)}")
        self._comment(part)

    def is_type_used(self, part: Part, there: Description) -> bool:
        columns = [each for each in there.values() if each.kind == "column"]
        return any(part.name in {token.name for token in tokens(each.sql, "postgresql")} for each in columns)

    def _comment(self, part: Part) -> None:
        comment = part.definition.removeprefix(column_said(part.name, part.sql)).removeprefix(" -- ").replace("'", "''")
        self.run(f"COMMENT ON COLUMN {self.quote(part.table)}.{self.quote(part.name)} IS '{comment}'")

    def column_without_default(self, part: Part) -> str:
        return part.sql if " GENERATED " in part.sql else part.sql.partition(" DEFAULT ")[0]

    def table_without_comment(self, part: Part) -> str | None:
        match = _PLAIN_TABLE.fullmatch(part.definition)
        return match and part.definition[: match.start("comment")].strip()

    def commenting(self, part: Part) -> str:
        match = _PLAIN_TABLE.fullmatch(part.definition)
        comment = match["comment"].replace("'", "''") if match else ""
        return f"COMMENT ON TABLE {self.quote(part.table)} IS '{comment}'"
