"""Describe the current schema of a PostgreSQL database in the server's own text."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from flask_rewind.describing.base import OWN, Description, Part
from flask_rewind.engines.postgresql.touched import IS_KNOWN, TOUCHED, may_write_catalogs

_TYPE = (
    r'(?:"(?:[^"]|"")+"|[a-z_]\w*)(?:\.(?:"(?:[^"]|"")+"|\w+))?(?: varying| precision)?(?:\(\d+(?:, ?\d+)?\))?'
    r"(?: with(?:out)? time zone)?(?:\[\])*"
)
_CAST = re.compile(rf"""('(?:[^']|'')*'|"(?:[^"]|"")*")|::{_TYPE}|[()]""")
_KINDS = {"p": "primary key", "u": "unique", "f": "foreign key", "c": "check", "x": "exclusion"}

_OF_SCHEMA = {"view", "materialized view", "sequence", "type"}
_PATH = "rewind_described_path"
"""Key in ``connection.info``: the search path of the last description, on which the spelling of names depends."""
_HERE = """here AS MATERIALIZED (
    SELECT c.oid, c.relname, c.relkind, c.relpersistence, EXISTS (SELECT 1 FROM pg_depend x
        WHERE x.classid = CAST('pg_class' AS regclass) AND x.objid = c.oid AND x.deptype = 'e') AS is_of_extension
    FROM pg_class c WHERE c.relnamespace = (SELECT to_regnamespace(current_schema()))
)"""
"""The relations of the current schema, read once for all branches of the query."""
# A single query: it runs after every crossing, and several queries would cost more.
_PARTS = """
    SELECT 'path', '', '', CAST(current_schemas(true) AS text), NULL, NULL, NULL, NULL, NULL, CAST(NULL AS text[])
UNION ALL
    SELECT 'table', relname, '', concat_ws(' ', relkind, relpersistence, pg_get_partkeydef(oid),
        obj_description(oid, 'pg_class')), NULL, NULL, NULL, NULL, NULL, NULL
    FROM here WHERE relkind IN ('r', 'p') AND NOT is_of_extension
UNION ALL
    SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), CAST(a.attnotnull AS text),
        pg_get_expr(d.adbin, d.adrelid), CAST(a.attidentity AS text), CAST(a.attgenerated AS text),
        CASE WHEN a.attcollation <> t.typcollation THEN CAST(CAST(a.attcollation AS regcollation) AS text) END,
        ARRAY[CAST(a.attnum AS text), col_description(c.oid, a.attnum)]
    FROM described c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
    (SELECT 'constraint', c.relname, k.conname, pg_get_constraintdef(k.oid), CAST(k.contype AS text),
        NULL, NULL, NULL, NULL, ARRAY(SELECT CAST(a.attname AS text)
            FROM unnest(k.conkey) WITH ORDINALITY u(number, place) JOIN pg_attribute a
            ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place)
    FROM described c JOIN pg_constraint k ON k.conrelid = c.oid
    WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')
    ORDER BY c.relname, k.conname)
UNION ALL
    SELECT 'index', c.relname, x.relname, pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN ' invalid' END,
        NULL, NULL, NULL, NULL, NULL
    FROM described c JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
    SELECT 'trigger', c.relname, t.tgname, pg_get_triggerdef(t.oid), NULL, NULL, NULL, NULL, NULL, NULL
    FROM described c JOIN pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal
UNION ALL
    SELECT CASE relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, '', relname, pg_get_viewdef(oid),
        NULL, NULL, NULL, NULL, NULL, NULL
    FROM here WHERE relkind IN ('v', 'm') AND NOT is_of_extension
UNION ALL
    SELECT 'sequence', '', c.relname, concat('AS ', format_type(s.seqtypid, NULL), ' INCREMENT ', s.seqincrement,
        ' MINVALUE ', s.seqmin, ' MAXVALUE ', s.seqmax, CASE WHEN s.seqcycle THEN ' CYCLE' END),
        NULL, NULL, NULL, NULL, NULL, NULL
    FROM here c JOIN pg_sequence s ON s.seqrelid = c.oid WHERE NOT c.is_of_extension AND NOT EXISTS (
        SELECT 1 FROM pg_depend d
            WHERE d.classid = CAST('pg_class' AS regclass) AND d.objid = c.oid AND d.deptype IN ('a', 'i'))
UNION ALL
    SELECT 'type', '', t.typname, concat('ENUM (', (SELECT string_agg(quote_literal(e.enumlabel), ', '
        ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), ')'), NULL, NULL, NULL, NULL, NULL, NULL
    FROM pg_type t WHERE t.typtype = 'e' AND t.typnamespace = (SELECT to_regnamespace(current_schema()))
        AND NOT EXISTS (SELECT 1 FROM pg_depend x
            WHERE x.classid = CAST('pg_type' AS regclass) AND x.objid = t.oid AND x.deptype = 'e')"""
_EVERYTHING = f"WITH {_HERE}, described AS (SELECT oid, relname, relkind FROM here) {_PARTS}"
_TOUCHED = f"""WITH {TOUCHED}, {_HERE},
described AS MATERIALIZED (SELECT oid, relname, relkind FROM here WHERE oid = ANY (ARRAY(SELECT oid FROM touched)))
    SELECT 'known', '', '', CAST({IS_KNOWN} AS text), NULL, NULL, NULL, NULL, NULL, CAST(NULL AS text[])
UNION ALL
    SELECT 'touched', '', relname, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM described
UNION ALL
{_PARTS}"""


