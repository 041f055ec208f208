"""Find the tables whose rows a data statement writes."""

from flask_rewind.sql.changes import Name
from flask_rewind.sql.reader import BEFORE_TABLE, Reader
from flask_rewind.sql.statements import DATA, WRITING, verb
from flask_rewind.sql.tokenizer import tokens


def tables_written(sql: str, dialect: str) -> list[Name]:
    """Return the tables whose rows an INSERT, REPLACE, UPDATE, DELETE or MERGE changes; none for other statements.

    There are several in an UPDATE or a DELETE with a join on MariaDB and MySQL, and if the parts of a WITH write.
    """
    if verb(sql, dialect) not in DATA:
        return []
    found = tokens(sql, dialect)
    whole = [at for at, token in enumerate(found) if token.depth == 0 and token.word in WRITING][:1]
    end = whole[0] if whole else len(found)
    parts = [
        at for at in range(1, end - 1) if found[at].word in WRITING and found[at - 1].text == "(" != found[at + 1].text
    ]
    joins = dialect in {"mysql", "mariadb"}
    try:
        return [name for at in [*parts, *whole] for name in _written(Reader(sql, dialect, at), joins=joins)]
    except IndexError:  # the statement is incomplete: its engine has the better error message
        return []


def _written(reader: Reader, *, joins: bool) -> list[Name]:
    """Return the tables that the INSERT, UPDATE or other verb at a reader's position writes."""
    if joins and reader.takes("UPDATE"):
        return _updated(reader)
    if joins and reader.takes("DELETE"):
        return _deleted(reader)
    reader.identifier()
    while reader.word in BEFORE_TABLE or reader.takes("OR"):
        reader.identifier()
    return [reader.name()]


def _updated(reader: Reader) -> list[Name]:
    """Return the tables that an UPDATE changes: of joined tables, those that qualify the columns in its SET.

    If a column in the SET is not qualified, return all joined tables.
    """
    tables = reader.until("SET").references()
    owners = [(each.name().schema or "").lower() for each in reader.until("WHERE").actions()]
    return [*({owner: tables[owner] for owner in owners} if {*owners} <= {*tables} else tables).values()]


def _deleted(reader: Reader) -> list[Name]:
    """Return the tables from which a DELETE deletes: of joined tables, those before its FROM, or before its USING."""
    while reader.word in BEFORE_TABLE - {"FROM"}:
        reader.identifier()
    targets, source = reader.until("FROM"), reader.until("WHERE", "ORDER", "LIMIT", "RETURNING")
    if not targets.rest():
        targets = source.until("USING")
    tables = source.references()
    return [tables.get(called, name) for called, name in targets.references().items()]
