"""What crossings do to a schema: written down each time, and asked for when a crossing goes back.

A script's ``downgrade()`` is not trusted to bring its parent's schema back: what its ``upgrade()`` changed stands in
the journal, and the crossing down is held against it.
"""

import logging
from collections.abc import Collection, Iterable
from typing import Protocol

from sqlalchemy import Connection

from flask_rewind.describing import (
    Change,
    Description,
    Made,
    Part,
    fingerprint,
    has_more_labels,
    key_of,
    not_brought_back,
    without_other_letters,
    without_parts_of_tables,
)
from flask_rewind.details import TITLES
from flask_rewind.engines.registry import describe, engine_of
from flask_rewind.errors import Refused
from flask_rewind.journal import PastCrossings
from flask_rewind.places import Names
from flask_rewind.reflection import OPENED

log = logging.getLogger("alembic.runtime.migration")

MOST_NAMED = 5
"""How many differences a refusal names."""


class Lost(Protocol):
    """Puts back what a crossing down may leave out."""

    def has(self, change: Change) -> bool:
        """Return whether no row depends on what a crossing down leaves otherwise."""

    def put_back(self, before: Part, after: Part) -> None:
        """Make it what the way up had found."""


class SchemaWatch:
    """The schema of one database, before and after each crossing of a move."""

    def __init__(self, connection: Connection, past: PastCrossings) -> None:
        self._connection = connection
        self._past = past
        self._names = Names(connection)
        self._before: Description | None = None
        self._after: Description | None = None
        self._fingerprint = ""
        """Of the schema that the last crossing left."""

    @property
    def before(self) -> Description | None:
        """The schema that the crossing found."""
        return self._before

    def look_before(self) -> Description | None:
        """Read the schema that a crossing finds, and return it: the one that the crossing before it left."""
        self._before = self._after if self._after is not None else describe(self._connection)
        OPENED.clear()
        return self._before

    def forget(self) -> None:
        """Let the next crossing find what is there by then: the last one was taken back."""
        self._before = self._after = None
        self._fingerprint = ""

    def look_after(self, statements: Iterable[str]) -> None:
        """Read the schema that a crossing leaves, whose statements these were; all of it if there may be others."""
        self._after = describe(self._connection, None if OPENED else self._before, statements)

    def written(self, statements: Iterable[str]) -> tuple[str, str, str]:
        """Return for the journal: the fingerprints before and after, and what the `statements` between changed."""
        if self._before is None or self._after is None:
            return "", "", ""
        before = self._fingerprint or fingerprint(self._before)
        self._fingerprint = fingerprint(self._after)
        return before, self._fingerprint, str(self.made(statements))

    def made(self, statements: Iterable[str]) -> Made:
        """Return what changed, where `statements` were executed in between."""
        return Made.by(statements, self._before or {}, self._after or {}, self._connection.dialect.name)

    def hold_against_way_up(self, revision: str, gone_along: Collection[str], lost: "Lost") -> None:
        """Ask of a crossing down for what its way up had found, as far as the journal knows that.

        Args:
            revision: the one that is crossed.
            gone_along: the tables that are not asked for, since they went with another.
            lost: puts back what no row depends on, where nothing else differs.

        Raises:
            Refused: where something of it is otherwise.
        """
        up = self._past.changes_up(revision)
        if not up or self._before is None or self._after is None:
            return
        recorded = Made.read(up)
        if not recorded.is_of(self._connection.dialect.name):
            log.warning(
                "The downgrade() of revision %s is not compared with its upgrade(), which %s recorded.",
                revision,
                TITLES[recorded.engine],
            )
            return
        made = recorded.changes
        self._tidy(self._not_brought_back(made))
        found = self._left(made, gone_along)
        if found and all(map(lost.has, found)):
            for change in found:
                if change.before and change.after:
                    lost.put_back(change.before, change.after)
            self._after = describe(self._connection)
            found = self._left(made, gone_along)
        _refuse_another_schema(revision, found)

    def _left(self, made: list[Change], gone_along: Collection[str]) -> list[Change]:
        left = self._not_brought_back(made)
        return [each for each in left if key_of(each)[1] not in gone_along and not has_more_labels(each)]

    def _not_brought_back(self, made: list[Change]) -> list[Change]:
        return without_other_letters(not_brought_back(made, self._before or {}, self._after or {}), self._names)

    def _tidy(self, found: list[Change]) -> None:
        """Take away what a crossing down cannot be expected to: what the server made by itself on the way up."""
        if statements := [statement for change in found if (statement := self._of_server(change))]:
            for statement in statements:
                self._connection.exec_driver_sql(statement)
            self._after = describe(self._connection)

    def _of_server(self, change: Change) -> str | None:
        """Return what drops an index of a foreign key, or an enum type, that nobody uses any more."""
        part, quote = change.after, self._connection.dialect.identifier_preparer.quote_identifier
        if part is None or change.before is not None:
            return None
        if part.kind == "type":
            return None if self._is_used(part.name) else f"DROP TYPE {quote(part.name)}"
        if part.kind == "index" and engine_of(self._connection).makes_key_indexes and self._was_of_key(change):
            return f"ALTER TABLE {quote(part.table)} DROP INDEX {quote(part.name)}"
        return None

    def _is_used(self, name: str) -> bool:
        query = (
            "SELECT 1 FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid"
            " JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = %(name)s AND NOT a.attisdropped"
            " AND n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND a.attname NOT LIKE '\\_attic\\_%%'"
            " AND c.relname NOT LIKE '\\_attic\\_%%'"
        )
        return self._connection.exec_driver_sql(query, {"name": name}).first() is not None

    def _was_of_key(self, change: Change) -> bool:
        part = change.after
        keys = [each for each in (self._before or {}).values() if each.kind == "foreign key"]
        return part is not None and any(
            key.table == part.table and key.key not in (self._after or {}) and part.name in {key.called, key.columns[0]}
            for key in keys
        )


def _refuse_another_schema(revision: str, found: list[Change]) -> None:
    found = without_parts_of_tables(found)
    if not found:
        return
    named = "; ".join(str(change) for change in found[:MOST_NAMED])
    more = f"; and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    raise Refused(
        f"the downgrade() of revision {revision} does not bring back the schema that its upgrade() had found: "
        f"{named}{more}.",
        "Correct it and run the same command again, or go back by what the journal recorded: "
        "flask db downgrade --from-journal",
    )
