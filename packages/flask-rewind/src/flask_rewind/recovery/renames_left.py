"""Which renames of an interrupted crossing are in effect: the last may not have been executed, others were undone."""

from collections.abc import Callable, Collection, Iterable, Sequence

from flask_rewind.attic_entries import HIDDEN, Place
from flask_rewind.describing import Description
from flask_rewind.sql.changes import Rename


def not_undone(renames: Iterable[Rename], hidden_again: Collection[str]) -> list[Rename]:
    """Return the renames that an earlier, interrupted recovery has not undone yet.

    Args:
        renames: of the crossing and of that recovery, in order.
        hidden_again: names ``_attic_<number>`` under which the recovery has hidden what had returned. They are new.
    """
    left: list[Rename] = []
    for rename in renames:
        is_again = rename.new in hidden_again
        undone = [at for at, former in enumerate(left) if _undoes(rename, former, is_again=is_again)]
        if undone:
            del left[undone[-1]]
        else:
            left.append(rename)
    return left


def _undoes(rename: Rename, former: Rename, *, is_again: bool) -> bool:
    """Return whether a rename undoes a former one.

    Args:
        rename: the later one.
        former: the one before it.
        is_again: whether the later one hides under a new name what the former one may have brought back.
    """
    if rename.column:
        is_of_same, old = (former.table, former.new) == (rename.table, rename.column), former.column
    else:
        is_of_same, old = not former.column and former.new == rename.table, former.table
    return is_of_same and (old == rename.new or (is_again and HIDDEN.fullmatch(old) is not None))


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
