"""Change one table of a SQLite database: replace its text, or rebuild it and move the rows."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from flask_rewind.acting import books_are_kept
from flask_rewind.engines.sqlite.clauses import affinity, clauses, declared_type
from flask_rewind.engines.sqlite.text import TableText
from flask_rewind.errors import Refused
from flask_rewind.steps import OF_SCRIPT, Purpose, StepKind, current_purpose, serving

_NEW = "rewind_new"
"""The name of a table while it is being filled; a crossing is one transaction, so nobody else sees it."""
_ROW_NAMES = ("rowid", "_rowid_", "oid")


class SQLiteTable:
    """One table, by name. Everything happens inside the transaction of the connection."""

    def __init__(self, connection: Connection, name: str) -> None:
        self.connection = connection
        self.name = name

    @property
    def text(self) -> str:
        """The exact CREATE TABLE statement."""
        statement = "SELECT sql FROM sqlite_master WHERE type = 'table' AND lower(name) = lower(:t)"
        return str(self._ask(statement, t=self.name).scalar_one())

    @books_are_kept()
    def write_text(self, sql: str) -> None:
        """Replace the CREATE TABLE statement in ``sqlite_master``, without changing rows.

        This is safe for NOT NULL, CHECK and foreign keys (sqlite.org/lang_altertable.html, section 7), and for a type
        of the same affinity. It is not for a default: rows from before an ADD COLUMN read their value from the text.
        """
        version = self.run("PRAGMA schema_version").scalar_one()
        with self._pragma_on("writable_schema"):
            self._ask(
                "UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND lower(name) = lower(:t)",
                sql=sql,
                t=self.name,
            )
            self.run(f"PRAGMA schema_version = {version + 1}")
            self._read_again()

    def write_text_that_holds(self, sql: str) -> None:
        """Call `write_text`, and check that every row fulfils the new text.

        Raises:
            ValueError: if rows break a CHECK or a NOT NULL that they did not break before.
        """
        before = set(self.violations())
        self.write_text(sql)
        if found := [each for each in self.violations() if each not in before]:
            raise ValueError(f"existing rows do not allow it: {'; '.join(found[:5])}")

    def change_text(self, sql: str, *, moves_rows: bool, asks_rows: bool = False) -> None:
        """Change the text of the table.

        Args:
            sql: the new CREATE TABLE statement.
            moves_rows: whether to rebuild the table, because a key changes.
            asks_rows: whether to read every row and check it against the text.
        """
        if moves_rows:
            self.rebuild(TableText(sql))
        elif asks_rows:
            self.write_text_that_holds(sql)
        else:
            self.write_text(sql)

    def rename(self, new: str) -> None:
        """Rename the table with ``legacy_alter_table``: views, triggers and foreign keys to it keep the old name."""
        with self._pragma_on("legacy_alter_table"):
            self.run(f"ALTER TABLE {self.quote(self.name)} RENAME TO {self.quote(new)}")
        self.name = new

    def rename_column(self, old: str, new: str) -> None:
        """Rename a column, also in views and triggers that name it; broken views and triggers are ignored."""
        with self._pragma_on("writable_schema"):
            # Quote only if necessary: SQLite stores the new name as it is written here.
            name = self.connection.dialect.identifier_preparer.quote(new)
            self.run(f"ALTER TABLE {self.quote(self.name)} RENAME COLUMN {self.quote(old)} TO {name}")
            self._read_again()

    @books_are_kept()
    def views_of(self, column: str) -> list[str]:
        """Return the views that name a column: those whose text changes if SQLite renames the column."""
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY name"
        before = dict(self.run(query).all())
        if not before:
            return []
        self.run("SAVEPOINT rewind_probe")
        try:
            self.rename_column(column, "rewind_probe")
            after = dict(self.run(query).all())
        finally:
            self.run("ROLLBACK TO rewind_probe")
            self.run("RELEASE rewind_probe")
        return [name for name, sql in before.items() if after[name] != sql]

    def rebuild(self, new: TableText) -> None:
        """Move the rows into a table made from `new`, and keep indexes, triggers, row ids and the last number.

        The order of steps is from sqlite.org/lang_altertable.html, section 7. Columns of the same name keep their
        values; others get their default.

        Raises:
            Refused: if another type would change values permanently.
            ValueError: if rows break a constraint of the new text.
        """
        with serving(Purpose(StepKind.REBUILD, self.name)) if current_purpose() == OF_SCRIPT else nullcontext():
            self._rebuild(new)

    def _rebuild(self, new: TableText) -> None:
        companions = self.companions()
        last_number = self.last_number()
        self.run(new.under(f"CREATE TABLE {_NEW} ("))
        self._copy(new)
        self._refuse_losses(new)
        # In the present spelling: SQLite would take a text with another spelling for that of another table.
        name = self._ask("SELECT name FROM sqlite_master WHERE type = 'table' AND lower(name) = lower(:t)", t=self.name)
        quoted = self.quote(str(name.scalar_one()))
        with self._pragma_on("legacy_alter_table"):
            self.run(f"DROP TABLE {quoted}")
            self.run(f"ALTER TABLE {_NEW} RENAME TO {quoted}")
        self.write_text(str(new))
        self.number_from(last_number)
        for sql in companions:
            self.run(sql)

    @books_are_kept()
    def number_from(self, last_number: int | None) -> None:
        """Let an AUTOINCREMENT table continue after a number; do nothing for None and for other tables."""
        if last_number is not None and self.last_number() is not None:
            self._ask(
                "UPDATE sqlite_sequence SET seq = :n WHERE lower(name) = lower(:t) AND seq < :n",
                n=last_number,
                t=self.name,
            )

    def companions(self, kind: str = "%") -> list[str]:
        """Return the CREATE statements of its indexes and triggers, or of one `kind`."""
        rows = self._ask(
            "SELECT sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
            " AND type LIKE :kind AND lower(tbl_name) = lower(:t) ORDER BY rowid",
            t=self.name,
            kind=kind,
        )
        return [row[0] for row in rows]

    def violations(self) -> list[str]:
        """Return the violations of NOT NULL and CHECK that SQLite finds in the rows."""
        return [str(row[0]) for row in self.run(f"PRAGMA quick_check({self.quote(self.name)})") if row[0] != "ok"]

    def run(self, statement: str) -> Any:
        """Execute one statement unchanged."""
        return self.connection.exec_driver_sql(statement)

    def quote(self, name: str) -> str:
        """Return an identifier in quotes."""
        return self.connection.dialect.identifier_preparer.quote_identifier(name)

    def _read_again(self) -> None:
        """Let SQLite parse the schema now, so that a malformed text raises here, before it is committed."""
        self.run("PRAGMA writable_schema = RESET")
        self.run("SELECT 1 FROM sqlite_master LIMIT 1")

    def _ask(self, statement: str, **parameters: Any) -> Any:
        return self.connection.execute(text(statement), parameters)

    def _copy(self, new: TableText) -> None:
        old = {name.lower(): self.quote(name) for name in _stored(TableText(self.text))}
        columns = {self.quote(name): old[name.lower()] for name in _stored(new) if name.lower() in old}
        if row_name := self._row_name(new):
            columns = {row_name: row_name, **columns}
        into, values = ", ".join(columns), ", ".join(columns.values())
        try:
            with _moving_rows(self.name):
                self.run(f"INSERT INTO {_NEW} ({into}) SELECT {values} FROM {self.quote(self.name)}")
        except IntegrityError as error:
            said = str(error.orig).replace(f"{_NEW}.", f"{self.name}.")
            raise ValueError(f"existing rows do not allow it: {said}") from error

    def _refuse_losses(self, new: TableText) -> None:
        old = TableText(self.text)
        definitions = old.definitions, new.definitions
        for name in set(_stored(old)) & set(_stored(new)):
            before, after = (declared_type(each[name]) for each in definitions)
            if affinity(before) != affinity(after) and (count := self._losses(new, name)):
                raise Refused(
                    f"{self.name}.{name} cannot change from {before or 'no type'} to {after or 'no type'}: "
                    f"{count} values would change permanently.",
                    "Change these values with a statement of the revision first, or keep the type.",
                )

    def _losses(self, new: TableText, column: str) -> int:
        """Return how many values of a column cannot be converted back from the new table."""
        same = [self._row_name(new) or self.quote(name) for name in new.primary_key or ["rowid"]]
        join = " AND ".join(f"o.{name} IS n.{name}" for name in same)
        old, now = f"o.{self.quote(column)}", f"n.{self.quote(column)}"
        changed = (
            f"CASE typeof({old}) WHEN 'text' THEN CAST({now} AS TEXT) COLLATE BINARY IS NOT {old}"
            f" WHEN 'integer' THEN CAST({now} AS NUMERIC) IS NOT {old}"
            f" WHEN 'real' THEN CAST({now} AS NUMERIC) IS NOT {old} ELSE {now} IS NOT {old} END"
        )
        tables = f"{self.quote(self.name)} o JOIN {_NEW} n ON {join}"
        return int(self.run(f"SELECT count(*) FROM {tables} WHERE {changed}").scalar_one())

    def _row_name(self, new: TableText) -> str | None:
        """Return the name under which to copy row ids; None if there are none, or the primary key is the row id."""
        texts = (TableText(self.text), new)
        if any("WITHOUT" in each.options or each.has_number_key for each in texts):
            return None
        taken = {name.lower() for each in texts for name in each.columns}
        return next((name for name in _ROW_NAMES if name not in taken), None)

    def last_number(self) -> int | None:
        """Return the last number of an AUTOINCREMENT table."""
        if self._ask("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").first() is None:
            return None
        row = self._ask("SELECT seq FROM sqlite_sequence WHERE lower(name) = lower(:t)", t=self.name).first()
        return None if row is None else int(row[0])

    @contextmanager
    def _pragma_on(self, name: str) -> Iterator[None]:
        before = self.run(f"PRAGMA {name}").scalar()
        self.run(f"PRAGMA {name} = ON")
        try:
            yield
        finally:
            self.run(f"PRAGMA {name} = {int(before or 0)}")


def _moving_rows(table: str) -> AbstractContextManager[None]:
    """Give a statement the purpose MOVE_ROWS; if a derived column is being dropped, it keeps that purpose."""
    is_dropping = current_purpose().kind is StepKind.DROP_DERIVED
    return nullcontext() if is_dropping else serving(Purpose(StepKind.MOVE_ROWS, table))


def _stored(table: TableText) -> list[str]:
    return [
        name
        for name, definition in table.definitions.items()
        if not any(clause.kind == "GENERATED" for clause in clauses(definition))
    ]
