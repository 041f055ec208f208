"""Execute a batch block on SQLite by changing the table's own text, so that everything else in the text stays.

Alembic reads the table into objects and rebuilds it from these, without triggers, unnamed CHECKs and other things that
the objects do not have. Here a rename uses SQLite's RENAME COLUMN. NOT NULL, CHECK, foreign keys and a type of the same
affinity are changed in the text. Only other changes move the rows.
"""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Constraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import SchemaType

from flask_rewind import alembic_private
from flask_rewind.constraint_names import NAMING_CONVENTION
from flask_rewind.engines.sqlite.clauses import affinity, clause_of, declared_type
from flask_rewind.engines.sqlite.parts import Constraint as ConstraintText
from flask_rewind.engines.sqlite.table import SQLiteTable
from flask_rewind.engines.sqlite.text import TableText
from flask_rewind.own_names import is_hidden
from flask_rewind.sql.catalogs import ascii_lower
from flask_rewind.sql.tokenizer import tokens

_KINDS: dict[type[Constraint], str] = {
    CheckConstraint: "CHECK",
    UniqueConstraint: "UNIQUE",
    PrimaryKeyConstraint: "PRIMARY KEY",
    ForeignKeyConstraint: "FOREIGN KEY",
}
_MOVES_ROWS = {"UNIQUE", "PRIMARY KEY"}
"""Constraints that have an index, which a change of the text neither creates nor drops."""


