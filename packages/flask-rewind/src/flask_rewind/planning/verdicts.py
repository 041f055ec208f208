"""What a statement means for the rows that are there, judged by its words and by what the attic does with it. Pure."""

import re

from flask_rewind.recording import DATA
from flask_rewind.statements import verb

_CHECKED = re.compile(
    r"\b(NOT NULL|UNIQUE|FOREIGN KEY|CHECK|PRIMARY KEY|REFERENCES|MODIFY|TYPE|EXCLUDE)\b", re.IGNORECASE
)
_ROWS_STAY = "nothing: the rows stay changed"


def verdict_of(statement: str, purpose: str) -> tuple[str, str]:
    """Return the verdict of a statement, and what takes it back."""
    first = verb(statement)
    if purpose.startswith("keeps"):
        return "lossless", "nothing is changed by it"
    if purpose.startswith("drops"):
        return "one-way", "it comes back empty"
    if purpose.startswith(("hides", "moves")):
        return "lossless", "it comes back from the attic"
    if purpose.startswith("brings") and first == "UPDATE":
        return "needs fill", "it is hidden again"
    if purpose.startswith("brings"):
        return "lossless", "it is hidden again"
    if first == "TRUNCATE" or (first in DATA and "rewind_new" not in statement):
        return "one-way", _ROWS_STAY
    is_checked = first in {"ALTER", "CREATE"} and not re.match(r"CREATE\s+TABLE", statement, re.IGNORECASE)
    verdict = "needs check" if is_checked and _CHECKED.search(statement) else "lossless"
    return verdict, "the journal has what it was"
