"""Column definitions of MariaDB and MySQL, as ``SHOW CREATE TABLE`` writes them. Pure."""

from itertools import pairwise

from flask_rewind.sql.tokenizer import tokens

_BEHIND_TYPE = {
    "NOT",
    "NULL",
    "DEFAULT",
    "AUTO_INCREMENT",
    "UNIQUE",
    "PRIMARY",
    "KEY",
    "COMMENT",
    "CHECK",
    "REFERENCES",
}
_BEHIND_TYPE |= {"ON", "INVISIBLE", "VISIBLE", "GENERATED", "AS", "VIRTUAL", "PERSISTENT", "STORED", "WITH", "WITHOUT"}
_CLAUSES = {"NOT", "NULL", "DEFAULT", "ON", "AUTO_INCREMENT", "COMMENT", "CHECK", "INVISIBLE"}


def only_type(definition: str) -> str:
    """Return the type of a column definition, with character set and collation."""
    found = tokens(definition, "mysql")
    end = next((token.start for token in found if token.depth == 0 and token.word in _BEHIND_TYPE), len(definition))
    return definition[:end].strip()


def clauses_of(definition: str) -> list[str]:
    """Split a column definition, as SHOW CREATE TABLE writes it, into its type and its clauses."""
    starts, former = [0], ""
    for token in tokens(definition, "mysql"):
        begins = token.depth == 0 and token.word in _CLAUSES
        if begins and not (token.word == "NULL" and former in {"NOT", "DEFAULT"}):
            starts.append(token.start)
        former = token.word
    return [definition[start:end].strip() for start, end in pairwise([*starts, len(definition)])]


def without(definition: str, *words: str) -> str:
    """Return a column definition without the clauses that begin with these words."""
    kind, *said = clauses_of(definition)
    return " ".join([kind, *(clause for clause in said if clause.split()[0].upper() not in words)])


def as_nullable(definition: str) -> str:
    """Return a column definition that allows NULL."""
    kind, *said = clauses_of(definition)
    return " ".join([kind, *("NULL" if clause.upper() == "NOT NULL" else clause for clause in said)])


def as_never_null(definition: str) -> str:
    """Return a column definition that does not allow NULL."""
    kind, *said = clauses_of(definition)
    return " ".join([kind, "NOT NULL", *(clause for clause in said if clause.upper() not in {"NULL", "DEFAULT NULL"})])
