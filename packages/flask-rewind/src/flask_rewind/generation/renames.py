"""Find out which dropped and added tables and columns of a draft are renames: autogenerate cannot tell.

A drop and an add would show the app an empty new column; the values would stay with the hidden old one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from alembic.operations.ops import AddColumnOp, CreateTableOp, DropColumnOp, DropTableOp, OpContainer
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, types

from flask_rewind.alembic_private import reverse_of
from flask_rewind.errors import BadRequest
from flask_rewind.generation.renamed_view import Rename
from flask_rewind.generation.walking import all_of

AskRename = Callable[[Rename], bool | None]
"""Returns whether something is a rename, or None if there is nobody to ask."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A dropped and an added table or column."""

    rename: Rename
    is_plausible: Callable[[], bool]
    old: Any
    """The table or column as reflected."""
    new: Any
    """The table or column of the models."""


@dataclass(frozen=True, slots=True)
class RenamedColumn:
    """A column to rename, as it is in the database and in the models."""

    rename: Rename
    old: Column[Any]
    new: Column[Any]


class RenameChooser:
    """Decides which pairs are renames: those that were given, and those that a person confirms.

    Args:
        given: the new names by the old ones: ``{"posts.body": "posts.text", "tags": "topics"}``.
        ask: asks whether a pair is a rename. It is asked about pairs of compatible types, similar names first.
    """

    def __init__(self, given: Mapping[str, str] | None, ask: AskRename | None) -> None:
        self._given = dict(given or {})
        self._unused = dict(self._given)
        self._ask = ask or (lambda rename: None)

    def tables(self, up: OpContainer, context: MigrationContext) -> list[Rename]:
        """Return the renamed tables of a draft."""
        return [pair.rename for pair in self._chosen(list(_pairs_of_tables(up, context)))]

    def columns(self, up: OpContainer, context: MigrationContext) -> list[RenamedColumn]:
        """Return the renamed columns of a draft, in which renamed tables have their new names already."""
        chosen = self._chosen(list(_pairs_of_columns(up, context)))
        return [RenamedColumn(pair.rename, pair.old, pair.new) for pair in chosen]

    def refuse_unused(self) -> None:
        """Raise `BadRequest` if a given rename fits no dropped and added pair of any database."""
        if self._unused:
            before, after = next(iter(self._unused.items()))
            raise BadRequest(
                f"{before} cannot be renamed to {after}: the models do not lack {before}, the database has {after} "
                "already, or they are not of the same table.",
                "Nothing was written. Write columns as table.column=table.column with the table's new name, tables as "
                "table=table. To see what differs, run: flask db check",
            )

    def _chosen(self, pairs: list[_Pair]) -> Iterator[_Pair]:
        """Yield the renames; nothing is in two pairs."""
        given = [pair for pair in pairs if self._given.get(pair.rename.before) == pair.rename.after]
        for pair in given:
            self._unused.pop(pair.rename.before, None)
        yield from given
        settled = {name for pair in given for name in (pair.rename.before, pair.rename.after)}
        for pair in sorted(pairs, key=_likeness, reverse=True):
            names = {pair.rename.before, pair.rename.after}
            if names & settled or not pair.is_plausible():
                continue
            answer = self._ask(pair.rename)
            if answer is not False:
                settled |= names
            if answer:
                yield pair


def _likeness(pair: _Pair) -> float:
    return SequenceMatcher(None, pair.rename.old, pair.rename.new).ratio()


def _pairs_of_tables(up: OpContainer, context: MigrationContext) -> Iterator[_Pair]:
    created = list(all_of(up, CreateTableOp))
    for drop in all_of(up, DropTableOp):
        old = reverse_of(drop)
        for new in created if isinstance(old, CreateTableOp) else ():
            if new.schema == drop.schema:
                rename = Rename(drop.schema, "", drop.table_name, new.table_name)
                yield _Pair(rename, lambda old=old, new=new: _are_alike(old, new, context), old, new)  # type: ignore[misc]


def _are_alike(old: Any, new: CreateTableOp, context: MigrationContext) -> bool:
    """Return whether two tables have the same key, and at least half of all their columns in common."""
    before, after = _columns(old), _columns(new)
    common = [name for name in before.keys() & after.keys() if _fits(before[name], after[name], context)]
    keys = [{name for name, column in columns.items() if column.primary_key} for columns in (before, after)]
    return keys[0] == keys[1] and 2 * len(common) >= len(before.keys() | after.keys())


def _columns(table: CreateTableOp) -> dict[str, Column[Any]]:
    return {item.name: item for item in table.columns if isinstance(item, Column)}


def _pairs_of_columns(up: OpContainer, context: MigrationContext) -> Iterator[_Pair]:
    added = list(all_of(up, AddColumnOp))
    for drop in all_of(up, DropColumnOp):
        reverse = reverse_of(drop)
        if not isinstance(reverse, AddColumnOp) or reverse.column.computed is not None:
            continue
        old = reverse.column
        for add in added:
            new = add.column
            if (add.schema, add.table_name) == (drop.schema, drop.table_name) and new.computed is None:
                rename = Rename(drop.schema, drop.table_name, old.name, new.name)
                yield _Pair(rename, lambda old=old, new=new: _fits(old, new, context), old, new)  # type: ignore[misc]


def _fits(old: Column[Any], new: Column[Any], context: MigrationContext) -> bool:
    """Return whether the values of one column would do in the other."""
    return is_same_type(old, new, context) or any(
        isinstance(old.type, family) and isinstance(_of_database(new, context), family) for family in _FAMILIES
    )


def is_same_type(old: Column[Any], new: Column[Any], context: MigrationContext) -> bool:
    """Return whether autogenerate takes the type of a reflected column for that of a column of the models."""
    return not context.impl.compare_type(old, new)


def _of_database(column: Column[Any], context: MigrationContext) -> types.TypeEngine[Any]:
    kind = column.type.dialect_impl(context.dialect)
    return kind.impl_instance if isinstance(kind, types.TypeDecorator) else kind


_FAMILIES: tuple[Any, ...] = (
    types.String,
    types.Integer,
    (types.Numeric, types.Float),
    (types.Date, types.DateTime),
    types.LargeBinary,
)
