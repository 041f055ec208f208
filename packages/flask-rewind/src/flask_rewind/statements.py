"""What a raw SQL statement of a script does to columns and tables, where the attic has a part in it. Pure.

It reads the few forms of ALTER TABLE, DROP TABLE, CREATE TABLE and RENAME TABLE that SQLite, MariaDB, MySQL and
PostgreSQL share; whatever else a statement says is kept word for word.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flask_rewind.sqlite import Token, tokens

_NO_COLUMN = {"CONSTRAINT", "INDEX", "KEY", "UNIQUE", "PRIMARY", "FOREIGN", "FULLTEXT", "SPATIAL", "CHECK"}
_NO_COLUMN |= {"PARTITION", "PERIOD", "SYSTEM", "EXPRESSION", "("}


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a table as a statement spells it."""

    schema: str | None
    table: str
    sql: str


@dataclass(frozen=True, slots=True)
class AlterTable:
    """An ALTER TABLE statement and its actions, in order."""

    table: Name
    actions: list["Action"]
    cascade: bool
    """Whether a column is dropped with what depends on it."""


@dataclass(frozen=True, slots=True)
class Action:
    """One part of an ALTER TABLE statement."""

    kind: str
    """``drop`` or ``add`` a column, ``name`` (add a constraint or an index with a name), ``rename`` the table,
    ``rename column``, or ``other``."""
    text: str
    """As it stands."""
    name: str = ""
    """Of the column, constraint or index, or the new one of the table."""
    definition: str = ""
    """Of an added column: what stands behind its name, without where it goes. Of a renamed one: its new name."""


@dataclass(frozen=True, slots=True)
class DropTables:
    """A DROP TABLE statement."""

    tables: list[Name]
    if_exists: bool
    cascade: bool


@dataclass(frozen=True, slots=True)
class CreateTable:
    """A CREATE TABLE statement that lists its columns."""

    table: Name


@dataclass(frozen=True, slots=True)
class RenameTables:
    """A RENAME TABLE statement."""

    pairs: list[tuple[Name, str]]


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """A CREATE INDEX statement."""

    name: str
    table: Name


Change = AlterTable | DropTables | CreateTable | RenameTables | CreateIndex


def split(sql: str) -> list[str]:
    """Return the statements of a text; one with a body of its own, such as a function's, is not split."""
    found = tokens(sql)
    if "$$" in sql or any(token.word == "BEGIN" for token in found):
        return [sql]
    ends = [token.start for token in found if token.text == ";" and token.depth == 0]
    parts = [sql[start:end] for start, end in zip([0, *(end + 1 for end in ends)], [*ends, len(sql)], strict=True)]
    return [part for part in parts if tokens(part)]


def read(sql: str, *, folds: bool) -> Change | None:
    """Return what one statement changes, None where columns and tables are not in question.

    Args:
        sql: the statement.
        folds: whether names without quotes are in small letters, as on PostgreSQL.
    """
    reader = _Reader(sql, folds)
    for words, read_rest in _FORMS:
        if reader.takes(*words):
            return read_rest(reader)
    return None


@dataclass(frozen=True, slots=True)
class Rename:
    """Another name for a table, or for a column of it."""

    table: str
    """The table as it is called at that time; of a renamed table, its old name."""
    column: str
    """Empty where the table itself is renamed."""
    new: str


def verb(sql: str) -> str:
    """Return the first word of a statement, in capitals."""
    return sql.split(None, 1)[0].upper()


def table_written(sql: str) -> str:
    """Return the table whose rows an INSERT, REPLACE, UPDATE or DELETE changes; empty for other statements."""
    reader = _Reader(sql, folds=False)
    for words in (("INSERT", "INTO"), ("REPLACE", "INTO"), ("DELETE", "FROM"), ("UPDATE",)):
        if reader.takes(*words):
            return reader.name().table
    return ""


@dataclass(frozen=True, slots=True)
class Blanket:
    """What stands in a statement for all columns of a table, without naming them."""

    tables: list[str]
    """Every name in the statement: the tables are among them."""
    place: int
    """Where the names of the columns belong."""
    end: int
    """Where the rest of the statement goes on."""
    is_plain: bool
    """Whether it stands for the columns of ``tables[0]`` alone."""


