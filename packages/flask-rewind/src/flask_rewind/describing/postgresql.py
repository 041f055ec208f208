"""What the current schema of a PostgreSQL database consists of, as the server itself writes it."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from flask_rewind.describing.base import Part

_TYPE = (
    r'(?:"(?:[^"]|"")+"|[a-z_]\w*)(?:\.(?:"(?:[^"]|"")+"|\w+))?(?: varying| precision)?(?:\(\d+(?:, ?\d+)?\))?'
    r"(?: with(?:out)? time zone)?(?:\[\])*"
)
_CAST = re.compile(rf"""('(?:[^']|'')*'|"(?:[^"]|"")*")|::{_TYPE}|[()]""")
_KINDS = {"p": "primary key", "u": "unique", "f": "foreign key", "c": "check", "x": "exclusion"}

# One query for all: a crossing is followed by one, and each query has a price of its own.
_EVERYTHING = """
    SELECT 'table', c.relname, '', concat_ws(' ', c.relkind, c.relpersistence, pg_get_partkeydef(c.oid),
        obj_description(c.oid, 'pg_class')), NULL, NULL, NULL, NULL, NULL, CAST(NULL AS text[])
    FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = to_regnamespace(current_schema())
        AND NOT EXISTS (SELECT 1 FROM pg_depend x
            WHERE x.classid = CAST('pg_class' AS regclass) AND x.objid = c.oid AND x.deptype = 'e')
UNION ALL
    SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), CAST(a.attnotnull AS text),
        pg_get_expr(d.adbin, d.adrelid), CAST(a.attidentity AS text), CAST(a.attgenerated AS text),
        CASE WHEN a.attcollation <> t.typcollation THEN CAST(CAST(a.attcollation AS regcollation) AS text) END,
        ARRAY[CAST(a.attnum AS text), col_description(c.oid, a.attnum)]
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = to_regnamespace(current_schema())
        AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
    SELECT 'constraint', c.relname, k.conname, pg_get_constraintdef(k.oid), CAST(k.contype AS text),
        NULL, NULL, NULL, NULL, ARRAY(SELECT CAST(a.attname AS text)
            FROM unnest(k.conkey) WITH ORDINALITY u(number, place) JOIN pg_attribute a
            ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place)
    FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid
    WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND c.relnamespace = to_regnamespace(current_schema())
UNION ALL
    SELECT 'index', c.relname, x.relname, pg_get_indexdef(i.indexrelid), NULL, NULL, NULL, NULL, NULL, NULL
    FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE c.relnamespace = to_regnamespace(current_schema()) AND NOT EXISTS (
        SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
    SELECT 'trigger', c.relname, t.tgname, pg_get_triggerdef(t.oid), NULL, NULL, NULL, NULL, NULL, NULL
    FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid
    WHERE NOT t.tgisinternal AND c.relnamespace = to_regnamespace(current_schema())
UNION ALL
    SELECT CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, '', c.relname, pg_get_viewdef(c.oid),
        NULL, NULL, NULL, NULL, NULL, NULL
    FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.relnamespace = to_regnamespace(current_schema())
        AND NOT EXISTS (SELECT 1 FROM pg_depend x
            WHERE x.classid = CAST('pg_class' AS regclass) AND x.objid = c.oid AND x.deptype = 'e')
UNION ALL
    SELECT 'sequence', '', c.relname, concat('AS ', format_type(s.seqtypid, NULL), ' INCREMENT ', s.seqincrement,
        ' MINVALUE ', s.seqmin, ' MAXVALUE ', s.seqmax, CASE WHEN s.seqcycle THEN ' CYCLE' END),
        NULL, NULL, NULL, NULL, NULL, NULL
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
    WHERE c.relnamespace = to_regnamespace(current_schema()) AND NOT EXISTS (
        SELECT 1 FROM pg_depend d
            WHERE d.classid = CAST('pg_class' AS regclass) AND d.objid = c.oid AND d.deptype IN ('a', 'i', 'e'))
UNION ALL
    SELECT 'type', '', t.typname, concat('ENUM (', (SELECT string_agg(quote_literal(e.enumlabel), ', '
        ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), ')'), NULL, NULL, NULL, NULL, NULL, NULL
    FROM pg_type t WHERE t.typtype = 'e' AND t.typnamespace = to_regnamespace(current_schema())
        AND NOT EXISTS (SELECT 1 FROM pg_depend x
            WHERE x.classid = CAST('pg_type' AS regclass) AND x.objid = t.oid AND x.deptype = 'e')"""


def parts_of_postgresql(connection: Connection) -> list[Part]:
    """Return the parts of the current schema; what an extension brought is the extension's."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    rows = connection.exec_driver_sql(_EVERYTHING).all()
    tables = {name for kind, name, *_ in rows if kind == "table"}
    rows = sorted(rows, key=lambda row: int(row[-1][0]) if row[0] == "column" else 0)  # columns in their order
    return [_part(quote, *row) for row in rows if row[1] in tables or not row[1]]


def _part(quote: Callable[[str], str], kind: str, table: str, name: str, text: str, *rest: Any) -> Part:
    match kind:
        case "column":
            return _column(table, name, text, *rest)
        case "constraint":
            return _constraint(table, name, text, rest[0], rest[-1])
        case "view" | "materialized view":
            made = f"CREATE {kind.upper()} {quote(name)} AS {text}"
            return Part("view", "", name, without_casts(f"{kind.upper()} {text}"), name, made)
        case "sequence":
            return Part(kind, "", name, text, name, f"CREATE SEQUENCE {quote(name)} {text}")
        case "type":
            return Part(kind, "", name, text, name, f"CREATE TYPE {quote(name)} AS {text}")
    return Part(kind, table, name, without_casts(text), name or table, text)


def without_casts(text: str) -> str:
    """Return an expression without its casts and parentheses, or a statement with one.

    The server adds some where it reads an expression of its own again, and where the type of a column changes and
    changes back: ``c IN ('a')`` is ``((c)::text = ANY ((ARRAY['a'::character varying])::text[]))`` the first time and
    ``((c)::text = ANY (ARRAY[('a'::character varying)::text]))`` the second.
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
    """Return what is compared of a column without its comment.

    The sequence of a SERIAL has the name that its table had when it was made, so that is left out.
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
