"""Split a text into statements, and classify a statement by its first word."""

import re
from collections.abc import Sequence
from itertools import pairwise

from flask_rewind.sql.tokenizer import tokens

DDL = {"ALTER", "CREATE", "DROP", "RENAME", "TRUNCATE"}
WRITING = {"INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE"}
"""Words with which a statement, or a part of a WITH, writes rows."""
DATA = WRITING | {"WITH"}
COMMITTING = {"COMMIT", "END"}
COMMITTING_BY_THEMSELVES = {
    *("ANALYZE", "BEGIN", "CALL", "CHECK", "FLUSH", "GRANT", "LOCK", "OPTIMIZE", "REPAIR", "REVOKE", "SET", "START"),
    *DDL,
}
"""Words of statements before which MariaDB commits, or may."""
BLOCKS = {"DO", "BEGIN", "PREPARE", "EXECUTE"}
"""First words of statements whose contents are not parsed."""
READING = {"SELECT", "SHOW", "PRAGMA", "DESCRIBE", "EXPLAIN", "BEGIN", "SAVEPOINT", "RELEASE"}
NOTHING = "SELECT 1"
"""Executed in place of a statement that is skipped, or that Rewind has already carried out."""

_NESTED = r"/\*(?:(?!/\*|\*/).|/\*(?:(?!\*/).)*\*/)*\*/"
_FIRST_WORD = re.compile(r"(?:[\s;(]|--[^\n]*|#[^\n]*|/\*(?!M?!).*?\*/|/\*M?!\d*)*(\w*)", re.DOTALL)
_FIRST_WORD_OF_POSTGRESQL = re.compile(rf"(?:[\s;(]|--[^\n]*|{_NESTED})*(\w*)", re.DOTALL)
_TIMEOUT = re.compile(r"\bSET(_CONFIG)?\b.*\bLOCK_(WAIT_)?TIMEOUT\b", re.IGNORECASE | re.DOTALL)
_WITH_BODIES = {"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"}


def split(sql: str, dialect: str) -> list[str]:
    """Return the statements of a text; a statement with a body, such as CREATE FUNCTION, stays whole."""
    if ";" not in sql:
        return [sql]
    found = tokens(sql, dialect)
    words = [token.word for token in found]
    # If a text has several bodies, the statements between them stay with the first.
    end_of_body = max((at for at, word in enumerate(words) if word == "END"), default=-1)
    parts, first = [], 0
    for at, token in enumerate(found):
        is_in_body = at < end_of_body and _has_body(words[first:at], dialect)
        if token.text == ";" and token.depth == 0 and not is_in_body:
            parts.append((first, at))
            first = at + 1
    parts.append((first, len(found)))
    return [sql[found[start].start : found[end - 1].end] for start, end in parts if end > start]


def _has_body(words: Sequence[str], dialect: str) -> bool:
    if words[:3] == ["BEGIN", "NOT", "ATOMIC"]:
        return True
    if words[:1] != ["CREATE"] or "BEGIN" not in words:
        return False
    # PostgreSQL quotes all bodies except BEGIN ATOMIC.
    return "ATOMIC" in words if dialect == "postgresql" else bool(_WITH_BODIES & set(words))


def verb(sql: str, dialect: str) -> str:
    """Return the first word of a statement after its comments, in upper case; empty if there is none.

    A WITH counts as a SELECT, unless it or one of its parts writes.
    """
    found = (_FIRST_WORD_OF_POSTGRESQL if dialect == "postgresql" else _FIRST_WORD).match(sql)
    word = found[1].upper() if found else ""
    if word == "WITH" and not WRITING & {token.word for token in tokens(sql, dialect)}:
        return "SELECT"
    return word


def sets_lock_timeout(sql: str, dialect: str) -> bool:
    """Return whether a statement sets how long those after it wait for a lock."""
    return verb(sql, dialect) in {"SET", "SELECT"} and _TIMEOUT.search(sql) is not None


def has_lock_timeout(sql: str, dialect: str) -> bool:
    """Return whether a statement says how long it waits itself: ``NOWAIT``, or ``WAIT 5``."""
    words = [token.word or token.text for token in tokens(sql, dialect)]
    return "NOWAIT" in words or any(one == "WAIT" and other.isdigit() for one, other in pairwise(words))
