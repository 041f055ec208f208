"""Cut a statement into words, quoted parts and signs, like its engine does. Pure.

Sources: sqlite.org/lang.html, the "Lexical Structure" of PostgreSQL, "Comments" and "String Literals" of MariaDB.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_REST = r"|(?P<number>\.?\d[\w.]*(?:(?<=[eE])[+-]\d+)?)|(?P<word>[\w$]+)|(?P<sign>.)"
_ESCAPED = r"'(?:[^'\\]|\\.|'')*'"
_SQLITE = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)|(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*')"""
    + _REST,
    re.DOTALL,
)
# The server executes the text inside /*!50100 ... */.
_MYSQL = re.compile(
    r"""(?P<space>\s+|--(?=\s|$)[^\n]*|\#[^\n]*|/\*(?!M?!).*?\*/|/\*M?!\d*|\*/)"""
    rf"""|(?P<quoted>"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|{_ESCAPED})""" + _REST,
    re.DOTALL,
)
_POSTGRESQL = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*(?:(?!/\*|\*/).|/\*(?:(?!\*/).)*\*/)*\*/)|(?P<quoted>"(?:[^"]|"")*")"""
    rf"""|(?P<text>[eE]{_ESCAPED}|(?:[uU]&|[bBxXnN])?'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)""" + _REST,
    re.DOTALL,
)
LONGEST_REMEMBERED = 10_000
"""Characters of the longest text whose tokens are cached: a crossing needs those of a statement many times."""

_SPACED = re.compile(r"\s\s|[^\S ]|--|#|/\*")
_BY_DIALECT = {"mysql": _MYSQL, "mariadb": _MYSQL, "postgresql": _POSTGRESQL}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a quoted name or text, or one sign; ``depth`` counts the parentheses around it."""

    text: str
    start: int
    end: int
    depth: int

    @property
    def word(self) -> str:
        """The word in upper case; empty for a quoted token."""
        return "" if self.text[0] in "\"`['" else self.text.upper()

    @property
    def name(self) -> str:
        """The identifier, without quotes."""
        if self.text[0] in "\"`'":
            return self.text[1:-1].replace(self.text[0] * 2, self.text[0])
        return self.text[1:-1] if self.text[0] == "[" else self.text


def tokens(sql: str, dialect: str = "sqlite") -> tuple[Token, ...]:
    """Return the tokens of `sql`, without spaces and comments.

    Args:
        sql: one statement, or several.
        dialect: SQLAlchemy's name of the engine that executes it.
    """
    return _remembered(sql, dialect) if len(sql) <= LONGEST_REMEMBERED else _cut(sql, dialect)


def _cut(sql: str, dialect: str) -> tuple[Token, ...]:
    found, depth = [], 0
    for match in _BY_DIALECT.get(dialect, _SQLITE).finditer(sql):
        kind = match.lastgroup
        if kind == "space":
            continue
        # Every kind of PostgreSQL string literal becomes an empty one.
        text = "''" if kind == "text" else match.group()
        depth -= text == ")"
        found.append(Token(text, match.start(), match.end(), depth))
        depth += text == "("
    return tuple(found)


@lru_cache(maxsize=256)
def _remembered(sql: str, dialect: str) -> tuple[Token, ...]:
    return _cut(sql, dialect)


def one_line(sql: str, dialect: str = "sqlite") -> str:
    """Return a statement on one line, without comments and with single spaces; quoted parts stay unchanged."""
    if not _SPACED.search(sql):
        return sql.strip()
    found = tokens(sql, dialect)
    parts: list[str] = []
    end = found[0].start if found else 0
    for token in found:
        parts += [" "] * (token.start > end)
        parts.append(sql[token.start : token.end])
        end = token.end
    return "".join(parts)


def shortened(statement: str) -> str:
    """Return the first 200 characters of a statement, on one line, for a message."""
    return " ".join(statement.split())[:200]
