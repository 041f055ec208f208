"""Constraints without a name, found by their columns."""

from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint, inspect

from flask_rewind.attic_entries import Place
from flask_rewind.keeper.context import CrossingContext

OfColumns = UniqueConstraint | ForeignKeyConstraint | PrimaryKeyConstraint


def has_constraint_like(crossing: CrossingContext, place: Place, constraint: OfColumns) -> bool:
    """Return whether a table has a unique constraint or key with the columns of this one."""
    inspector, fold = inspect(crossing.connection), crossing.names.of_column
    columns = [fold(column.name) for column in constraint.columns]
    if isinstance(constraint, PrimaryKeyConstraint):
        return columns == [*map(fold, crossing.hider.tables.primary_key(place))]
    if isinstance(constraint, UniqueConstraint):
        there = inspector.get_unique_constraints(place.table, place.schema)
        return columns in [[*map(fold, map(str, each["column_names"]))] for each in there]
    keys = inspector.get_foreign_keys(place.table, place.schema)
    of_table = crossing.names.of_table
    found = [
        (
            [*map(fold, each["constrained_columns"])],
            [(of_table(each["referred_table"]), fold(name)) for name in each["referred_columns"]],
        )
        for each in keys
    ]
    targets = [element.target_fullname.rsplit(".", 2)[-2:] for element in constraint.elements]
    return (columns, [(of_table(table), fold(name)) for table, name in targets]) in found
