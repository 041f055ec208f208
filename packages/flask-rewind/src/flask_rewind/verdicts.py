"""What a statement means for the rows that are there, judged by its kind and its words. Pure."""

import re

from flask_rewind.sql.statements import DATA, DDL, verb
from flask_rewind.steps import StepKind

_CHECKED = re.compile(
    r"\b(NOT NULL|UNIQUE|FOREIGN KEY|CHECK|PRIMARY KEY|REFERENCES|MODIFY|TYPE|EXCLUDE)\b", re.IGNORECASE
)
_NOTHING_CHANGED = ("lossless", "nothing is changed by it")
_HIDDEN_AGAIN = ("lossless", "it is hidden again")
_BY_JOURNAL = "the journal has what it was"
_OF_KIND = {
    StepKind.LEFT_OUT: _NOTHING_CHANGED,
    StepKind.FREE_TRIGGER: ("lossless", "it is made again when its table returns"),
    StepKind.KEEP_VALUES: _NOTHING_CHANGED,
    StepKind.DROP_DERIVED: ("one-way", "it comes back empty"),
    StepKind.PUT_DEFAULT_BACK: ("lossless", "the next upgrade() sets it again"),
    StepKind.PUT_COMMENT_BACK: ("lossless", "the next upgrade() sets it again"),
    StepKind.MAKE_WAY: _NOTHING_CHANGED,
    StepKind.MAKE_ROOM: ("lossless", "what is hidden gets its own type again when it returns"),
    StepKind.LEAVE_SCHEMA: ("lossless", "it moves back when the schema is made again"),
    StepKind.ENTER_SCHEMA: ("lossless", "it moves out of the schema again when that is dropped"),
    StepKind.LEAVE_HIDDEN_OUT: _NOTHING_CHANGED,
    StepKind.FILL: ("needs fill", "nothing: the rows keep these values"),
    StepKind.COPY_ROWS: ("lossless", "the rows it copies stay in the attic"),
    StepKind.BRING_VALUES_BACK: ("lossless", "the values it copies stay in the attic"),
    StepKind.BRING_BACK: _HIDDEN_AGAIN,
    StepKind.MOVE_IN: _HIDDEN_AGAIN,
    StepKind.HIDE: ("lossless", "it comes back from the attic"),
    StepKind.MOVE_OUT: ("lossless", "it comes back from the attic"),
    StepKind.CLEAN_UP: _NOTHING_CHANGED,
    StepKind.MOVE_ROWS: ("lossless", _BY_JOURNAL),
}
"""What a step means by its kind; the words of the statement say it of the other kinds."""
_NOT_DESCRIBED = re.compile(
    r"\w+\s+(OR\s+REPLACE\s+|DEFINER\s*=\s*\S+\s+)?(FUNCTION|PROCEDURE|AGGREGATE|EVENT|EXTENSION|POLICY|RULE|DOMAIN|SCHEMA"
    r"|DATABASE|ROLE|USER|SERVER|PUBLICATION|SUBSCRIPTION|COLLATION|CAST|OPERATOR|LANGUAGE|STATISTICS|PACKAGE)\b",
    re.IGNORECASE,
)
_OF_SESSION = {"SET", "RESET", "USE", "LOCK", "UNLOCK", "ANALYZE", "VACUUM", "REINDEX", "OPTIMIZE", "DISCARD"}
_RIGHTS = {"GRANT", "REVOKE"}
_ROWS_STAY = "nothing: the rows stay changed"
_BY_SCRIPT = "by the script alone: the journal does not have what it was"


def verdict_of(statement: str, kind: StepKind, dialect: str) -> tuple[str, str]:
    """Return the verdict of a statement, and what takes it back."""
    first = verb(statement, dialect)
    if first == "UPDATE" and kind is StepKind.BRING_BACK:
        return "needs fill", "it is hidden again"
    return _OF_KIND.get(kind) or _by_words(statement, first)


def _by_words(statement: str, first: str) -> tuple[str, str]:
    if first == "TRUNCATE" or first in DATA:
        return "one-way", _ROWS_STAY
    if first in _OF_SESSION:
        return _NOTHING_CHANGED
    if first in _RIGHTS or (first in DDL and _NOT_DESCRIBED.match(statement)):
        return "lossless", _BY_SCRIPT
    if first not in DDL | {"COMMENT"}:
        return "one-way", "nothing: what it does is not known"
    is_checked = first in {"ALTER", "CREATE"} and not re.match(r"CREATE\s+TABLE", statement, re.IGNORECASE)
    verdict = "needs check" if is_checked and _CHECKED.search(statement) else "lossless"
    return verdict, _BY_JOURNAL
