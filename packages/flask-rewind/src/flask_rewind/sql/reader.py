"""Read the tokens of a statement, word by word."""

from collections.abc import Iterator

from flask_rewind.sql.changes import Name
from flask_rewind.sql.tokenizer import Token, tokens

NO_COLUMN = {"CONSTRAINT", "INDEX", "KEY", "UNIQUE", "PRIMARY", "FOREIGN", "FULLTEXT", "SPATIAL", "CHECK"}
NO_COLUMN |= {"PARTITION", "PERIOD", "SYSTEM", "EXPRESSION", "("}
BEFORE_TABLE = {"INTO", "FROM", "ONLY", "IGNORE", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK"}
_JOINING = {",", "JOIN", "STRAIGHT_JOIN"}
_AFTER_TABLE = {"INNER", "CROSS", "LEFT", "RIGHT", "NATURAL", "ON", "USING"}
_AFTER_TABLE |= {"PARTITION", "FOR", "USE", "FORCE", "IGNORE"}


class Reader:
    """The tokens of a statement, and a position in them."""

    def __init__(self, sql: str, dialect: str, place: int = 0) -> None:
        self.sql = sql
        self._dialect = dialect
        self._tokens = [token for token in tokens(sql, dialect) if token.text != ";"]
        self._place = place

    @property
    def start(self) -> int:
        """The position of the next word in the text."""
        return self._tokens[self._place].start if self._place < len(self._tokens) else len(self.sql)

    def takes(self, *words: str) -> bool:
        """Consume these words if they come next, and return whether they did; a word with ``?`` is optional."""
        start = self._place
        for word in words:
            if self.word == word.rstrip("?"):
                self._place += 1
            elif not word.endswith("?"):
                self._place = start
                return False
        return True

    @property
    def words(self) -> list[str]:
        """All words in upper case; empty strings for quoted tokens."""
        return [token.word for token in self._tokens]

    def without_last(self, word: str) -> str:
        """Return the text without its last word, if that is `word`."""
        last = self._tokens[-1]
        return self.sql[: last.start if last.word == word else last.end].strip()

    @property
    def word(self) -> str:
        """The next word in upper case, or the next sign; empty at the end and for a quoted token."""
        return (self._tokens[self._place].word or "") if self._place < len(self._tokens) else ""

    def identifier(self) -> str:
        """Consume the next word as a name, and return it as its engine stores it."""
        token = self._tokens[self._place]
        self._place += 1
        return token.name.lower() if self._dialect == "postgresql" and token.word else token.name

    def name(self) -> Name:
        """Consume the name of a table, with its schema if it has one."""
        start = self._tokens[self._place].start
        names = [self.identifier()]
        while self.takes("."):
            names.append(self.identifier())
        sql = self.sql[start : self._tokens[self._place - 1].end]
        return Name(names[-2] if len(names) > 1 else None, names[-1], sql)

    def start_again(self) -> None:
        """Go back to the first word."""
        self._place = 0

    def rest(self) -> list[Token]:
        """Return the remaining tokens."""
        return self._tokens[self._place :]

    def actions(self) -> Iterator["Reader"]:
        """Yield a reader for each comma-separated part of the rest."""
        parts: list[list[Token]] = [[]]
        for token in self.rest():
            if token.text == "," and token.depth == 0:
                parts.append([])
            else:
                parts[-1].append(token)
        yield from map(self._of, parts)

    def until(self, *words: str) -> "Reader":
        """Return a reader for the tokens before one of the words outside parentheses, and consume them and the word."""
        rest = self.rest()
        at = next((at for at, token in enumerate(rest) if token.depth == 0 and token.word in words), len(rest))
        self._place += at + 1
        return self._of(rest[:at])

    def _of(self, part: list[Token]) -> "Reader":
        reader = Reader("", self._dialect)
        reader.sql, reader._tokens = self.sql, part
        return reader

    def references(self) -> dict[str, Name]:
        """Return the tables that the rest joins, by alias or name in lower case; ``t.*`` counts as the table t."""
        found, is_next, depths = {}, True, {0}
        while self.word in BEFORE_TABLE:
            self.identifier()
        while self.rest():
            if is_next and self.takes("("):
                is_next = self.word != "SELECT"
                depths |= {self.rest()[0].depth} if is_next else set()
            elif is_next:
                name = self.name()
                name = Name(None, name.schema or "", name.sql) if name.table == "*" else name
                self.takes("AS")
                is_called = self.rest() and self.word not in _JOINING | _AFTER_TABLE | {")"}
                found[(self.identifier() if is_called else name.table).lower()] = name
                is_next = False
            else:
                is_next = self.word in _JOINING and self.rest()[0].depth in depths
                self.identifier()
        return found

    def texts_around(self, word: str) -> tuple[str, str]:
        """Return the rest before and after a word outside parentheses; the second text is empty without that word."""
        found = self.rest()
        at = next((at for at, token in enumerate(found) if token.depth == 0 and token.word == word), len(found))
        before, after = found[:at], found[at + 1 :]
        return (
            self.sql[before[0].start : before[-1].end] if before else "",
            self.sql[after[0].start : after[-1].end] if after else "",
        )

    def added_in_parentheses(self) -> "Iterator[Reader]":
        """Yield a reader for each part of ``ADD (a INT, b INT)``; for any other action yield this reader."""
        is_add = self.takes("ADD", "COLUMN?")
        condition = "IF NOT EXISTS " if self.takes("IF", "NOT", "EXISTS") else ""
        inside = self._tokens[self._place + 1 : -1] if is_add and self.word == "(" else []
        self.start_again()
        if not inside:
            yield self
            return
        text = self.sql[inside[0].start : inside[-1].end]
        for part in Reader(text, self._dialect).actions():
            is_column = part.word not in NO_COLUMN
            yield Reader(f"ADD {'COLUMN ' + condition if is_column else ''}{part.text}", self._dialect)

    @property
    def text(self) -> str:
        """The text from the first to the last token."""
        return self.sql[self._tokens[0].start : self._tokens[-1].end] if self._tokens else ""
