"""Parse what a PostgreSQL statement does to enum types and sequences."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_rewind.sql.changes import Name
from flask_rewind.sql.reader import Reader

_DIALECT = "postgresql"
_KINDS = ("TYPE", "SEQUENCE")


@dataclass(frozen=True, slots=True)
class DropTypes:
    """A DROP TYPE or DROP SEQUENCE statement."""

    kind: str
    """``TYPE`` or ``SEQUENCE``."""
    names: list[Name]
    start: str
    """The statement up to the first name."""
    end: str
    """CASCADE or RESTRICT, if the statement ends with it."""

    def one_each(self) -> list[str]:
        """Return one statement for each name."""
        return [" ".join(filter(None, (self.start, name.sql, self.end))) for name in self.names]


@dataclass(frozen=True, slots=True)
class CreateType:
    """A CREATE TYPE … AS ENUM or a CREATE SEQUENCE statement."""

    kind: str
    """``TYPE`` or ``SEQUENCE``."""
    name: Name
    labels: list[str]
    """The labels of the enum type; empty for a sequence."""


@dataclass(frozen=True, slots=True)
class AddLabel:
    """An ALTER TYPE … ADD VALUE statement."""

    type: Name
    label: str


TypeChange = DropTypes | CreateType | AddLabel


def type_change(sql: str) -> TypeChange | None:
    """Return what one statement does to enum types or sequences; None if it does nothing to them."""
    reader = Reader(sql, _DIALECT)
    try:
        for kind in _KINDS:
            if reader.takes("DROP", kind):
                return _drop(reader, kind)
        if reader.takes("CREATE", "UNLOGGED?", "SEQUENCE"):
            reader.takes("IF", "NOT", "EXISTS")
            return CreateType("SEQUENCE", reader.name(), [])
        if reader.takes("CREATE", "TYPE"):
            name = reader.name()
            return CreateType("TYPE", name, list(_labels(reader))) if reader.takes("AS", "ENUM") else None
        return _add(reader) if reader.takes("ALTER", "TYPE") else None
    except IndexError:  # the statement is incomplete: PostgreSQL has the better error message
        return None


def _drop(reader: Reader, kind: str) -> DropTypes:
    reader.takes("IF", "EXISTS")
    start = reader.sql[: reader.start].strip()
    names = [reader.name()]
    while reader.takes(","):
        names.append(reader.name())
    return DropTypes(kind, names, start, reader.word)


def _add(reader: Reader) -> AddLabel | None:
    name = reader.name()
    if not reader.takes("ADD", "VALUE"):
        return None
    reader.takes("IF", "NOT", "EXISTS")
    return next((AddLabel(name, label) for label in _labels(reader)), None)


def _labels(reader: Reader) -> Iterator[str]:
    for token in reader.rest():
        text = reader.sql[token.start : token.end]  # the token of a string literal does not contain its text
        if text.startswith("'"):
            yield text[1:-1].replace("''", "'")
