"""Which renames of an interrupted crossing are in effect: the last may not have been executed, others were undone."""

from collections.abc import Callable, Iterable, Sequence

from flask_rewind.attic_entries import Place
from flask_rewind.describing import Description
from flask_rewind.sql.changes import Rename


def not_undone(renames: Iterable[Rename]) -> list[Rename]:
    """Return the renames that an earlier, interrupted recovery has not undone yet."""
    left: list[Rename] = []
    for rename in renames:
        if rename.column:
            former = Rename(rename.table, rename.new, rename.column)
        else:
            former = Rename(rename.new, "", rename.table)
        if former in left:
            left.reverse()
            left.remove(former)
            left.reverse()
        else:
            left.append(rename)
    return left


def are_done(
    renames: Sequence[Rename], found: Description, now: Description, is_there: Callable[[Place], bool]
) -> bool:
    """Return whether the renames of one statement were executed.

    Args:
        renames: of the statement, in order.
        found: the schema before the crossing.
        now: the present schema.
        is_there: says whether a table or column exists.
    """
    olds = {(each.table if each.column else "", each.column or each.table) for each in renames}
    news = {(each.table if each.column else "", each.new) for each in renames}
    if not renames or not olds & news:
        return not any(is_there(Place(None, each.table, each.column or None)) for each in renames[-1:])
    # Names are exchanged, and all of them exist before and after: what they name tells which it is.
    moved = _final_names(renames)
    as_before = sum(_likeness(found, now, table, old, old) for (table, old) in moved)
    as_renamed = sum(_likeness(found, now, table, old, new) for (table, old), new in moved.items())
    return as_renamed >= as_before


def _final_names(renames: Iterable[Rename]) -> dict[tuple[str, str], str]:
    """Return the new name of each table, or column of a table, by its old one."""
    found: dict[tuple[str, str], str] = {}
    for each in renames:
        table, old = each.table if each.column else "", each.column or each.table
        origin = next((key for key, name in found.items() if key[0] == table and name == old), (table, old))
        found[origin] = each.new
    return found


def _likeness(found: Description, now: Description, table: str, old: str, new: str) -> int:
    """Return how many parts of something are now as they were, under its new name."""
    if table:
        before, after = found.get(("column", table, old)), now.get(("column", table, new))
        return int(before is not None and after is not None and before.definition == after.definition)
    former = {(part.kind, part.name, part.definition) for part in found.values() if part.table == old}
    return sum((part.kind, part.name, part.definition) in former for part in now.values() if part.table == new)
