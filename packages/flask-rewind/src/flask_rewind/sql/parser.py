"""Parse what a statement changes in columns and tables, as far as the attic needs it.

The parser knows the few forms of ALTER TABLE, DROP TABLE, CREATE TABLE, RENAME TABLE and some other DDL that SQLite,
MariaDB, MySQL and PostgreSQL use. It keeps all other parts of a statement unchanged.
"""

from collections.abc import Callable
from dataclasses import replace

from flask_rewind.sql.changes import (
    Action,
    AlterTable,
    Change,
    CreateIndex,
    CreateOnTable,
    CreateTable,
    DropOther,
    DropTables,
    DropTrigger,
    Name,
    NewType,
    Rename,
    RenameTables,
)
from flask_rewind.sql.reader import NO_COLUMN, Reader
from flask_rewind.sql.statements import split, verb
from flask_rewind.sql.tokenizer import tokens


def read(sql: str, dialect: str) -> Change | None:
    """Return what one statement changes; None if it is not of a form that concerns columns and tables.

    Args:
        sql: the statement.
        dialect: SQLAlchemy's name of the engine; PostgreSQL folds names without quotes to lower case.
    """
    reader = Reader(sql, dialect)
    for words, read_rest in _FORMS:
        if reader.takes(*words):
            try:
                return read_rest(reader)
            except IndexError:  # the statement is incomplete: its engine has the better error message
                return None
    return None


def referred(sql: str, dialect: str) -> Name | None:
    """Return the table that a foreign key in a statement refers to; None if there is no foreign key."""
    words = [token.word for token in tokens(sql, dialect)]
    return Reader(sql, dialect, words.index("REFERENCES") + 1).name() if "REFERENCES" in words else None


def drops(script: str, dialect: str) -> list[str]:
    """Return the tables and columns that a printed script drops, without Alembic's own tables."""
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
    """Return the renames of tables and columns in one statement, in order."""
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


def new_type(action: Action, dialect: str) -> NewType | None:
    """Return the type that an action gives a column; None if it gives none. SQLite has no such action."""
    reader = Reader(action.text, dialect)
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


def _alter(reader: Reader) -> AlterTable:
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


def _action(action: Reader) -> Action:
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


def _renamed_column(action: Reader) -> tuple[str, str] | None:
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


def _column(action: Reader, verb: str) -> str | None:
    """Consume the column that an action drops or adds, and return its name; None for any other action."""
    if not action.takes(verb):
        return None
    is_column = action.takes("COLUMN")
    action.takes("IF", "NOT?", "EXISTS")
    if action.word == "(" or (not is_column and action.word in NO_COLUMN):
        action.start_again()
        return None
    return action.identifier()


def _definition(action: Reader) -> str:
    found = action.rest()
    end = next((at for at, token in enumerate(found) if token.depth == 0 and token.word in {"FIRST", "AFTER"}), None)
    found = found[:end]
    return action.sql[found[0].start : found[-1].end] if found else ""


def _drop(reader: Reader) -> DropTables:
    if_exists = reader.takes("IF", "EXISTS")
    tables = [reader.name()]
    while reader.takes(","):
        tables.append(reader.name())
    return DropTables(tables, if_exists, reader.takes("CASCADE"))


def _create(reader: Reader, *, replaces: bool = False) -> CreateTable:
    reader.takes("IF", "NOT", "EXISTS")
    name = reader.name()
    is_like = reader.word == "LIKE" or reader.takes("(", "LIKE")
    return CreateTable(name, replaces, is_like)


def _create_virtual(reader: Reader) -> CreateTable:
    reader.takes("IF", "NOT", "EXISTS")
    return CreateTable(reader.name(), replaces=False)


def _replace(reader: Reader) -> CreateTable:
    return _create(reader, replaces=True)


def _drop_other(reader: Reader) -> DropOther:
    return DropOther(reader.words[1], reader.without_last("CASCADE"), reader.words[-1] == "CASCADE")


def _create_index(reader: Reader) -> CreateIndex | None:
    reader.takes("CONCURRENTLY?")
    reader.takes("IF", "NOT", "EXISTS")
    if reader.word == "ON":  # without a name
        return None
    name = reader.name().table
    reader.takes("ON")
    reader.takes("ONLY?")
    return CreateIndex(name, reader.name())


def _create_on_table(reader: Reader) -> CreateOnTable | None:
    reader.takes("IF", "NOT", "EXISTS")
    name = reader.name().table
    while not reader.takes("ON"):
        reader.identifier()
    return CreateOnTable(name, reader.name())


def _replace_on_table(reader: Reader) -> CreateOnTable | None:
    made = _create_by_definer(reader)
    return made and replace(made, replaces=True)


def _create_by_definer(reader: Reader) -> CreateOnTable | None:
    while not reader.takes("TRIGGER"):  # without one, the reader ends with an IndexError, and `read` returns None
        reader.identifier()
    return _create_on_table(reader)


def _drop_trigger(reader: Reader) -> DropTrigger:
    reader.takes("IF", "EXISTS")
    return DropTrigger(reader.name().table)


def _rename(reader: Reader) -> RenameTables:
    pairs = []
    for action in reader.actions():
        old = action.name()
        action.takes("TO")
        pairs.append((old, action.name().table))
    return RenameTables(pairs)


_HOLDERS = ("TYPE", "DOMAIN", "COLLATION", "EXTENSION", "OWNED", "SCHEMA", "DATABASE")
"""Objects that columns or tables depend on or belong to."""
_FORMS: list[tuple[tuple[str, ...], Callable[[Reader], Change | None]]] = [
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
