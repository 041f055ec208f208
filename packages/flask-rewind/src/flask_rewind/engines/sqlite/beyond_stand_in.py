"""SQLite: a stand-in is a copy of one file. Pure."""

from collections.abc import Collection, Sequence

from flask_rewind.engines.beyond_stand_in import Tables, reason_of_parts
from flask_rewind.sql.tokenizer import Token


def reaches_past(statement: str, databases: Collection[str] = (), tables: Tables = tuple) -> str:
    """Return why a stand-in cannot execute a statement, or several; empty if it can."""
    return reason_of_parts(statement, "sqlite", _of_part, databases, tables)


def _of_part(found: Sequence[Token]) -> str:
    words = {token.word for token in found}
    if found[0].word == "ATTACH" or {"VACUUM", "INTO"} <= words:
        return "the script opens another database file, and the plan has no stand-in for it"
    return ""
