"""The parts of a schema as values that can be compared. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from typing import Any

AGAIN = " again"
"""Suffix for the name of a constraint that repeats another one."""
Key = tuple[str, str, str]
"""Kind, table and name of a part."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a schema: it can exist, be missing, or differ."""

    kind: str
    """``table``, ``column``, ``primary key``, ``unique``, ``foreign key``, ``check``, ``index``, ``trigger``, ``view``,
    ``sequence`` or ``type``."""
    table: str
    """Empty for a view, a sequence and a type."""
    name: str
    """For a constraint its columns or its text: its real name may differ between databases with one history."""
    definition: str
    """The text that is compared."""
    called: str = ""
    """The name of a constraint in this database."""
    sql: str = ""
    """The SQL that creates it: a statement, or a part of a CREATE TABLE statement."""

    @property
    def key(self) -> Key:
        """The key that identifies the part in a description."""
        return self.kind, self.table, self.name

    @property
    def columns(self) -> list[str]:
        """The columns of a key or a unique constraint, parsed from `name`."""
        return [column.strip() for column in self.name[1:].split(")")[0].split(",")]

    def says_the_same(self, other: "Part") -> bool:
        """Return whether two constraints of a table differ only in their real names."""
        same = (self.kind, self.table, self.definition) == (other.kind, other.table, other.definition)
        return same and self.name.split(AGAIN)[0] == other.name.split(AGAIN)[0]

    def __str__(self) -> str:
        if self.kind == "column":
            return f"column {self.table}.{self.name}"
        return f"{self.kind} {self.name}{' of ' if self.name and self.table else ''}{self.table}"


_LABEL = re.compile(r"'(?:[^']|'')*'")
OWN = ("_attic_", "rewind_", "alembic_version")
"""Prefixes of the names of hidden things, and of Rewind's and Alembic's own tables."""

Description = dict[Key, Part]
"""The visible schema of one database: without hidden things, and without Rewind's and Alembic's own tables."""


@dataclass(frozen=True, slots=True)
class Change:
    """A part before and after; None where it does not exist."""

    before: Part | None
    after: Part | None

    def __str__(self) -> str:
        if self.before is None or self.after is None:
            return f"{self.before or self.after} {'is missing' if self.after is None else 'is left over'}"
        return f"{self.before} is {self.after.definition!r} instead of {self.before.definition!r}"


def as_description(parts: Iterable[Part], former: Iterable[str] = ()) -> Description:
    """Return the visible parts by key.

    Args:
        parts: all parts.
        former: names that constraints had before. Of two equal constraints, the one with such a name gets the key
            without `AGAIN`.
    """
    found: Description = {}
    for part in parts:
        if not _is_own(part):
            while part.key in found:  # nothing forbids the same CHECK twice
                if part.called in former and found[part.key].called not in former:
                    found[part.key], part = part, found[part.key]
                part = replace(part, name=part.name + AGAIN)
            found[part.key] = part
    return found


def _is_own(part: Part) -> bool:
    stands_on_hidden = part.kind != "table" and "_attic_" in part.sql
    return part.table.startswith(OWN) or part.name.startswith(OWN) or stands_on_hidden


def fingerprint(description: Description) -> str:
    """Return a digest of a schema, which does not depend on the order of parts or the names of constraints."""
    parts = sorted((*part.key, part.definition) for part in description.values())
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def changes(before: Description, after: Description) -> list[Change]:
    """Return the differences between two schemas."""
    pairs = ((before.get(key), after.get(key)) for key in {**before, **after})
    return [Change(*pair) for pair in pairs if not _same(*pair)]


def not_brought_back(up: Iterable[Change], before: Description, after: Description) -> list[Change]:
    """Return what a crossing down did not restore to the schema before the crossing up.

    Args:
        up: the changes that the crossing up made.
        before: the schema before the crossing down. Parts that something else changed in between are not checked.
        after: the schema after it.
    """
    wanted, unknown = wanted_back(up, before)
    return [change for change in changes(wanted, after) if key_of(change) not in unknown]


def wanted_back(up: Iterable[Change], now: Description) -> tuple[Description, set[Key]]:
    """Return the schema that undoing a crossing should give, and the keys that something else has changed since."""
    wanted = dict(now)
    unknown = set()
    for change in up:
        key = key_of(change)
        if not _same(now.get(key), change.after):
            unknown.add(key)
        elif change.before is None:
            wanted.pop(key, None)
        else:
            wanted[key] = change.before
    return wanted, unknown


def has_more_labels(change: Change) -> bool:
    """Return whether an enum type only has additional labels after the change: no statement drops a label."""
    before, after = change.before, change.after
    if before is None or after is None or before.kind != "type":
        return False
    left = iter(_LABEL.findall(after.definition))
    return all(label in left for label in _LABEL.findall(before.definition))


def without_parts_of_tables(found: list[Change]) -> list[Change]:
    """Return changes without those of the parts of tables that exist on one side only."""
    whole = {
        key_of(change)[1] for change in found if key_of(change)[0] == "table" and None in (change.before, change.after)
    }
    return [change for change in found if key_of(change)[0] == "table" or key_of(change)[1] not in whole]


def as_text(description: Description) -> str:
    """Return a schema as text, for `read`."""
    return json.dumps([astuple(part) for part in description.values()], ensure_ascii=False)


def read(text: str) -> Description:
    """Return the schema that `as_text` wrote."""
    return {part.key: part for part in (Part(*each) for each in json.loads(text))}


def as_data(found: Iterable[Change]) -> list[Any]:
    """Return changes as JSON values, for `from_data`."""
    return [[side and astuple(side) for side in (change.before, change.after)] for change in found]


def from_data(data: Iterable[Any]) -> list[Change]:
    """Return the changes that `as_data` returned as JSON values."""
    return [Change(*_parts(sides)) for sides in data]


def _parts(sides: Iterable[list[str] | None]) -> Iterator[Part | None]:
    for side in sides:
        yield None if side is None else Part(*side)


def _same(one: Part | None, other: Part | None) -> bool:
    return one is other or (one and one.definition) == (other and other.definition)


def key_of(change: Change) -> Key:
    """Return the key of the part that changed."""
    part = change.before or change.after
    if part is None:
        raise ValueError("a change has a part on one side at least")
    return part.key
