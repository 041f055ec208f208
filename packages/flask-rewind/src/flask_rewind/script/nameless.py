"""The constraint that ``drop_constraint(None, …)`` means; autogenerate writes that if the models give no name."""

import ast
import re

from sqlalchemy import CheckConstraint, Constraint, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from flask_rewind.describing import Key, Made, Part
from flask_rewind.engines.registry import describe
from flask_rewind.errors import Refused
from flask_rewind.journal import PastCrossings
from flask_rewind.keeper import CrossingContext

_KINDS: dict[type[Constraint], str] = {
    ForeignKeyConstraint: "foreign key",
    UniqueConstraint: "unique",
    CheckConstraint: "check",
    PrimaryKeyConstraint: "primary key",
}
_MAKERS = {"create_unique_constraint", "create_foreign_key"}
_NAMES_OF_SERVER = {
    "foreign key": r"{table}_ibfk_\d+|{table}_.*_fkey\d*",
    "unique": r"{column}(_\d+)?|{table}_.*_key\d*",
    "check": r"CONSTRAINT_\d+|{table}_chk_\d+|{table}_.*check\d*",
    "primary key": r".*",
}


def nameless_constraint(crossing: CrossingContext, constraint: Constraint) -> Part:
    """Return the constraint that the upgrade made without a name.

    The journal has it, or ``upgrade()`` in the script has its columns, or the table has one of its kind only.

    Raises:
        Refused: where there is none, or several.
    """
    table, fold = str(constraint.table.name), crossing.names.of_table
    kinds = {kind for of, kind in _KINDS.items() if type(constraint) is Constraint or isinstance(constraint, of)}
    there = [
        part
        for part in (describe(crossing.connection) or {}).values()
        if fold(part.table) == fold(table) and part.kind in kinds and _is_named_by_server(part)
    ]
    recorded = _recorded(crossing)
    written = [[*map(crossing.names.of_column, columns)] for columns in _written(crossing.source)]
    found = [part for part in there if part.key in recorded] or [
        part for part in there if [*map(crossing.names.of_column, part.columns)] in written
    ]
    if not found and len(there) == 1:
        found = there
    if not found:
        listed = ", ".join(f"{part.called or 'unnamed'} {part.name}" for part in there) or "none without a given name"
        raise Refused(
            f"drop_constraint(None) on {table} does not say which {' or '.join(sorted(kinds))} constraint it means: "
            f"the table has {listed}.",
            "Write its name into the script, or name it in the models and write the revision again.",
        )
    return found[0]


def _recorded(crossing: CrossingContext) -> set[Key]:
    """Return what the upgrade made, according to the journal."""
    recorded = PastCrossings(crossing.connection).changes_up(crossing.revision)
    return {change.after.key for change in Made.read(recorded).changes if change.after} if recorded else set()


def _written(source: str) -> list[list[str]]:
    """Return the columns of each constraint that a script makes without a name; the journal may lack the upgrade."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr=name), args=[ast.Constant(value=None), *others]) if name in _MAKERS:
                lists = [each for each in others if isinstance(each, ast.List)]
                found += [[str(ast.literal_eval(column)) for column in each.elts] for each in lists[:1]]
    return found


def _is_named_by_server(part: Part) -> bool:
    if not part.called:
        return True
    pattern = _NAMES_OF_SERVER[part.kind].format(table=re.escape(part.table), column=re.escape(part.columns[0]))
    return re.fullmatch(pattern, part.called) is not None
