"""The schema and the kinds of operations that are moved under load."""

import re
from dataclasses import dataclass, field

import pytest
from operation_kinds import KINDS, SCHEMA, Kind
from operation_kinds.data import DATA

from under_load.tables import BODY, COUNTED, TABLES

_CREATED = re.compile(rf'op\.create_table\(\s*"({"|".join(TABLES)})",')
_EXTRA = f'sa.Column("{COUNTED}", sa.Integer, nullable=False, server_default="0"), sa.Column("{BODY}", sa.Text)'


def _counting(script: str) -> str:
    """Return a script that gives each of the tables that it creates the columns which are needed here."""
    return _CREATED.sub(rf"\g<0> {_EXTRA},", script)


SCHEMA_UNDER_LOAD = _counting(SCHEMA)

UNFIT = {
    "a table that another one replaces": "the script copies rows, without those that are written meanwhile",
    "a table made anew by hand": "likewise",
    "names that are exchanged": "a writer would take one table for the other",
} | dict.fromkeys(DATA, "the script changes rows, so the writers' accounts are not those of the table")
"""Kinds that are not moved under load, and why."""

_FILLS = {
    "a column that is never null": {"post.title": "'filled'"},
    "a column of the primary key": {"pair.other": "0"},
    "a column of the primary key, named": {"pair.other": "0"},
}
"""Values for rows that are inserted while a column is hidden that may not be NULL."""
_TABLES = {
    "constraints": ("post",),  # the new foreign key refuses rows that the writers insert into pair
    "raw statements of MariaDB": ("post",),  # they create another table called mark
}
_MENTIONED = re.compile(rf"\b({'|'.join(TABLES)})\b")


@dataclass(frozen=True)
class LoadedKind:
    """A kind of operation, and what is written to while it is moved."""

    up: str
    down: str
    tables: tuple[str, ...]
    """Names in `TABLES`."""
    engines: tuple[str, ...]
    fill: dict[str, str] = field(default_factory=dict)
    """What the way down is given as ``fill``."""


def _loaded(name: str, kind: Kind) -> LoadedKind:
    up, down = map(_counting, kind.scripts())
    tables = _TABLES.get(name) or tuple(dict.fromkeys(_MENTIONED.findall(f"{up}\n{down}"))) or ("post",)
    return LoadedKind(up, down, tables, tuple(kind.engines), _FILLS.get(name, {}))


KINDS_UNDER_LOAD = {name: _loaded(name, kind) for name, kind in KINDS.items() if name not in UNFIT}
EVERY_KIND_UNDER_LOAD = [
    pytest.param(kind, id=name, marks=pytest.mark.on(*kind.engines)) for name, kind in KINDS_UNDER_LOAD.items()
]
"""For ``parametrize``."""
