"""Queries for a full-text index as values, and their syntax on each engine."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Every:
    """All of the parts, and not `without`."""

    parts: "Sequence[Expression]"
    without: "Expression | None" = None


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the parts."""

    parts: "Sequence[Expression]"


Expression = str | Every | Either
"""A token of a-z and 0-9; an asterisk at its end matches tokens that begin with it."""


def for_fts5(wanted: Expression) -> str:
    """Return the query in SQLite's syntax (https://sqlite.org/fts5.html, section 3)."""
    match wanted:
        case str():
            return wanted
        case Either():
            return f"({' OR '.join(map(for_fts5, wanted.parts))})"
        case Every():
            every = f"({' AND '.join(map(for_fts5, wanted.parts))})"
            return f"({every} NOT {for_fts5(wanted.without)})" if wanted.without else every


def for_boolean_mode(wanted: Expression) -> str:
    """Return the query in MariaDB's and MySQL's syntax (https://mariadb.com/kb/en/full-text-index-overview/)."""
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
    """Return the query in PostgreSQL's syntax (https://www.postgresql.org/docs/current/datatype-textsearch.html)."""
    match wanted:
        case str():
            return f"{wanted.removesuffix('*')}:*" if wanted.endswith("*") else wanted
        case Either():
            return f"({' | '.join(map(for_tsquery, wanted.parts))})"
        case Every():
            every = " & ".join(map(for_tsquery, wanted.parts))
            return f"({every} & !{for_tsquery(wanted.without)})" if wanted.without else f"({every})"
