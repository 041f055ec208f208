"""Leave out differences between two schemas that are only of letter case, where the engine ignores it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from flask_rewind.describing.base import Change, Part
from flask_rewind.places import Names
from flask_rewind.sql.catalogs import Fold, as_spelled

_QUOTED = re.compile(r"`(?:[^`]|``)*`")
_OF_SCHEMA = {"view", "sequence", "type", "trigger"}
"""Kinds whose names the engine compares like names of tables."""
_OF_COLUMNS = {"unique", "primary key"}
"""Kinds whose definition is a list of columns."""


def without_other_letters(found: list[Change], names: Names) -> list[Change]:
    """Return changes without those that differ only in letter case, if the engine ignores it."""
    if names.of_column is as_spelled:
        return found
    missing = Counter(_form(change.before, names) for change in found if change.before and not change.after)
    new = Counter(_form(change.after, names) for change in found if change.after and not change.before)
    return list(_left(found, names, missing & new))


def _left(found: list[Change], names: Names, alike: Counter[Part]) -> Iterator[Change]:
    waiting = [alike.copy(), alike.copy()]
    for change in found:
        forms = [side and _form(side, names) for side in (change.before, change.after)]
        if forms[0] == forms[1]:
            continue
        for form, left in zip(forms, waiting, strict=True):
            if form and None in forms and left[form]:
                left[form] -= 1
                break
        else:
            yield change


def _form(part: Part, names: Names) -> Part:
    """Return the part with its names folded, so that it is equal for every spelling of them."""
    table = names.of_table(part.table)
    if part.kind in _OF_SCHEMA or (part.kind == "foreign key" and names.of_table is as_spelled):
        return replace(part, table=table, name=names.of_table(part.name), called="", sql="")
    name, definition = (_folded(each, names.of_column) for each in (part.name, part.definition))
    if part.kind != "check":  # the name of a CHECK is its text
        name = names.of_column(name)
    if part.kind in _OF_COLUMNS:
        definition = names.of_column(definition)
    return replace(part, table=table, name=name, definition=definition, called="", sql="")


def _folded(definition: str, fold: Fold) -> str:
    """Return a definition of MariaDB or MySQL with its quoted names folded; SQLite's are folded already."""
    return _QUOTED.sub(lambda match: fold(match.group()), definition)