def blanket(sql: str) -> Blanket | None:
    """Return the first ``INSERT INTO t VALUES`` or ``SELECT *`` of a statement."""
    if (
        "*" not in sql and "INTO" not in sql.upper()
    ):  # every statement of a crossing is asked, reflection's long ones too
        return None
    found = tokens(sql)
    words = [token.word for token in found]
    for place, word in enumerate(words):
        if word == "INTO" and words[0] in {"INSERT", "REPLACE"}:
            reader = _Reader(sql, folds=False, place=place + 1)
            name = reader.name()
            if reader.word in {"VALUES", "SELECT", "WITH", "TABLE"}:
                return Blanket([name.table], reader.start, reader.start, is_plain=True)
        if word == "*" and place and (words[place - 1] in {"SELECT", "DISTINCT", "ALL", ",", "."}):
            names = [token.name for token in found]
            reader = _Reader(sql, folds=False, place=place + 1)
            is_plain = words[:2] == ["SELECT", "*"] and reader.takes("FROM")
            tables = [reader.name().table] if is_plain else []
            is_plain = is_plain and not {"JOIN", ",", "SELECT"} & set(words[place + 1 :])
            return Blanket([*tables, *names], found[place].start, found[place].end, is_plain)
    return None


def drops(statements: Iterable[str]) -> list[str]:
    """Return the tables and columns that a printed script drops, those of Alembic's own left out."""
    found, rebuilt = [], set()
    for change in (read(statement, folds=False) for statement in statements):
        if isinstance(change, AlterTable):
            found += [f"{change.table.table}.{each.name}" for each in change.actions if each.kind == "drop"]
            rebuilt |= {each.name for each in change.actions if each.kind == "rename" and _is_alembics(change.table)}
        elif isinstance(change, DropTables):
            found += [name.table for name in change.tables if not _is_alembics(name)]
    return [name for name in found if name not in rebuilt]


def _is_alembics(name: Name) -> bool:
    return name.table.startswith(("_alembic_tmp_", "alembic_version"))


def renames(sql: str, *, folds: bool) -> list[Rename]:
    """Return what one statement gives another name, in order."""
    change = read(sql, folds=folds) if verb(sql) in {"ALTER", "RENAME"} else None
    if isinstance(change, RenameTables):
        return [Rename(old.table, "", new) for old, new in change.pairs]
    if not isinstance(change, AlterTable):
        return []
    found = []
    for action in change.actions:
        if action.kind == "rename":
            found.append(Rename(change.table.table, "", action.name))
        elif action.kind == "rename column" and action.name != action.definition:
            found.append(Rename(change.table.table, action.name, action.definition))
    return found


class _Reader:
    """The tokens of a statement and a place in them."""

    def __init__(self, sql: str, folds: bool, place: int = 0) -> None:
        self.sql = sql
        self._folds = folds
        self._tokens = [token for token in tokens(sql) if token.text != ";"]
        self._place = place

    @property
    def start(self) -> int:
        """Where the next word stands."""
        return self._tokens[self._place].start if self._place < len(self._tokens) else len(self.sql)

    def takes(self, *words: str) -> bool:
        """Go behind these words if they are next; a word with ``?`` may be missing."""
        start = self._place
        for word in words:
            if self.word == word.rstrip("?"):
                self._place += 1
            elif not word.endswith("?"):
                self._place = start
                return False
        return True

    @property
    def word(self) -> str:
        """The next word in capitals, or sign; empty at the end and before what is quoted."""
        return (self._tokens[self._place].word or "") if self._place < len(self._tokens) else ""

    def identifier(self) -> str:
        token = self._tokens[self._place]
        self._place += 1
        return token.name.lower() if self._folds and token.word else token.name

    def name(self) -> Name:
        start = self._tokens[self._place].start
        names = [self.identifier()]
        while self.takes("."):
            names.append(self.identifier())
        sql = self.sql[start : self._tokens[self._place - 1].end]
        return Name(names[-2] if len(names) > 1 else None, names[-1], sql)

    def start_again(self) -> None:
        self._place = 0

    def rest(self) -> list[Token]:
        return self._tokens[self._place :]

    def actions(self) -> Iterator["_Reader"]:
        """Yield a reader for each part of the rest between commas."""
        parts: list[list[Token]] = [[]]
        for token in self.rest():
            if token.text == "," and token.depth == 0:
                parts.append([])
            else:
                parts[-1].append(token)
        for part in parts:
            reader = _Reader("", self._folds)
            reader.sql, reader._tokens = self.sql, part
            yield reader

    @property
    def text(self) -> str:
        """All of it, as it stands."""
        return self.sql[self._tokens[0].start : self._tokens[-1].end] if self._tokens else ""


