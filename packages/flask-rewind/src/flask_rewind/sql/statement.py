"""A statement on its way to a database, as a value: what it says is read once, however many ask."""

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
    """One statement, or a text of several, with what it is executed with."""

    text: str
    """As the driver gets it: where that looks for parameters by their %, other ones are doubled."""
    dialect: str
    """SQLAlchemy's name of the engine that is to read it."""
    parameters: Any = ()
    is_many: bool = False
    """Whether it is executed once for each of the parameters."""

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """What stands in it, spaces and comments left out."""
        return tokens(self.text, self.dialect)

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words in capitals, empty for what is quoted."""
        return frozenset(token.word for token in self.tokens)

    @cached_property
    def names(self) -> frozenset[str]:
        """What it names, and its words, in small letters."""
        return frozenset(token.name.lower() for token in self.tokens)

    @cached_property
    def verb(self) -> str:
        """Its first word in capitals; see `statements.verb`."""
        return verb(self.text, self.dialect)

    @cached_property
    def change(self) -> Change | None:
        """What it changes of columns and tables, if it is read."""
        return read(self.text, self.dialect)

    @cached_property
    def tables_written(self) -> list[Name]:
        """The tables whose rows it changes."""
        return tables_written(self.text, self.dialect)

    @cached_property
    def parts(self) -> list["Statement"]:
        """The statements of a text of several, each with the same parameters; one alone is its own part."""
        texts = split(self.text, self.dialect)
        return [self] if len(texts) == 1 and texts[0] == self.text else [self.saying(each) for each in texts]

    def saying(self, text: str) -> "Statement":
        """Return a statement of another text with the same parameters."""
        return self if text == self.text else replace(self, text=text)
