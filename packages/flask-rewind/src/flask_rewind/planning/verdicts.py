"""What a statement means for the rows that are there, judged by its words and by what the attic does with it. Pure."""

import re

from flask_rewind.sql.statements import DATA, DDL, verb

_CHECKED = re.compile(
    r"\b(NOT NULL|UNIQUE|FOREIGN KEY|CHECK|PRIMARY KEY|REFERENCES|MODIFY|TYPE|EXCLUDE)\b", re.IGNORECASE
)
_PURPOSES = {
    "left out": ("lossless", "nothing is changed by it"),
    "takes its name from": ("lossless", "it is made again when its table returns"),
    "keeps": ("lossless", "nothing is changed by it"),
    "drops": ("one-way", "it comes back empty"),
    "puts back": ("lossless", "the next upgrade() sets it again"),
    "makes way for": ("lossless", "nothing is changed by it"),
    "makes room": ("lossless", "what is hidden gets its own type again when it returns"),
    "leaves what is hidden out": ("lossless", "nothing is changed by it"),
    "fills": ("needs fill", "nothing: the rows keep these values"),
    "copies": ("lossless", "the rows it copies stay in the attic"),
    "brings the values": ("lossless", "the values it copies stay in the attic"),
    "brings": ("lossless", "it is hidden again"),
    "hides": ("lossless", "it comes back from the attic"),
    "moves": ("lossless", "it comes back from the attic"),
    "ends the return": ("lossless", "nothing is changed by it"),
}
"""What the attic's statements mean, by how the purpose of each begins; of several that fit, the first one."""
_NOT_DESCRIBED = re.compile(
    r"\w+\s+(OR\s+REPLACE\s+|DEFINER\s*=\s*\S+\s+)?(FUNCTION|PROCEDURE|AGGREGATE|EVENT|EXTENSION|POLICY|RULE|DOMAIN|SCHEMA"
    r"|DATABASE|ROLE|USER|SERVER|PUBLICATION|SUBSCRIPTION|COLLATION|CAST|OPERATOR|LANGUAGE|STATISTICS|PACKAGE)\b",
    re.IGNORECASE,
)
_OF_SESSION = {"SET", "RESET", "USE", "LOCK", "UNLOCK", "ANALYZE", "VACUUM", "REINDEX", "OPTIMIZE", "DISCARD"}
_RIGHTS = {"GRANT", "REVOKE"}
_ROWS_STAY = "nothing: the rows stay changed"
_BY_SCRIPT = "by the script alone: the journal does not have what it was"


def verdict_of(statement: str, purpose: str, dialect: str) -> tuple[str, str]:
    """Return the verdict of a statement, and what takes it back."""
    first = verb(statement, dialect)
    if first == "UPDATE" and purpose.startswith("brings ") and not purpose.startswith("brings the values "):
        return "needs fill", "it is hidden again"
    if purpose.startswith("moves ") and " back from the side table " in purpose:
        return "lossless", "it is hidden again"
    known = (said for beginning, said in _PURPOSES.items() if purpose.startswith(beginning))
    return next(known, None) or _by_words(statement, first)


def _by_words(statement: str, first: str) -> tuple[str, str]:
    if first == "TRUNCATE" or (first in DATA and "rewind_new" not in statement):
        return "one-way", _ROWS_STAY
    if first in _OF_SESSION:
        return "lossless", "nothing is changed by it"
    if first in _RIGHTS or (first in DDL and _NOT_DESCRIBED.match(statement)):
        return "lossless", _BY_SCRIPT
    if first not in DDL | DATA | {"COMMENT"}:
        return "one-way", "nothing: what it does is not known"
    is_checked = first in {"ALTER", "CREATE"} and not re.match(r"CREATE\s+TABLE", statement, re.IGNORECASE)
    verdict = "needs check" if is_checked and _CHECKED.search(statement) else "lossless"
    return verdict, "the journal has what it was"