def _alter(reader: _Reader) -> AlterTable:
    reader.takes("IF", "EXISTS")
    reader.takes("ONLY?")
    table = reader.name()
    read_actions = [(_action(action), action) for action in reader.actions()]
    is_cascading = any(each.kind == "drop" and action.takes("CASCADE") for each, action in read_actions)
    return AlterTable(table, [each for each, _ in read_actions], is_cascading)


def _action(action: _Reader) -> Action:
    if action.takes("RENAME", "TO") or action.takes("RENAME", "AS"):
        return Action("rename", action.text, action.name().table)
    if (renamed := _renamed_column(action)) is not None:
        return Action("rename column", action.text, *renamed)
    if (column := _column(action, "DROP")) is not None:
        return Action("drop", action.text, column)
    if (column := _column(action, "ADD")) is not None:
        return Action("add", action.text, column, _definition(action))
    if action.takes("ADD", "CONSTRAINT") or action.takes("ADD", "UNIQUE?", "INDEX") or action.takes("ADD", "KEY"):
        return Action("name", action.text, action.identifier() if action.word != "(" else "")
    return Action("other", action.text)


def _renamed_column(action: _Reader) -> tuple[str, str] | None:
    is_change = action.takes("CHANGE")
    if not is_change and not action.takes("RENAME"):
        return None
    if not action.takes("COLUMN") and action.word in {"CONSTRAINT", "INDEX", "KEY"}:
        action.start_again()
        return None
    action.takes("IF", "EXISTS")
    old = action.identifier()
    action.takes("TO?" if is_change else "TO")
    return old, action.identifier()


def _column(action: _Reader, verb: str) -> str | None:
    """Go behind the column that an action drops or adds, and return it; None for any other action."""
    if not action.takes(verb):
        return None
    is_column = action.takes("COLUMN")
    action.takes("IF", "NOT?", "EXISTS")
    if action.word == "(" or (not is_column and action.word in _NO_COLUMN):
        action.start_again()
        return None
    return action.identifier()


def _definition(action: _Reader) -> str:
    found = action.rest()
    end = next((at for at, token in enumerate(found) if token.depth == 0 and token.word in {"FIRST", "AFTER"}), None)
    found = found[:end]
    return action.sql[found[0].start : found[-1].end] if found else ""


def _drop(reader: _Reader) -> DropTables:
    if_exists = reader.takes("IF", "EXISTS")
    tables = [reader.name()]
    while reader.takes(","):
        tables.append(reader.name())
    return DropTables(tables, if_exists, reader.takes("CASCADE"))


def _create(reader: _Reader) -> CreateTable | None:
    reader.takes("IF", "NOT", "EXISTS")
    name = reader.name()
    words = {token.word for token in reader.rest() if token.depth == 0}
    is_list = reader.word == "(" and not words & {"SELECT", "AS"}
    return CreateTable(name) if is_list else None


def _create_index(reader: _Reader) -> CreateIndex | None:
    reader.takes("CONCURRENTLY?")
    reader.takes("IF", "NOT", "EXISTS")
    if reader.word == "ON":  # without a name
        return None
    name = reader.name().table
    reader.takes("ON")
    reader.takes("ONLY?")
    return CreateIndex(name, reader.name())


def _rename(reader: _Reader) -> RenameTables:
    pairs = []
    for action in reader.actions():
        old = action.name()
        action.takes("TO")
        pairs.append((old, action.name().table))
    return RenameTables(pairs)


_FORMS: list[tuple[tuple[str, ...], Callable[[_Reader], Change | None]]] = [
    (("ALTER", "ONLINE?", "IGNORE?", "TABLE"), _alter),
    (("DROP", "TABLE"), _drop),
    (("CREATE", "TABLE"), _create),
    (("CREATE", "UNIQUE?", "INDEX"), _create_index),
    (("RENAME", "TABLE"), _rename),
]