def parts_of_postgresql(connection: Connection, known: Description, statements: Iterable[str]) -> list[Part]:
    """Return the parts of the current schema, without objects of extensions.

    Args:
        connection: to the database.
        known: the description when the crossing began; empty if there is none.
        statements: the statements of the crossing.
    """
    found = None if not known or may_write_catalogs(statements) else _touched_and_known(connection, known)
    if found is None:
        rows = _rows(connection, _EVERYTHING)
        connection.info[_PATH] = _texts(rows, "path")
        found = _parts(connection, rows)
    return found


def _touched_and_known(connection: Connection, known: Description) -> list[Part] | None:
    """Read the tables that the crossing may have changed, and add the other parts from `known`.

    Return None if these parts may have changed, too.
    """
    rows = _rows(connection, _TOUCHED)
    if _texts(rows, "known") != ["true"] or _texts(rows, "path") != connection.info.get(_PATH):
        return None
    read = {name for kind, _, name, *_ in rows if kind == "touched"}
    left = {name for kind, name, *_ in rows if kind == "table" and not name.startswith(OWN)} - read
    if left - {part.table for part in known.values()}:
        return None  # another session created it
    untouched = [part for part in known.values() if part.table in left and part.kind != "table"]
    return [*_parts(connection, rows), *untouched]


def _rows(connection: Connection, query: str) -> Sequence[Any]:
    """Execute a query as a prepared statement, since planning it takes as long as executing it.

    Its name is a hash of the query, because a pooler may share the session with other clients. Drivers discard their
    own prepared statements after each ALTER, so it is prepared by SQL, and the server is asked whether it exists.
    """
    name = f"rewind_{hashlib.sha256(query.encode()).hexdigest()[:16]}"
    if not connection.exec_driver_sql(f"SELECT 1 FROM pg_prepared_statements WHERE name = '{name}'").first():
        connection.exec_driver_sql(f"PREPARE {name} AS {query}")
    return connection.exec_driver_sql(f"EXECUTE {name}").all()


def _texts(rows: Iterable[Any], kind: str) -> list[str]:
    return [text for each, _, _, text, *_ in rows if each == kind]


def _parts(connection: Connection, rows: Sequence[Any]) -> list[Part]:
    quote = connection.dialect.identifier_preparer.quote_identifier
    tables = {name for kind, name, *_ in rows if kind == "table"}
    rows = [row for row in rows if row[3] is not None]  # what another session has just dropped has no definition
    rows = sorted(rows, key=lambda row: int(row[-1][0]) if row[0] == "column" else 0)  # the columns in order
    return [_part(quote, *row) for row in rows if row[1] in tables or row[0] in _OF_SCHEMA]


def _part(quote: Callable[[str], str], kind: str, table: str, name: str, text: str, *rest: Any) -> Part:
    match kind:
        case "column":
            return _column(table, name, text, *rest)
        case "constraint":
            return _constraint(table, name, text, rest[0], rest[-1])
        case "index":  # an interrupted CONCURRENTLY leaves an invalid one, which no query uses
            return Part(kind, table, name, without_casts(text) + (rest[0] or ""), name, text)
        case "view" | "materialized view":
            made = f"CREATE {kind.upper()} {quote(name)} AS {text}"
            return Part("view", "", name, without_casts(f"{kind.upper()} {text}"), name, made)
        case "sequence":
            return Part(kind, "", name, text, name, f"CREATE SEQUENCE {quote(name)} {text}")
        case "type":
            return Part(kind, "", name, text, name, f"CREATE TYPE {quote(name)} AS {text}")
    return Part(kind, table, name, without_casts(text), name or table, text)


def without_casts(text: str) -> str:
    """Return an expression, or a statement that contains one, without casts and parentheses.

    The server adds some when it reads its own expression again, and when the type of a column changes and changes back:
    ``c IN ('a')`` is ``((c)::text = ANY ((ARRAY['a'::character varying])::text[]))`` the first time and
    ``((c)::text = ANY (ARRAY[('a'::character varying)::text]))`` the second time.
    """
    return _CAST.sub(lambda match: match[1] or "", text)


def _column(
    table: str,
    name: str,
    kind: str,
    not_null: str,
    default: str | None,
    identity: str,
    generated: str,
    collation: str | None,
    place_and_comment: list[str | None],
) -> Part:
    parts = [kind, f"COLLATE {collation}" if collation else "", "NOT NULL" if not_null == "true" else ""]
    if generated:
        parts.append(f"GENERATED ALWAYS AS ({default}) STORED")
    elif identity:
        parts.append(f"GENERATED {'ALWAYS' if identity == 'a' else 'BY DEFAULT'} AS IDENTITY")
    elif default:
        parts.append(f"DEFAULT {default}")
    sql = " ".join(part for part in parts if part)
    comment = place_and_comment[1]
    said = column_said(name, sql)
    return Part("column", table, name, f"{said} -- {comment}" if comment else said, "", sql)


def column_said(name: str, sql: str) -> str:
    """Return the text by which a column is compared, without its comment.

    The sequence of a SERIAL keeps the table's name at the time when it was created, so its name is left out.
    """
    kind, word, expression = re.split(r"( DEFAULT | GENERATED ALWAYS AS |$)", sql, maxsplit=1)
    own = rf"nextval'(?:[^']*_)?{re.escape(name)}_seq\d*'"
    return f"{kind}{word}{re.sub(own, 'nextval', without_casts(expression))}"


def _constraint(table: str, called: str, text: str, kind: str, columns: list[str]) -> Part:
    word = _KINDS[kind]
    on = f"({', '.join(columns)})"
    said = without_casts(text) if word == "check" else text
    name = {"primary key": "", "check": said, "foreign key": f"{on} to {_referred(text)}"}.get(word, on)
    if any(column.startswith("_attic_") for column in columns):
        text = f"{text} /* _attic_ */"
    return Part(word, table, name, said, called, text)


def _referred(text: str) -> str:
    return text.partition(" REFERENCES ")[2].partition("(")[0].strip()
