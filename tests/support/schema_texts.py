"""The schema as the database itself reports it, to check `flask_rewind.describing` independently.

MariaDB gives ``SHOW CREATE``, PostgreSQL ``pg_dump --schema-only``, SQLite ``sqlite_master``. Everything of Rewind and
Alembic is left out, and everything hidden, because the attic need not be the same after a return.
"""

import re
import subprocess
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from database_servers import PostgreSQL, folder

OWN = re.compile(r"_attic_|rewind_|alembic_version")


def schema_texts(engine: sa.Engine) -> dict[str, str]:
    """Return the text of each visible object, by its kind and name."""
    read = {"sqlite": _of_sqlite, "postgresql": _of_postgresql}.get(engine.dialect.name, _of_mariadb)
    return {name: text for name, text in read(engine) if not OWN.search(name)}


def _of_sqlite(engine: sa.Engine) -> Iterator[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
        ).all()
    for kind, name, table, sql in rows:
        # Where SQLite renames something in a text, it puts the new name in quotes. Blanks mean nothing.
        text = re.sub(r'"(\w+)"', r"\1", re.sub(r"\s*([(),])\s*|\s+", lambda blank: blank[1] or " ", sql))
        yield f"{kind} {name} of {table}", "\n".join(_visible(_parts(text)))


def _parts(text: str) -> Iterator[str]:
    """Cut a statement at the commas of its outermost brackets."""
    depth, begun = 0, 0
    for at, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if (letter, depth) in {(",", 1), ("(", 1), (")", 0)}:
            yield text[begun : at + 1].removesuffix(")") if depth == 0 else text[begun : at + 1]
            begun = at + 1
    yield text[begun:]


def _of_mariadb(engine: sa.Engine) -> Iterator[tuple[str, str]]:
    quote = engine.dialect.identifier_preparer.quote_identifier
    with engine.connect() as connection:
        tables = [tuple(row) for row in connection.exec_driver_sql("SHOW FULL TABLES")]
        triggers = connection.exec_driver_sql(
            "SELECT trigger_name, event_object_table FROM information_schema.triggers"
            " WHERE event_object_schema = DATABASE()"
        ).all()
        for name, kind in tables:
            word = kind if kind in {"VIEW", "SEQUENCE"} else "TABLE"
            text = connection.exec_driver_sql(f"SHOW CREATE {word} {quote(name)}").one()[1]
            # The number of the next row goes on growing with the rows (L2).
            yield f"{word} {name}", "\n".join(_visible(re.sub(r" AUTO_INCREMENT=\d+", "", text).splitlines()))
        for name, table in triggers:
            text = connection.exec_driver_sql(f"SHOW CREATE TRIGGER {quote(name)}").one()[2]
            # RENAME TABLE puts quotes around the name of the table.
            yield f"TRIGGER {name} of {table}", text.replace(f" ON {quote(table)} ", f" ON {table} ")


_HEAD = re.compile(r"^--\n-- Name: (.*?); Type: (.*?); Schema: .*\n--\n", re.MULTILINE)
_END = "\n--\n-- PostgreSQL database dump complete"


def _of_postgresql(engine: sa.Engine) -> Iterator[tuple[str, str]]:
    program = PostgreSQL(folder()).program("pg_dump") or "pg_dump"
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [program, "--schema-only", "--no-owner", "--no-privileges", url]
    dump = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    parts = _HEAD.split(dump.partition(_END)[0])[1:]
    for name, kind, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        yield f"{kind} {name}", "\n".join(_visible(text.strip().splitlines()))


_CONSTRAINT = re.compile(
    r"(PRIMARY |UNIQUE |FULLTEXT |SPATIAL |FOREIGN )?KEY\b|(CONSTRAINT|CHECK|UNIQUE)\b", re.IGNORECASE
)


def _visible(lines: Iterable[str]) -> list[str]:
    """Leave out the lines of hidden columns and sort those of constraints and indexes, whose order means nothing."""
    found = [line.strip().rstrip(",") for line in lines if "_attic_" not in line]
    return sorted(found, key=lambda line: line if _CONSTRAINT.match(line) else "")
