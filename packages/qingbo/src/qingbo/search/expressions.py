"""What is asked of a full-text index, as a value, and how each engine spells it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Every:
    """All of these, and nothing of what is without."""

    parts: "Sequence[Expression]"
    without: "Expression | None" = None


@dataclass(frozen=True, slots=True)
class Either:
    """One of these."""

    parts: "Sequence[Expression]"


Expression = str | Every | Either
"""A token, with an asterisk where tokens that begin so will do; tokens are in a-z and 0-9 alone."""


def for_fts5(wanted: Expression) -> str:
    """Return the query of SQLite (https://sqlite.org/fts5.html, section 3)."""
    match wanted:
        case str():
            return wanted
        case Either():
            return f"({' OR '.join(map(for_fts5, wanted.parts))})"
        case Every():
            every = f"({' AND '.join(map(for_fts5, wanted.parts))})"
            return f"({every} NOT {for_fts5(wanted.without)})" if wanted.without else every


def for_boolean_mode(wanted: Expression) -> str:
    """Return the query of MariaDB and MySQL (https://mariadb.com/kb/en/full-text-index-overview/)."""
    match wanted:
        case str():
            return wanted
        case Either():
            return f"({' '.join(map(for_boolean_mode, wanted.parts))})"
        case Every():
            every = " ".join(f"+{for_boolean_mode(each)}" for each in wanted.parts)
            without = f" -{for_boolean_mode(wanted.without)}" if wanted.without else ""
            return f"({every}{without})"


def for_tsquery(wanted: Expression) -> str:
    """Return the query of PostgreSQL (https://www.postgresql.org/docs/current/datatype-textsearch.html)."""
    match wanted:
        case str():
            return f"{wanted.removesuffix('*')}:*" if wanted.endswith("*") else wanted
        case Either():
            return f"({' | '.join(map(for_tsquery, wanted.parts))})"
        case Every():
            every = " & ".join(map(for_tsquery, wanted.parts))
            return f"({every} & !{for_tsquery(wanted.without)})" if wanted.without else f"({every})"
