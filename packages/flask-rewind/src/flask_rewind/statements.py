"""What a raw SQL statement of a script does to columns and tables, where the attic has a part in it. Pure.

It reads the few forms of ALTER TABLE, DROP TABLE, CREATE TABLE and RENAME TABLE that SQLite, MariaDB, MySQL and
PostgreSQL share; whatever else a statement says is kept word for word.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from flask_rewind.tokens import Token, tokens

_NESTED = r"/\*(?:(?!/\*|\*/).|/\*(?:(?!\*/).)*\*/)*\*/"
_FIRST_WORD = re.compile(r"(?:[\s;(]|--[^\n]*|#[^\n]*|/\*(?!M?!).*?\*/|/\*M?!\d*)*(\w*)", re.DOTALL)
_FIRST_WORD_OF_POSTGRESQL = re.compile(rf"(?:[\s;(]|--[^\n]*|{_NESTED})*(\w*)", re.DOTALL)
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
    ``rename column``, ``destroy`` (rows, in a way that cannot be hidden), or ``other``."""
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
    """A CREATE TABLE statement."""

    table: Name
    replaces: bool
    """Whether a table of that name is dropped before."""
    is_like: bool = False
    """Whether it has the columns of another table."""


@dataclass(frozen=True, slots=True)
class RenameTables:
    """A RENAME TABLE statement."""

    pairs: list[tuple[Name, str]]


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """A CREATE INDEX statement."""

    name: str
    table: Name


@dataclass(frozen=True, slots=True)
class CreateOnTable:
    """A statement that makes a trigger, or a policy of PostgreSQL."""

    name: str
    table: Name
    replaces: bool = False
    """Whether one of that name on the table is dropped before."""


@dataclass(frozen=True, slots=True)
class DropTrigger:
    """A DROP TRIGGER statement."""

    name: str


@dataclass(frozen=True, slots=True)
class DropOther:
    """A DROP statement of something that columns and tables may go with."""

    kind: str
    """``TYPE``, ``SCHEMA`` and the like."""
    without_cascade: str
    """The statement as it would drop nothing else."""
    cascade: bool

    def destroys(self, dialect: str) -> bool:
        """Return whether columns or tables may go with it."""
        return self.cascade or (self.kind in {"SCHEMA", "DATABASE"} and dialect != "postgresql")


Change = AlterTable | DropTables | CreateTable | RenameTables | CreateIndex | CreateOnTable | DropTrigger | DropOther


_WITH_BODIES = {"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"}


def split(sql: str, dialect: str) -> list[str]:
    """Return the statements of a text; one with a body of its own, such as a function's, stays whole."""
    if ";" not in sql:
        return [sql]
    found = tokens(sql, dialect)
    words = [token.word for token in found]
    # Where several bodies stand in one text, what is between them stays with the first.
    end_of_body = max((at for at, word in enumerate(words) if word == "END"), default=-1)
    parts, first = [], 0
    for at, token in enumerate(found):
        is_in_body = at < end_of_body and _has_body(words[first:at], dialect)
        if token.text == ";" and token.depth == 0 and not is_in_body:
            parts.append((first, at))
            first = at + 1
    parts.append((first, len(found)))
    return [sql[found[start].start : found[end - 1].end] for start, end in parts if end > start]


def _has_body(words: Sequence[str], dialect: str) -> bool:
    if words[:3] == ["BEGIN", "NOT", "ATOMIC"]:
        return True
    if words[:1] != ["CREATE"] or "BEGIN" not in words:
        return False
    # PostgreSQL quotes all other bodies.
    return "ATOMIC" in words if dialect == "postgresql" else bool(_WITH_BODIES & set(words))


def read(sql: str, dialect: str) -> Change | None:
    """Return what one statement changes, None where columns and tables are not in question.

    Args:
        sql: the statement.
        dialect: SQLAlchemy's name of the engine; PostgreSQL takes names without quotes in small letters.
    """
    reader = _Reader(sql, dialect)
    for words, read_rest in _FORMS:
        if reader.takes(*words):
            try:
                return read_rest(reader)
            except IndexError:  # it ends too early; its engine says so better
                return None
    return None


@dataclass(frozen=True, slots=True)
class Rename:
    """Another name for a table, or for a column of it."""

    table: str
    """The table as it is called at that time; of a renamed table, its old name."""
    column: str
    """Empty where the table itself is renamed."""
    new: str


def verb(sql: str, dialect: str = "sqlite") -> str:
    """Return the first word of a statement behind its comments, in capitals; empty where there is none.

    A WITH is the SELECT behind it, unless that, or one of its parts, writes.
    """
    found = (_FIRST_WORD_OF_POSTGRESQL if dialect == "postgresql" else _FIRST_WORD).match(sql)
    word = found[1].upper() if found else ""
    if word == "WITH" and not _WRITING & {token.word for token in tokens(sql, dialect)}:
        return "SELECT"
    return word


