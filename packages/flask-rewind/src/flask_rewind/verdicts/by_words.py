"""The verdicts of statements whose words decide: those of scripts."""

import re

from flask_rewind.sql.statements import DATA, DDL
from flask_rewind.verdicts.outcomes import BY_JOURNAL, NOTHING_CHANGED, Verdict

_CHECKED = re.compile(
    r"\b(NOT NULL|UNIQUE|FOREIGN KEY|CHECK|PRIMARY KEY|REFERENCES|MODIFY|TYPE|EXCLUDE)\b", re.IGNORECASE
)
_NOT_DESCRIBED = re.compile(
    r"\w+\s+(OR\s+REPLACE\s+|DEFINER\s*=\s*\S+\s+)?(FUNCTION|PROCEDURE|AGGREGATE|EVENT|EXTENSION|POLICY|RULE|DOMAIN|SCHEMA"
    r"|DATABASE|ROLE|USER|SERVER|PUBLICATION|SUBSCRIPTION|COLLATION|CAST|OPERATOR|LANGUAGE|STATISTICS|PACKAGE)\b",
    re.IGNORECASE,
)
_OF_SESSION = {"SET", "RESET", "USE", "LOCK", "UNLOCK", "ANALYZE", "VACUUM", "REINDEX", "OPTIMIZE", "DISCARD"}
_RIGHTS = {"GRANT", "REVOKE"}
_ROWS_STAY = "nothing: the rows stay changed"
_BY_SCRIPT = "only the script: the journal does not record this kind of object"


def by_words(statement: str, first: str) -> Verdict:
    """Return the verdict of a statement that begins with the word `first`."""
    if first == "TRUNCATE" or first in DATA:
        return "one-way", _ROWS_STAY
    if first in _OF_SESSION:
        return NOTHING_CHANGED
    if first in _RIGHTS or (first in DDL and _NOT_DESCRIBED.match(statement)):
        return "lossless", _BY_SCRIPT
    if first not in DDL | {"COMMENT"}:
        return "one-way", "nothing: its effect is unknown"
    is_checked = first in {"ALTER", "CREATE"} and not re.match(r"CREATE\s+TABLE", statement, re.IGNORECASE)
    verdict = "needs check" if is_checked and _CHECKED.search(statement) else "lossless"
    return verdict, BY_JOURNAL
