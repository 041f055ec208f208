"""A statement that is about to be executed, as a value that is parsed only once."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask_rewind.sql.changes import Change, Name
from flask_rewind.sql.parser import read
from flask_rewind.sql.rows_written import tables_written
from flask_rewind.sql.statements import split, verb
from flask_rewind.sql.tokenizer import Token, tokens


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement, or a text of several, with its parameters."""

    text: str
    """The text for the driver: if that uses ``%`` for parameters, other ``%`` are doubled."""
    dialect: str
    """SQLAlchemy's name of the engine that executes it."""
    parameters: Any = ()
    is_many: bool = False
    """Whether it is executed once for each of the parameters."""

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Its tokens, without spaces and comments."""
        return tokens(self.text, self.dialect)

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words in upper case; an empty string for quoted tokens."""
        return frozenset(token.word for token in self.tokens)

    @cached_property
    def names(self) -> frozenset[str]:
        """Its names and words in lower case."""
        return frozenset(token.name.lower() for token in self.tokens)

    @cached_property
    def verb(self) -> str:
        """Its first word in upper case; see `statements.verb`."""
        return verb(self.text, self.dialect)

    @cached_property
    def change(self) -> Change | None:
        """What it changes in columns and tables; None if the parser does not know its form."""
        return read(self.text, self.dialect)

    @cached_property
    def tables_written(self) -> list[Name]:
        """The tables whose rows it writes."""
        return tables_written(self.text, self.dialect)

    @cached_property
    def parts(self) -> list["Statement"]:
        """The statements in the text, each with the same parameters; a single statement is its own part."""
        texts = split(self.text, self.dialect)
        return [self] if len(texts) == 1 and texts[0] == self.text else [self.saying(each) for each in texts]

    def saying(self, text: str) -> "Statement":
        """Return a statement with another text and the same parameters."""
        return self if text == self.text else replace(self, text=text)
