"""What a crossing down may leave out without harm to a row: the default of a column, and comments. It is put back.

Types, NULL, keys, constraints, indexes, columns and tables are not: rows may have come that do not fit, or a statement
may take long.
"""

import logging
import re

from flask_rewind.attic_entries import Place
from flask_rewind.describing import Change, Part
from flask_rewind.engines.mysql.definitions import without
from flask_rewind.engines.restoring import Restorer
from flask_rewind.engines.sqlite.clauses import clauses, declared_type, spelling, without_clauses
from flask_rewind.keeper import Keeper
from flask_rewind.steps import StepKind

log = logging.getLogger("alembic.runtime.migration")

_CONSTRAINTS = {"UNIQUE", "PRIMARY KEY", "CHECK", "REFERENCES"}
_COMMENT = re.compile(r" COMMENT='(?:[^']|'')*'")
_NO_COMMENT = " COMMENT=''"
_PLAIN_TABLE = re.compile(r"r [put]\b ?(?P<comment>.*)", re.DOTALL)
"""Of PostgreSQL: ``relkind``, ``relpersistence`` and the comment, as `describing` joins them."""


class LostWords:
    """Puts back what a crossing down has left out without harm."""

    def __init__(self, keeper: Keeper, restorer: Restorer) -> None:
        self._keeper = keeper
        self._restorer = restorer
        self._dialect = keeper.crossing.dialect

    def has(self, change: Change) -> bool:
        """Return whether what a crossing down leaves otherwise is a default or a comment."""
        before, after = change.before, change.after
        if before is None or after is None or before.kind not in {"column", "table"}:
            return False
        if before.kind == "table":
            return _but_comment(before, self._dialect) == _but_comment(after, self._dialect) is not None
        numbers = any("nextval(" in part.sql.lower() for part in (before, after))
        return not numbers and _but_default(before, self._dialect) == _but_default(after, self._dialect)

    def put_back(self, before: Part, after: Part) -> None:
        """Make a default or a comment what the way up had found, and say so."""
        is_default = before.kind == "column" and _default(before, self._dialect) != _default(after, self._dialect)
        place = Place(None, before.table, before.name or None)
        said, kind = ("default", StepKind.PUT_DEFAULT_BACK) if is_default else ("comment", StepKind.PUT_COMMENT_BACK)
        log.warning("The downgrade() leaves out the %s of %s; it is put back.", said, place)
        with self._keeper.crossing.hiding(kind, place):
            if before.kind == "column":
                self._restorer.change_column(before, after)
                self._restorer.finish()
            else:
                self._restorer.run(_commented(before, self._restorer.quote(before.table), self._dialect))


def _but_default(part: Part, dialect: str) -> str:
    """Return what is said of a column besides its default and its comment."""
    if dialect in {"mysql", "mariadb"}:
        return without(part.definition, "DEFAULT", "COMMENT")
    if dialect == "postgresql":
        return part.sql if " GENERATED " in part.sql else part.sql.partition(" DEFAULT ")[0]
    definition = without_clauses(part.sql, _CONSTRAINTS)
    kept = [definition[each.start : each.end] for each in clauses(definition) if each.kind != "DEFAULT"]
    return " ".join([*spelling(declared_type(definition)), *sorted(" ".join(spelling(each)) for each in kept)])


def _default(part: Part, dialect: str) -> str:
    return without(part.definition, "COMMENT") if dialect in {"mysql", "mariadb"} else part.sql


def _but_comment(part: Part, dialect: str) -> str | None:
    """Return what is said of a table besides its comment; None where that cannot be told apart."""
    if dialect in {"mysql", "mariadb"}:
        return _COMMENT.sub("", part.definition)
    match = _PLAIN_TABLE.fullmatch(part.definition) if dialect == "postgresql" else None
    return match and part.definition[: match.start("comment")].strip()


def _commented(part: Part, table: str, dialect: str) -> str:
    if dialect == "postgresql":
        match = _PLAIN_TABLE.fullmatch(part.definition)
        comment = match["comment"].replace("'", "''") if match else ""
        return f"COMMENT ON TABLE {table} IS '{comment}'"
    found = _COMMENT.search(part.definition)
    return f"ALTER TABLE {table}{found[0] if found else _NO_COMMENT}"