_WRITING = {"INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE"}
_BEFORE_TABLE = {"INTO", "FROM", "ONLY", "IGNORE", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK"}
_JOINING = {",", "JOIN", "STRAIGHT_JOIN"}
_BEHIND_TABLE = {"INNER", "CROSS", "LEFT", "RIGHT", "NATURAL", "ON", "USING"}
_BEHIND_TABLE |= {"PARTITION", "FOR", "USE", "FORCE", "IGNORE"}


def tables_written(sql: str, dialect: str) -> list[Name]:
    """Return the tables whose rows an INSERT, REPLACE, UPDATE, DELETE or MERGE changes; none for other statements.

    They are several in an UPDATE or a DELETE with a join on MariaDB and MySQL, and where the parts of a WITH write.
    """
    if verb(sql, dialect) not in _WRITING | {"WITH"}:
        return []
    found = tokens(sql, dialect)
    whole = [at for at, token in enumerate(found) if token.depth == 0 and token.word in _WRITING][:1]
    behind = whole[0] if whole else len(found)
    parts = [
        at
        for at in range(1, behind - 1)
        if found[at].word in _WRITING and found[at - 1].text == "(" != found[at + 1].text
    ]
    joins = dialect in {"mysql", "mariadb"}
    try:
        return [name for at in [*parts, *whole] for name in _written(_Reader(sql, dialect, at), joins=joins)]
    except IndexError:  # it ends too early; its engine says so better
        return []


def _written(reader: "_Reader", *, joins: bool) -> list[Name]:
    """Return the tables that the INSERT, UPDATE or the like at which a reader stands changes."""
    if joins and reader.takes("UPDATE"):
        return _updated(reader)
    if joins and reader.takes("DELETE"):
        return _deleted(reader)
    reader.identifier()
    while reader.word in _BEFORE_TABLE or reader.takes("OR"):
        reader.identifier()
    return [reader.name()]


def _updated(reader: "_Reader") -> list[Name]:
    """Return the tables that an UPDATE changes: of joined ones those that its SET names.

    Where a SET does not say which one its column is of, it may be any.
    """
    tables = reader.until("SET").references()
    owners = [(each.name().schema or "").lower() for each in reader.until("WHERE").actions()]
    return [*({owner: tables[owner] for owner in owners} if {*owners} <= {*tables} else tables).values()]


def _deleted(reader: "_Reader") -> list[Name]:
    """Return the tables that a DELETE takes rows from: of joined ones those before its FROM, or before its USING."""
    while reader.word in _BEFORE_TABLE - {"FROM"}:
        reader.identifier()
    targets, source = reader.until("FROM"), reader.until("WHERE", "ORDER", "LIMIT", "RETURNING")
    if not targets.rest():
        targets = source.until("USING")
    tables = source.references()
    return [tables.get(called, name) for called, name in targets.references().items()]


def referred(sql: str, dialect: str) -> Name | None:
    """Return the table that a foreign key refers to, None where a statement makes none."""
    words = [token.word for token in tokens(sql, dialect)]
    return _Reader(sql, dialect, words.index("REFERENCES") + 1).name() if "REFERENCES" in words else None


def drops(script: str, dialect: str) -> list[str]:
    """Return the tables and columns that a printed script drops, those of Alembic's own left out."""
    found, rebuilt = [], set()
    for change in (read(statement, dialect) for statement in split(script, dialect)):
        if isinstance(change, AlterTable):
            found += [f"{change.table.table}.{each.name}" for each in change.actions if each.kind == "drop"]
            found += [f"rows of {change.table.table}" for each in change.actions if each.kind == "destroy"]
            rebuilt |= {each.name for each in change.actions if each.kind == "rename" and _is_alembics(change.table)}
        elif isinstance(change, DropTables):
            found += [name.table for name in change.tables if not _is_alembics(name)]
        elif isinstance(change, CreateTable) and change.replaces:
            found.append(change.table.table)
        elif isinstance(change, DropOther) and change.destroys(dialect):
            found.append(change.without_cascade)
    return [name for name in found if name not in rebuilt]


def _is_alembics(name: Name) -> bool:
    return name.table.startswith(("_alembic_tmp_", "alembic_version"))


def renames(sql: str, dialect: str) -> list[Rename]:
    """Return what one statement gives another name, in order."""
    change = read(sql, dialect) if verb(sql, dialect) in {"ALTER", "RENAME"} else None
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


@dataclass(frozen=True, slots=True)
class NewType:
    """Another type for a column, by one action of an ALTER TABLE statement."""

    column: str
    definition: str
    """What is said of the column by then: of MariaDB and MySQL all, of PostgreSQL type and collation."""
    using: str
    """The expression that gives the values on PostgreSQL; empty where it is the column itself."""


def new_type(action: Action, dialect: str) -> NewType | None:
    """Return the type that an action gives a column; None where it gives none, and on SQLite, which has no such one."""
    reader = _Reader(action.text, dialect)
    if dialect == "postgresql":
        if not reader.takes("ALTER", "COLUMN?"):
            return None
        column = reader.identifier()
        reader.takes("SET", "DATA")
        return NewType(column, *reader.texts_around("USING")) if reader.takes("TYPE") else None
    if not reader.takes("MODIFY", "COLUMN?") and not reader.takes("CHANGE", "COLUMN?"):
        return None
    reader.takes("IF", "EXISTS")
    column = reader.identifier()
    if action.kind == "rename column":
        reader.identifier()
    return NewType(column, _definition(reader), "")


class _Reader:
    """The tokens of a statement and a place in them."""

    def __init__(self, sql: str, dialect: str, place: int = 0) -> None:
        self.sql = sql
        self._dialect = dialect
        self._tokens = [token for token in tokens(sql, dialect) if token.text != ";"]
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
    def words(self) -> list[str]:
        """All words in capitals, empty for what is quoted."""
        return [token.word for token in self._tokens]

    def without_last(self, word: str) -> str:
        """Return all of it without its last word, where that is this one."""
        last = self._tokens[-1]
        return self.sql[: last.start if last.word == word else last.end].strip()

    @property
    def word(self) -> str:
        """The next word in capitals, or sign; empty at the end and before what is quoted."""
        return (self._tokens[self._place].word or "") if self._place < len(self._tokens) else ""

    def identifier(self) -> str:
        token = self._tokens[self._place]
        self._place += 1
        return token.name.lower() if self._dialect == "postgresql" and token.word else token.name

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
        yield from map(self._of, parts)

    def until(self, *words: str) -> "_Reader":
        """Return a reader for what stands before one of the words outside parentheses, and go behind that, if any."""
        rest = self.rest()
        at = next((at for at, token in enumerate(rest) if token.depth == 0 and token.word in words), len(rest))
        self._place += at + 1
        return self._of(rest[:at])

    def _of(self, part: list[Token]) -> "_Reader":
        reader = _Reader("", self._dialect)
        reader.sql, reader._tokens = self.sql, part
        return reader

    def references(self) -> dict[str, Name]:
        """Return the tables that the rest joins, by what it calls them, in small letters; ``t.*`` is the table t."""
        found, is_next, depths = {}, True, {0}
        while self.word in _BEFORE_TABLE:
            self.identifier()
        while self.rest():
            if is_next and self.takes("("):
                is_next = self.word != "SELECT"
                depths |= {self.rest()[0].depth} if is_next else set()
            elif is_next:
                name = self.name()
                name = Name(None, name.schema or "", name.sql) if name.table == "*" else name
                self.takes("AS")
                is_called = self.rest() and self.word not in _JOINING | _BEHIND_TABLE | {")"}
                found[(self.identifier() if is_called else name.table).lower()] = name
                is_next = False
            else:
                is_next = self.word in _JOINING and self.rest()[0].depth in depths
                self.identifier()
        return found

    def texts_around(self, word: str) -> tuple[str, str]:
        """Return the rest before and behind a word outside parentheses, the second one empty without it."""
        found = self.rest()
        at = next((at for at, token in enumerate(found) if token.depth == 0 and token.word == word), len(found))
        before, behind = found[:at], found[at + 1 :]
        return (
            self.sql[before[0].start : before[-1].end] if before else "",
            self.sql[behind[0].start : behind[-1].end] if behind else "",
        )

    def added_in_parentheses(self) -> "Iterator[_Reader]":
        """Yield a reader for each part of ``ADD (a INT, b INT)``; for any other action, this one."""
        is_add = self.takes("ADD", "COLUMN?")
        condition = "IF NOT EXISTS " if self.takes("IF", "NOT", "EXISTS") else ""
        inside = self._tokens[self._place + 1 : -1] if is_add and self.word == "(" else []
        self.start_again()
        if not inside:
            yield self
            return
        text = self.sql[inside[0].start : inside[-1].end]
        for part in _Reader(text, self._dialect).actions():
            is_column = part.word not in _NO_COLUMN
            yield _Reader(f"ADD {'COLUMN ' + condition if is_column else ''}{part.text}", self._dialect)

    @property
    def text(self) -> str:
        """All of it, as it stands."""
        return self.sql[self._tokens[0].start : self._tokens[-1].end] if self._tokens else ""


def _alter(reader: _Reader) -> AlterTable:
    reader.takes("IF", "EXISTS")
    reader.takes("ONLY?")
    table = reader.name()
    reader.takes("*?")
    reader.takes("NOWAIT?")
    if reader.takes("WAIT"):
        reader.identifier()
    read_actions = [(_action(part), part) for action in reader.actions() for part in action.added_in_parentheses()]
    is_cascading = any(each.kind == "drop" and action.takes("CASCADE") for each, action in read_actions)
    return AlterTable(table, [each for each, _ in read_actions], is_cascading)


_DESTROYING = (("DROP", "PARTITION"), ("TRUNCATE", "PARTITION"), ("DROP", "SYSTEM", "VERSIONING"))


def _action(action: _Reader) -> Action:
    if action.takes("RENAME", "TO") or action.takes("RENAME", "AS"):
        return Action("rename", action.text, action.name().table)
    if (renamed := _renamed_column(action)) is not None:
        return Action("rename column", action.text, *renamed)
    if (column := _column(action, "DROP")) is not None:
        return Action("drop", action.text, column)
    if (column := _column(action, "ADD")) is not None:
        return Action("add", action.text, column, _definition(action))
    if any(action.takes(*words) for words in _DESTROYING):
        return Action("destroy", action.text)
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


def _create(reader: _Reader, *, replaces: bool = False) -> CreateTable:
    reader.takes("IF", "NOT", "EXISTS")
    name = reader.name()
    is_like = reader.word == "LIKE" or reader.takes("(", "LIKE")
    return CreateTable(name, replaces, is_like)


def _create_virtual(reader: _Reader) -> CreateTable:
    reader.takes("IF", "NOT", "EXISTS")
    return CreateTable(reader.name(), replaces=False)


def _replace(reader: _Reader) -> CreateTable:
    return _create(reader, replaces=True)


def _drop_other(reader: _Reader) -> DropOther:
    return DropOther(reader.words[1], reader.without_last("CASCADE"), reader.words[-1] == "CASCADE")


def _create_index(reader: _Reader) -> CreateIndex | None:
    reader.takes("CONCURRENTLY?")
    reader.takes("IF", "NOT", "EXISTS")
    if reader.word == "ON":  # without a name
        return None
    name = reader.name().table
    reader.takes("ON")
    reader.takes("ONLY?")
    return CreateIndex(name, reader.name())


def _create_on_table(reader: _Reader) -> CreateOnTable | None:
    reader.takes("IF", "NOT", "EXISTS")
    name = reader.name().table
    while not reader.takes("ON"):
        reader.identifier()
    return CreateOnTable(name, reader.name())


def _replace_on_table(reader: _Reader) -> CreateOnTable | None:
    made = _create_by_definer(reader)
    return made and replace(made, replaces=True)


def _create_by_definer(reader: _Reader) -> CreateOnTable | None:
    while not reader.takes("TRIGGER"):  # else it is no trigger, and comes to an end
        reader.identifier()
    return _create_on_table(reader)


def _drop_trigger(reader: _Reader) -> DropTrigger:
    reader.takes("IF", "EXISTS")
    return DropTrigger(reader.name().table)


def _rename(reader: _Reader) -> RenameTables:
    pairs = []
    for action in reader.actions():
        old = action.name()
        action.takes("TO")
        pairs.append((old, action.name().table))
    return RenameTables(pairs)


_HOLDERS = ("TYPE", "DOMAIN", "COLLATION", "EXTENSION", "OWNED", "SCHEMA", "DATABASE")
"""What columns or tables are of, or in."""
_FORMS: list[tuple[tuple[str, ...], Callable[[_Reader], Change | None]]] = [
    (("ALTER", "ONLINE?", "IGNORE?", "TABLE"), _alter),
    (("DROP", "TABLE"), _drop),
    (("DROP", "TABLES"), _drop),
    *((("DROP", kind), _drop_other) for kind in _HOLDERS),
    (("CREATE", "UNLOGGED?", "TABLE"), _create),
    (("CREATE", "VIRTUAL", "TABLE"), _create_virtual),
    (("CREATE", "OR", "REPLACE", "TABLE"), _replace),
    (("CREATE", "UNIQUE?", "INDEX"), _create_index),
    (("CREATE", "CONSTRAINT?", "TRIGGER"), _create_on_table),
    (("CREATE", "OR", "REPLACE"), _replace_on_table),
    (("CREATE", "DEFINER"), _create_by_definer),
    (("DROP", "TRIGGER"), _drop_trigger),
    (("CREATE", "POLICY"), _create_on_table),
    (("RENAME", "TABLE"), _rename),
    (("RENAME", "TABLES"), _rename),
]
