"""What the current schema of a PostgreSQL database consists of, as the server itself writes it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from flask_rewind.describing.base import Part

_KINDS = {"p": "primary key", "u": "unique", "f": "foreign key", "c": "check", "x": "exclusion"}

_TABLES = """
    SELECT c.relname, c.relkind, c.relpersistence, COALESCE(pg_get_partkeydef(c.oid), ''),
        COALESCE(obj_description(c.oid, 'pg_class'), '')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema() AND NOT EXISTS (
        SELECT 1 FROM pg_depend x WHERE x.objid = c.oid AND x.deptype = 'e')"""
_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        COALESCE(pg_get_expr(d.adbin, d.adrelid), ''), a.attidentity, a.attgenerated,
        CASE WHEN a.attcollation <> t.typcollation THEN CAST(CAST(a.attcollation AS regcollation) AS text) ELSE '' END,
        COALESCE(col_description(c.oid, a.attnum), '')
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname = current_schema()"""
_CONSTRAINTS = """
    SELECT c.relname, k.contype, k.conname, pg_get_constraintdef(k.oid), ARRAY(SELECT a.attname
        FROM unnest(k.conkey) WITH ORDINALITY u(number, place) JOIN pg_attribute a
        ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND n.nspname = current_schema()"""
_INDEXES = """
    SELECT c.relname, x.relname, pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid
        AND k.contype IN ('p', 'u', 'x'))"""
_TRIGGERS = """
    SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND n.nspname = current_schema()"""
_VIEWS = """
    SELECT c.relname, c.relkind, pg_get_viewdef(c.oid)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND n.nspname = current_schema() AND NOT EXISTS (
        SELECT 1 FROM pg_depend x WHERE x.objid = c.oid AND x.deptype = 'e')"""
_SEQUENCES = """
    SELECT c.relname, format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqcycle
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND NOT EXISTS (
        SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i', 'e'))"""
_TYPES = """
    SELECT t.typname, ARRAY(SELECT quote_literal(e.enumlabel) FROM pg_enum e
        WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype = 'e' AND n.nspname = current_schema() AND NOT EXISTS (
        SELECT 1 FROM pg_depend x WHERE x.objid = t.oid AND x.deptype = 'e')"""


def parts_of_postgresql(connection: Connection) -> list[Part]:
    """Return the parts of the current schema; what an extension brought is the extension's."""
    quote = connection.dialect.identifier_preparer.quote_identifier

    def rows(query: str) -> list[Any]:
        return list(connection.exec_driver_sql(query))

    tables = {row[0] for row in rows(_TABLES)}
    found = [Part("table", name, "", " ".join(map(_text, rest)), name) for name, *rest in rows(_TABLES)]
    found += [_column(*row) for row in rows(_COLUMNS) if row[0] in tables]
    found += [_constraint(*row) for row in rows(_CONSTRAINTS) if row[0] in tables]
    found += [Part("index", table, name, text, name, text) for table, name, text in rows(_INDEXES) if table in tables]
    found += [Part("trigger", table, name, text, name, text) for table, name, text in rows(_TRIGGERS)]
    found += _others(rows, quote)
    return found


def _others(rows: Any, quote: Any) -> Iterator[Part]:
    for name, kind, text in rows(_VIEWS):
        word = "MATERIALIZED VIEW" if _text(kind) == "m" else "VIEW"
        yield Part("view", "", name, f"{word} {text}", name, f"CREATE {word} {quote(name)} AS {text}")
    for name, kind, step, least, most, cycles in rows(_SEQUENCES):
        sql = f"AS {kind} INCREMENT {step} MINVALUE {least} MAXVALUE {most}{' CYCLE' if cycles else ''}"
        yield Part("sequence", "", name, sql, name, f"CREATE SEQUENCE {quote(name)} {sql}")
    for name, labels in rows(_TYPES):
        sql = f"ENUM ({', '.join(labels)})"
        yield Part("type", "", name, sql, name, f"CREATE TYPE {quote(name)} AS {sql}")


def _column(
    table: str,
    name: str,
    kind: str,
    not_null: bool,
    default: str,
    identity: Any,
    generated: Any,
    collation: str,
    comment: str,
) -> Part:
    parts = [kind, f"COLLATE {collation}" if collation else "", "NOT NULL" if not_null else ""]
    if _text(generated):
        parts.append(f"GENERATED ALWAYS AS ({default}) STORED")
    elif _text(identity):
        parts.append(f"GENERATED {'ALWAYS' if _text(identity) == 'a' else 'BY DEFAULT'} AS IDENTITY")
    elif default:
        parts.append(f"DEFAULT {default}")
    sql = " ".join(part for part in parts if part)
    return Part("column", table, name, f"{sql} -- {comment}" if comment else sql, "", sql)


def _constraint(table: str, kind: Any, called: str, text: str, columns: list[str]) -> Part:
    word = _KINDS[_text(kind)]
    on = f"({', '.join(columns)})"
    name = {"primary key": "", "check": text, "foreign key": f"{on} to {_referred(text)}"}.get(word, on)
    if any(column.startswith("_attic_") for column in columns):
        text = f"{text} /* _attic_ */"
    return Part(word, table, name, text, called, text)


def _referred(text: str) -> str:
    return text.partition(" REFERENCES ")[2].partition("(")[0].strip()


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