class Rebuild:
    """The changes of one batch block to one table, in order."""

    def __init__(self, impl: Any, connection: Connection, table: str, naming_convention: Any) -> None:
        self._impl = impl
        self._table = SQLiteTable(connection, table)
        self._convention = naming_convention
        self._compiler = impl.dialect.ddl_compiler(impl.dialect, None)
        self._text: TableText | None = None
        self._moves_rows = False
        self._must_hold = False
        self._renamed: dict[str, str] = {}
        self._indexes: list[tuple[Index, dict[str, Any]]] = []

    @staticmethod
    def can_do(batch: Any) -> bool:
        """Return whether a batch block uses nothing that only Alembic can do."""
        steps = batch.batch
        special = (batch.table_args, batch.table_kwargs, batch.partial_reordering, batch.schema)
        return (
            bool(steps)
            and batch.copy_from is None
            and not any(special)
            and all(hasattr(Rebuild, name) for name, _, _ in steps)
            and not any(options.get("insert_before") or options.get("insert_after") for _, _, options in steps)
            and not any(isinstance(options.get("server_default"), SchemaItem) for _, _, options in steps)
        )

    def run(self, steps: list[Any]) -> None:
        """Execute the steps of a batch block."""
        if self._convention is not NAMING_CONVENTION:
            self._name_nameless()
        for name, arguments, options in steps:
            getattr(self, name)(*arguments, **options)
        self._write()
        for index, options in self._indexes:
            self._impl.create_index(index, **options)

    def add_column(self, table_name: str, column: Column[Any], **options: Any) -> None:
        """Bring the column back or add it; rebuild the table if SQLite cannot add it."""
        self._write()
        try:
            self._impl.add_column(table_name, column, **options)
        except OperationalError:
            self._now().add_column(self._compiler.get_column_specification(column))
            self._moves_rows = True

    def drop_column(self, table_name: str, column: Column[Any], **options: Any) -> None:
        """Hide the column."""
        self._write()
        self._impl.drop_column(table_name, column, **options)

    def alter_column(
        self,
        table_name: str,
        column_name: str,
        nullable: bool | None = None,
        server_default: Any = False,
        name: str | None = None,
        type_: Any = None,
        **options: Any,
    ) -> None:
        """Rename the column, then change its type, default and NOT NULL."""
        column = self._renamed.get(ascii_lower(column_name), column_name)
        if name is not None and name != column:
            self._rename(column_name, column, name)
            column = name
        if type_ is not None:
            if isinstance(type_, SchemaType) or isinstance(options.get("existing_type"), SchemaType):
                self._now().drop_lists_of_values(column)
            self._set_type(column, type_)
        if server_default is not False:
            self._set_default(column, server_default)
        if nullable is not None:
            self._set_nullable(column, nullable)

    def add_constraint(self, constraint: Constraint) -> None:
        """Write the constraint into the table."""
        kind, text = _kind(constraint), self._now()
        if self._impl.is_back(constraint.table, constraint.name):
            return
        made = self._compiler.process(constraint)
        keys = _as_table(self._impl.keeper.lookup.keys_gone(self._table.name))
        if text.has_constraint(made) or (kind == "FOREIGN KEY" and keys.has_constraint(made)):
            return  # it returned with its column, or will return with the column that it refers to
        if self._names_returned(made):
            return
        if kind == "PRIMARY KEY":
            text.drop_primary_key()
        text.add_constraint(made)
        self._moves_rows |= kind in _MOVES_ROWS
        self._must_hold |= kind == "CHECK"

    def drop_constraint(self, constraint: Constraint) -> None:
        """Remove the constraint from the table, by its name or by the name that the naming convention gives it."""
        is_of_type = alembic_private.is_type_bound(constraint)
        if not constraint.name and not is_of_type:
            self._drop_nameless(constraint)
            return
        kind = self._drop_named(constraint, self._now()) if constraint.name else None
        if kind is None and is_of_type:
            self._drop_condition(constraint)
        elif kind is None and self._drop_named(constraint, self._gone()) is None:
            raise ValueError(f"No such constraint: '{constraint.name}'")
        self._moves_rows |= kind in _MOVES_ROWS

    def create_index(self, index: Index, **options: Any) -> None:
        """Create the index after all other changes of the block."""
        self._indexes.append((index, options))

    def drop_index(self, index: Index, **options: Any) -> None:
        """Drop the index at once, because a new one may take its name."""
        gone = {ascii_lower(name) for name in self._impl.keeper.lookup.indexes_gone(self._table.name)}
        there = {ascii_lower(token.name) for sql in self._table.companions("index") for token in tokens(sql)}
        if ascii_lower(str(index.name)) not in gone - there:
            self._impl.drop_index(index, **options)

    def create_table_comment(self, table: Any) -> None:
        """Do nothing: SQLite has no comments."""

    drop_table_comment = create_column_comment = create_table_comment

    def _now(self) -> TableText:
        if self._text is None:
            self._text = TableText(self._table.text)
        return self._text

    def _write(self) -> None:
        """Write the changes so far to the table."""
        text, self._text = self._text, None
        if text is None or str(text) == self._table.text:
            return
        if self._moves_rows:
            self._table.rebuild(text)
        elif self._must_hold:
            self._table.write_text_that_holds(str(text))
        else:
            self._table.write_text(str(text))
        self._moves_rows = self._must_hold = False

    def _rename(self, key: str, old: str, new: str) -> None:
        self._write()
        self._table.rename_column(old, new)
        self._renamed[ascii_lower(key)] = new

    def _set_type(self, column: str, kind: Any) -> None:
        text = self._now()
        before = text.definition(column)
        wanted = self._compiler.get_column_specification(Column("c", kind))
        text.set_type(column, declared_type(wanted))
        if collation := clause_of(wanted, "COLLATE"):
            text.set_clause(column, "COLLATE", collation)
        if self._needs_another_form(before, text.definition(column), column):
            self._moves_rows = True

    def _needs_another_form(self, before: str, after: str, column: str) -> bool:
        text = self._now()
        return (
            affinity(declared_type(before)) != affinity(declared_type(after))
            or clause_of(before, "COLLATE") != clause_of(after, "COLLATE")
            or column.lower() in {name.lower() for name in text.primary_key}
            or "STRICT" in text.options
        )

    def _set_default(self, column: str, default: Any) -> None:
        text, before = self._now(), self._now().definition(column)
        wanted = Column("c", Integer, server_default=default)
        clause = None if default is None else clause_of(self._compiler.get_column_specification(wanted), "DEFAULT")
        if clause_of(before, "DEFAULT") != clause:
            text.set_clause(column, "DEFAULT", clause)
            self._moves_rows = True

    def _set_nullable(self, column: str, nullable: bool) -> None:
        text = self._now()
        is_nullable = clause_of(text.definition(column), "NOT NULL") is None
        if nullable != is_nullable:
            text.set_clause(column, "NOT NULL", None if nullable else "NOT NULL")
            self._must_hold |= not nullable

    def _gone(self) -> TableText:
        """Return a table text with the constraints that were already dropped with hidden columns."""
        lookup, table = self._impl.keeper.lookup, self._table.name
        return _as_table([*lookup.parts_gone(table), *lookup.keys_gone(table)])

    def _drop_named(self, constraint: Constraint, text: TableText) -> str | None:
        """Remove a constraint by name and return its kind; None if the text has none of that name."""
        name = str(constraint.name)
        kinds = [kind for of, kind in _KINDS.items() if type(constraint) is Constraint or isinstance(constraint, of)]
        for kind in kinds:
            if text.drop_constraint(kind, name):
                return kind
        for each in text.constraints():
            is_nameless_key = each.name is None and each.kind != "CHECK" and each.kind in kinds
            if is_nameless_key and self._name_by_convention(each.kind, each.columns, each.referred) == name:
                text.drop_constraint(each.kind, None, each.columns)
                return each.kind
        return None

    def _drop_nameless(self, constraint: Constraint) -> None:
        """Remove the constraint that the script means without naming it."""
        self._write()  # the search reads the database
        kind = self._now().drop_like(self._impl.nameless_constraint(constraint).sql)
        self._moves_rows |= kind in _MOVES_ROWS

    def _drop_condition(self, constraint: Any) -> None:
        """Remove the unnamed CHECK that a type such as Enum had added."""
        compiler = self._compiler.sql_compiler
        self._now().drop_check(compiler.process(constraint.sqltext, include_table=False, literal_binds=True))

    def _names_returned(self, made: str) -> bool:
        """Give an unnamed constraint that returned with its column the script's name; return whether there is one."""
        wanted, table = _as_table([made]).constraints()[0], self._table.name.lower()
        columns = self._impl.keeper.outcome.columns_back
        back = {str(place.column).lower() for place in columns if place.table.lower() == table}

        def name_of(each: ConstraintText) -> str | None:
            is_back = any(column.lower() in back for column in each.columns)
            return self._compiler.preparer.quote(wanted.name) if is_back and each.same_as(wanted) else None

        return self._now().name_constraints(name_of)

    def _name_nameless(self) -> None:
        """Name unnamed constraints by the naming convention of the script, like Alembic's rebuild does."""

        def name_of(each: ConstraintText) -> str | None:
            if each.kind == "CHECK" or any(is_hidden(column) for column in each.columns):
                return None
            name = self._name_by_convention(each.kind, each.columns, each.referred)
            return None if name is None else self._compiler.preparer.quote(name)

        self._now().name_constraints(name_of)

    def _name_by_convention(self, kind: str, columns: list[str], referred: str) -> str | None:
        made: dict[str, Any] = {
            "UNIQUE": lambda: UniqueConstraint(*columns),
            "PRIMARY KEY": lambda: PrimaryKeyConstraint(*columns),
            "FOREIGN KEY": lambda: ForeignKeyConstraint(columns, [f"{referred}.{column}" for column in columns]),
        }
        constraint = made[kind]()
        metadata = MetaData(naming_convention=self._convention)
        names = {*self._now().columns, *columns}
        Table(self._table.name, metadata, *(Column(name, Integer) for name in names), constraint)
        return None if constraint.name is None else str(constraint.name)


def rescue_triggers(connection: Connection, table: str, before: list[str]) -> None:
    """Recreate the triggers that were dropped when Alembic rebuilt their table."""
    there = set(SQLiteTable(connection, table).companions("trigger"))
    for sql in before:
        if sql not in there:
            connection.exec_driver_sql(sql)


def _as_table(parts: list[str]) -> TableText:
    return TableText(f"CREATE TABLE t ({', '.join(['c', *parts])})")


def _kind(constraint: Constraint) -> str:
    return next(kind for of, kind in _KINDS.items() if isinstance(constraint, of))
