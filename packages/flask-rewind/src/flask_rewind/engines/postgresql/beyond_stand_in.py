"""PostgreSQL: a stand-in is a transaction that is rolled back. Pure."""

import re
from collections.abc import Collection, Sequence

from flask_rewind.engines.beyond_stand_in import Tables, reason_of_parts
from flask_rewind.sql.tokenizer import Token

ENDS_TRANSACTION = "the script ends the transaction itself, and the plan needs to roll it back"
_LASTING = re.compile(r"\b(setval|dblink\w*|pg_terminate_backend|pg_cancel_backend|lo_export)\s*\(", re.IGNORECASE)
"""Functions of PostgreSQL whose effect no rollback undoes."""


def reaches_past(statement: str, databases: Collection[str] = (), tables: Tables = tuple) -> str:
    """Return why a stand-in cannot execute a statement, or several; empty if it can."""
    if reason := reason_of_parts(statement, "postgresql", _of_part, databases, tables):
        return reason
    if lasting := _LASTING.search(statement):
        return f"the script calls {lasting[1]}(), and PostgreSQL cannot roll that back"
    return ""


def _of_part(found: Sequence[Token]) -> str:
    words = [token.word for token in found]
    is_back_to_savepoint = words[0] == "ROLLBACK" and "TO" in words
    if words[0] in {"COMMIT", "END", "ABORT", "ROLLBACK"} or words[:2] == ["PREPARE", "TRANSACTION"]:
        return "" if is_back_to_savepoint else ENDS_TRANSACTION
    return ""
