"""Which statements reach past a stand-in: they would change something that it does not stand in for. Pure."""

from collections.abc import Callable, Collection, Iterator, Sequence

from flask_rewind.sql.statements import DDL, split
from flask_rewind.sql.tokenizer import Token, tokens

Tables = Callable[[], Collection[tuple[str, str]]]
"""Gives database and name of every table of the server, in small letters."""
_BEFORE_TABLES = {"TABLE", "EXISTS", "INTO", "UPDATE", "FROM", "JOIN", "TO", "REFERENCES"}
_BEFORE_TABLES |= {"VIEW", "TRIGGER", "SEQUENCE"}


def reason_of_parts(
    statement: str,
    dialect: str,
    of_part: Callable[[Sequence[Token]], str],
    databases: Collection[str] = (),
    tables: Tables = tuple,
) -> str:
    """Return why a stand-in of that dialect cannot take one of the parts of a statement; empty where it can.

    Args:
        statement: one, or several.
        dialect: SQLAlchemy's name of the engine.
        of_part: says it of one statement, for the engine.
        databases: the other databases of a server, in small letters.
        tables: gives those of all databases.
    """
    for part in split(statement, dialect):
        found = tokens(part, dialect)
        if found and (reason := of_part(found)):
            return reason
        if name := next(other_databases(found, databases, tables), ""):
            return f"the script names the database {name}, and the plan has no stand-in for it"
    return ""


def other_databases(found: Sequence[Token], databases: Collection[str], tables: Tables) -> Iterator[str]:
    """Yield the databases that names with a dot speak of; ``blog.title`` may be a column of a table ``blog``, too."""
    for place, token in enumerate(found[:-2]):
        name = token.name.lower()
        if found[place + 1].text != "." or name not in databases or (place and found[place - 1].text == "."):
            continue
        is_long = place + 3 < len(found) and found[place + 3].text == "."
        before = found[place - 1].word if place else ""
        is_of_index = before == "ON" and found[0].word in DDL
        if is_long or is_of_index or before in _BEFORE_TABLES or (name, found[place + 2].name.lower()) in tables():
            yield token.name
