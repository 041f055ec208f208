"""Compare the expressions of generated columns. An engine spells them its own way, so it is asked to spell both."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Computed, Connection, MetaData, Table, column, func, inspect, literal_column, select
from sqlalchemy import table as sa_table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable

from flask_rewind.engines.sqlite.clauses import clause_of, spelling
from flask_rewind.engines.sqlite.text import TableText
from flask_rewind.sql.tokenizer import tokens
from flask_rewind.transactions import is_autocommit

_log = logging.getLogger(__name__)

STAND_IN = "rewind_expressions"
"""A temporary table from which the engine's spelling of the models' expressions is read."""


@dataclass(frozen=True, slots=True)
class Expression:
    """The expression of a generated column."""

    sql: str
    persisted: bool | None
    """Whether its values are stored; None if a SQLite table's text has neither STORED nor VIRTUAL, the default."""


def expressions_there(connection: Connection, table: str, schema: str | None) -> dict[str, Expression]:
    """Return the expressions of the generated columns of a table, as the engine stores them."""
    if connection.dialect.name == "sqlite":
        catalog = sa_table("sqlite_master", column("name"), column("sql"), schema=schema)
        sql = connection.scalar(select(catalog.c.sql).where(func.lower(catalog.c.name) == table.lower()))
        return _expressions_in(sql) if sql else {}
    return {
        each["name"]: Expression(each["computed"]["sqltext"], bool(each["computed"].get("persisted")))
        for each in inspect(connection).get_columns(table, schema=schema)
        if "computed" in each
    }


def changed_expressions(connection: Connection, model: Table, there: Mapping[str, Expression]) -> set[str]:
    """Return the columns that are generated in both the model and the database, but by different expressions."""
    names = {each.name for each in model.columns if each.computed is not None and each.name in there}
    if connection.dialect.name == "sqlite":
        wanted = _expressions_in(str(CreateTable(_like(model, {}, connection)).compile(dialect=connection.dialect)))
        return {name for name in names if not _is_same(wanted[name], there[name])}
    return _spelled_otherwise(connection, model, {name: there[name] for name in names}) if names else set()


def _spelled_otherwise(connection: Connection, model: Table, there: Mapping[str, Expression]) -> set[str]:
    """Return the columns whose expressions in model and database the engine spells differently.

    The engine may change its own spelling when it reads it again, so that is compared, too.
    """
    spelled = _spelled(connection, model, there)
    if spelled is None:
        return set()
    wanted, again = spelled
    changed = {name for name, each in there.items() if wanted[name] not in (each, again[name])}
    if changed:
        spelled = _spelled(connection, model, {name: wanted[name] for name in changed})
        changed -= {name for name in changed if spelled and spelled[1][name] in (there[name], again[name])}
    return changed


def _spelled(
    connection: Connection, model: Table, others: Mapping[str, Expression]
) -> tuple[dict[str, Expression], dict[str, Expression]] | None:
    """Return the engine's spellings of the model's expressions and of `others`, each by column.

    Return None if the engine refuses an expression, or temporary tables.
    """
    extra = {f"rewind_{number}": name for number, name in enumerate(others)}
    table = _like(model, {name: (model.c[_key(model, of)], others[of]) for name, of in extra.items()}, connection)
    try:
        transaction = None if is_autocommit(connection) else connection.begin_nested()
        try:
            connection.execute(CreateTable(table))
            found = expressions_there(connection, STAND_IN, None)
        finally:
            if transaction is None:
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {STAND_IN}")
            else:
                transaction.rollback()
            if connection.dialect.name in {"mysql", "mariadb"}:
                connection.exec_driver_sql(f"DROP TEMPORARY TABLE IF EXISTS {STAND_IN}")
    except SQLAlchemyError as error:
        _log.warning("Generated columns of %s were not compared with the models: %s", model.fullname, error)
        return None
    return found, {of: found[name] for name, of in extra.items()}


def _key(model: Table, name: str) -> str:
    return next(column.key for column in model.columns if column.name == name)


def _like(model: Table, extra: Mapping[str, tuple[Column[Any], Expression]], connection: Connection) -> Table:
    """Return a temporary table with the columns of a model and `extra` generated columns."""
    columns: list[Column[Any]] = []
    for each in model.columns:
        made = [] if each.computed is None else [_again(each.computed, connection)]
        columns.append(Column(each.name, each.type, *made))
    names = {each.name for each in columns}
    if extra:  # these may use columns that the models no longer have
        there = inspect(connection).get_columns(model.name, schema=model.schema)
        columns += [Column(each["name"], each["type"]) for each in there if each["name"] not in names]
    for name, (like, expression) in extra.items():
        computed = Computed(literal_column(expression.sql), persisted=expression.persisted)
        columns.append(Column(name, like.type, computed))
    return Table(STAND_IN, MetaData(), *columns, prefixes=["TEMPORARY"])


def _again(computed: Computed, connection: Connection) -> Computed:
    only_stored = connection.dialect.name == "postgresql" and not getattr(
        connection.dialect, "supports_virtual_generated_columns", False
    )
    return Computed(computed.sqltext, persisted=True if only_stored else computed.persisted)


def _expressions_in(sql: str) -> dict[str, Expression]:
    """Return the expressions of the generated columns in a SQLite table's CREATE TABLE statement."""
    found = {}
    for name, definition in TableText(sql).definitions.items():
        if clause := clause_of(definition, "GENERATED"):
            all_tokens = tokens(clause)
            opening = next(token for token in all_tokens if token.text == "(")
            closing = next(token for token in all_tokens if token.text == ")" and token.depth == opening.depth)
            words = {token.word for token in all_tokens if token.start > closing.start}
            persisted = "STORED" in words or (False if "VIRTUAL" in words else None)
            found[name] = Expression(clause[opening.end : closing.start].strip(), persisted)
    return found


def _is_same(one: Expression, other: Expression) -> bool:
    return (spelling(one.sql), bool(one.persisted)) == (spelling(other.sql), bool(other.persisted))
