"""Tables of PostgreSQL: renamed, with their indexes, sequences and partitions, and detached from their parents."""

import itertools

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import Named, PostgreSQLTableDetails
from flask_rewind.engines.access import DatabaseAccess
from flask_rewind.engines.constraints import Restore
from flask_rewind.engines.postgresql.constraints import PostgreSQLConstraints, restores_of
from flask_rewind.engines.postgresql.relations import (
    OWN_KEY,
    names_of,
    parents_of,
    partitions_of,
    refuse_children,
    refuse_views,
)
from flask_rewind.engines.tables import Tables
from flask_rewind.engines.types import Types
from flask_rewind.transactions import committed_together

_LONGEST_STEM = 58
"""Bytes: PostgreSQL cuts names at 63 bytes, and a number must fit at the end."""


class PostgreSQLTables(Tables):
    """Hides tables of a PostgreSQL database and brings them back."""

    _constraints: PostgreSQLConstraints

    def __init__(self, access: DatabaseAccess, constraints: PostgreSQLConstraints, types: Types) -> None:
        super().__init__(access, constraints)
        self._types = types
        self._spare_names: list[tuple[str, str, str, str]] = []
        """Kind, schema, present name and former name of relations that returned while their names were taken."""

    def look_at(self, place: Place) -> PostgreSQLTableDetails:
        table = self.table_of(place)
        refuse_views(self, place)
        refuse_children(self, place)
        keys = self.run(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            f" WHERE contype = 'f' AND conrelid = CAST(:table AS regclass) AND {OWN_KEY} ORDER BY conname",
            table=table,
        ).all()
        return PostgreSQLTableDetails(
            constraints=tuple(Named(*key) for key in keys),
            extras=self._constraints.extras_of(place, [key[0] for key in keys]),
            partitions=tuple(partitions_of(self, place)),
            parents=parents_of(self, place),
            names=names_of(self, table),
            incoming=self._constraints.referring_keys(table),
        )

    def hide(self, entry: Entry) -> None:
        table, details = self.table_of(entry.place), entry.details_as(PostgreSQLTableDetails)
        self._constraints.drop_keys_to(entry)
        for parent in details.parents:
            self.run_literally(f"{parent.detach_start}{table}{parent.detach_end}")
        for name, _ in details.constraints:
            self.run_literally(f"ALTER TABLE {table} DROP CONSTRAINT {self.quote(name)}")
        with committed_together(self.connection):
            for number, (kind, name) in enumerate(details.names, 1):
                full = self.name_of(self._constraints.schema_of(entry.place), name)
                self.run_literally(f"ALTER {kind} {full} RENAME TO {entry.name}_{number}")
            self.run_literally(f"ALTER TABLE {table} RENAME TO {entry.name}")

    def bring_back(self, entry: Entry) -> list[Restore]:
        with committed_together(self.connection):
            self._rename_back(entry)
        details, table = entry.details_as(PostgreSQLTableDetails), self.table_of(entry.place)
        parents = [
            Restore("parent", entry.place, end, f"{start}{table}{end}", frozenset({parent}))
            for parent, _, _, start, end in details.parents
        ]
        return [*restores_of(entry, details, table), *self._constraints.keys_to(entry), *parents]

    def _rename_back(self, entry: Entry) -> None:
        schema, details = self._constraints.schema_of(entry.place), entry.details_as(PostgreSQLTableDetails)
        hidden = self.name_of(entry.place.schema, entry.name)
        self.run_literally(f"ALTER TABLE {hidden} RENAME TO {self.quote(entry.place.table)}")
        for number, (kind, name) in enumerate(details.names, 1):
            full = self.name_of(schema, f"{entry.name}_{number}")
            if self._constraints.is_relation(full):  # a sequence is dropped with its column, if that is purged
                spare = self._free_name(schema, name)
                self.run_literally(f"ALTER {kind} {full} RENAME TO {self.quote(spare)}")
                if spare != name:
                    self._spare_names.append((kind, schema, spare, name))

    def give_names_again(self) -> None:
        for waiting in list(self._spare_names):
            kind, schema, spare, name = waiting
            if self._free_name(schema, name) == name:
                self._spare_names.remove(waiting)
                full = self.name_of(schema, spare)
                if self._constraints.is_relation(full):
                    self.run_literally(f"ALTER {kind} {full} RENAME TO {self.quote(name)}")

    def is_temporary(self, place: Place) -> bool:
        query = "SELECT relpersistence = 't' FROM pg_class WHERE oid = to_regclass(:table)"
        return bool(self.run(query, table=self.table_of(place)).scalar())

    def dependants_on(self, place: Place) -> list[str]:
        rows = self.run(
            "SELECT DISTINCT COALESCE((SELECT concat('view ', CAST(r.ev_class AS regclass)) FROM pg_rewrite r"
            " WHERE r.oid = d.objid AND d.classid = CAST('pg_rewrite' AS regclass)),"
            " pg_describe_object(d.classid, d.objid, d.objsubid)) FROM pg_depend d"
            " LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0"
            " WHERE d.refclassid = CAST('pg_class' AS regclass) AND d.refobjid = CAST(:table AS regclass)"
            " AND d.deptype = 'n' AND d.classid <> CAST('pg_constraint' AS regclass)"
            " AND CASE WHEN CAST(:column AS text) IS NOT NULL THEN a.attname = :column"
            " ELSE NOT EXISTS (SELECT 1 FROM pg_depend o WHERE (o.classid, o.objid) = (d.classid, d.objid)"  # its own
            " AND o.refobjid = d.refobjid AND o.deptype IN ('a', 'i')) END ORDER BY 1",
            table=self.table_of(place),
            column=place.column,
        )
        return [str(row[0]) for row in rows]

    def _free_name(self, schema: str, name: str) -> str:
        """Return the name or, if it is taken, the name with the first free number appended, like PostgreSQL does."""
        short = name.encode()[:_LONGEST_STEM].decode(errors="ignore")
        names = itertools.chain([name], (f"{short}{number}" for number in itertools.count(1)))
        return next(each for each in names if not self._constraints.is_relation(self.name_of(schema, each)))

    def purge(self, entry: Entry) -> None:
        if entry.place.is_type:
            self._types.purge(entry)
        else:
            super().purge(entry)
