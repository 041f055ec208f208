"""Find statements that reach past a stand-in: they would change something outside of it. Pure."""

from collections.abc import Callable, Collection, Iterator, Sequence

from flask_rewind.sql.statements import DDL, split
from flask_rewind.sql.tokenizer import Token, tokens

Tables = Callable[[], Collection[tuple[str, str]]]
"""Returns database and name of every table of the server, in lower case."""
_BEFORE_TABLES = {"TABLE", "EXISTS", "INTO", "UPDATE", "FROM", "JOIN", "TO", "REFERENCES"}
_BEFORE_TABLES |= {"VIEW", "TRIGGER", "SEQUENCE"}


def reason_of_parts(
    statement: str,
    dialect: str,
    of_part: Callable[[Sequence[Token]], str],
    databases: Collection[str] = (),
    tables: Tables = tuple,
) -> str:
    """Return why a stand-in cannot execute a statement; empty if it can.

    Args:
        statement: one statement, or several.
        dialect: SQLAlchemy's name of the engine.
        of_part: returns the reason for one statement by the engine's own rules; empty if there is none.
        databases: the other databases of the server, in lower case.
        tables: returns the tables of all databases.
    """
    for part in split(statement, dialect):
        found = tokens(part, dialect)
        if found and (reason := of_part(found)):
            return reason
        if name := next(other_databases(found, databases, tables), ""):
            return f"the script names the database {name}, and the plan has no stand-in for it"
    return ""


def other_databases(found: Sequence[Token], databases: Collection[str], tables: Tables) -> Iterator[str]:
    """Yield the databases that names with a dot refer to; ``blog.title`` may also be a column of a table ``blog``."""
    for place, token in enumerate(found[:-2]):
        name = token.name.lower()
        if found[place + 1].text != "." or name not in databases or (place and found[place - 1].text == "."):
            continue
        is_long = place + 3 < len(found) and found[place + 3].text == "."
        before = found[place - 1].word if place else ""
        is_of_index = before == "ON" and found[0].word in DDL
        if is_long or is_of_index or before in _BEFORE_TABLES or (name, found[place + 2].name.lower()) in tables():
            yield token.name
