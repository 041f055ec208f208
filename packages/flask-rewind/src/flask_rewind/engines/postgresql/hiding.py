"""PostgreSQL: everything in one transaction, by renaming; constraints and indexes go and come by their own text."""

import itertools
import re
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, literal_column
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.types import TypeEngine

from flask_rewind.attic_entries import PREFIX, Entry, Place
from flask_rewind.details import (
    Domain,
    ForeignKey,
    Named,
    Parent,
    PostgreSQLColumnDetails,
    PostgreSQLTableDetails,
    PostgreSQLTypeDetails,
    Relation,
)
from flask_rewind.engines.hiding import DROP_THEM, Hider, Restore, on_table
from flask_rewind.engines.postgresql.describing import without_casts
from flask_rewind.errors import Refused
from flask_rewind.sql.changes import NewType
from flask_rewind.transactions import is_autocommit

_NAME = r"""((?:"(?:[^"]|"")+"|\w+)(?:\.(?:"(?:[^"]|"")+"|\w+))?)"""
_DROP_TYPE = re.compile(
    rf"\s*DROP\s+(TYPE|SEQUENCE)\s+(?:IF\s+EXISTS\s+)?{_NAME}\s*(?:RESTRICT|CASCADE)?\s*;?\s*$", re.IGNORECASE
)
_DROP_TYPES = re.compile(
    rf"\s*(DROP\s+(?:TYPE|SEQUENCE)\s+(?:IF\s+EXISTS\s+)?)({_NAME}(?:\s*,\s*{_NAME})+)(\s+(?:RESTRICT|CASCADE))?\s*;?\s*$",
    re.IGNORECASE,
)
_CREATE_SEQUENCE = re.compile(
    rf"\s*CREATE\s+(?:UNLOGGED\s+)?SEQUENCE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}", re.IGNORECASE
)
_CREATE_ENUM = re.compile(rf"\s*CREATE\s+TYPE\s+{_NAME}\s+AS\s+ENUM\s*\((.*)\)\s*;?\s*$", re.IGNORECASE | re.DOTALL)
_ADD_VALUE = re.compile(
    rf"\s*ALTER\s+TYPE\s+{_NAME}\s+ADD\s+VALUE\s+(?:IF\s+NOT\s+EXISTS\s+)?'((?:[^']|'')*)'", re.IGNORECASE
)
_NUMBERS = ["smallint", "integer", "bigint"]
_TEXTS = {"character varying", "text"}
_ALSO_CALLED = {
    "varchar": "character varying",
    "int": "integer",
    "int4": "integer",
    "int8": "bigint",
    "int2": "smallint",
}
_ON_TABLE = {"trigger": ("pg_trigger", "tgrelid", "tgname"), "policy": ("pg_policy", "polrelid", "polname")}
_ON_UPDATE = 16
"""The bit of ``pg_trigger.tgtype`` (TRIGGER_TYPE_UPDATE in PostgreSQL's catalog/pg_trigger.h)."""
_LONGEST_STEM = 58
"""Bytes: PostgreSQL cuts names at 63, and a number is to fit behind."""


_OWN_KEY = (
    "NOT EXISTS (SELECT 1 FROM pg_constraint whole"
    " WHERE whole.oid = pg_constraint.conparentid AND whole.conrelid = pg_constraint.conrelid)"
)
"""Not one of those that the server makes of a key to a partitioned table, for each partition."""


class PostgreSQLHider(Hider):
    """Hides and returns in PostgreSQL."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._spare_names: list[tuple[str, str, str, str]] = []
        """Kind, schema, name and rightful name of what returned while its name was taken."""

    def look_at_column(self, place: Place) -> PostgreSQLColumnDetails | None:
        row = self.run(
            "SELECT attnum, attnotnull, attidentity <> '' AS identity, attgenerated <> '' AS generated,"
            " EXISTS (SELECT 1 FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum"
            " AND pg_get_expr(d.adbin, d.adrelid) NOT LIKE 'NULL%')"
            " OR (SELECT typdefault IS NOT NULL FROM pg_type WHERE pg_type.oid = a.atttypid) AS has_default,"
            " format_type(a.atttypid, a.atttypmod) AS type"
            " FROM pg_attribute a WHERE attrelid = CAST(:table AS regclass) AND attname = :column AND NOT attisdropped",
            table=self.table_of(place),
            column=place.column,
        ).one()
        if row.generated:
            return None
        self._refuse_views(place)
        domain = self._domain_of(place, row.type)
        is_loose = domain is not None and not row.has_default
        constraints = self._constraints_on(place, row.attnum)
        indexes = self._indexes_on(place, row.attnum)
        return PostgreSQLColumnDetails(
            not_null=row.attnotnull or is_loose,
            domain=domain and Domain(*domain, row.attnotnull),
            is_loose=is_loose,
            has_default=row.has_default or row.identity,  # an identity goes on numbering new rows
            is_numbered=row.identity,
            stays_not_null=row.identity or is_loose or any(kind == "p" for _, kind, _ in constraints),
            constraints=tuple(Named(name, definition) for name, _, definition in constraints),
            indexes=indexes,
            extras=self._extras_of(place, [*(each[0] for each in constraints), *(name for name, _ in indexes)]),
            incoming=self._keys_to(self.table_of(place), row.attnum),
        )

    def hide_column(self, entry: Entry) -> None:
        table, details = self.table_of(entry.place), entry.details_as(PostgreSQLColumnDetails)
        self.drop_keys_to(entry)
        for name, _ in details.constraints:
            self.run_literally(f"ALTER TABLE {table} DROP CONSTRAINT {self.quote(name)}")
        for name, _ in details.indexes:
            self.run_literally(f"DROP INDEX {self.name_of(self._schema(entry.place), name)}")
        self.run_literally(f"ALTER TABLE {table} RENAME {self.column_of(entry.place)} TO {entry.name}")
        if details.domain and details.is_loose:
            self.run_literally(f"ALTER TABLE {table} ALTER {entry.name} TYPE {details.domain.base}")
        if details.not_null and not details.has_default:
            self.run_literally(f"ALTER TABLE {table} ALTER {entry.name} DROP NOT NULL")

    def insert_without_columns(self, entry: Entry) -> str:
        is_before_others = self.run(
            "SELECT 1 FROM pg_attribute h JOIN pg_attribute a ON a.attrelid = h.attrelid AND a.attnum > h.attnum"
            " WHERE h.attrelid = CAST(:table AS regclass) AND h.attname = :name"
            " AND NOT a.attisdropped AND a.attname NOT LIKE '|_attic|_%' ESCAPE '|' LIMIT 1",
            table=self.table_of(entry.place),
            name=entry.name,
        ).first()
        return "writes into it instead of the columns behind it" if is_before_others else ""

    def newborn_rows(self, entry: Entry) -> int:
        details = entry.details_as(PostgreSQLColumnDetails)
        if not details.not_null or details.has_default:
            return 0
        return self.null_rows(entry)

    def return_column(self, entry: Entry, *, nullable: bool, fill: str | None) -> list[Restore]:
        if fill is not None:
            self.fill_hidden(entry, fill, f"{entry.name} IS NULL", nullable=nullable)
        table, column = self.table_of(entry.place), self.column_of(entry.place)
        self.run_literally(f"ALTER TABLE {table} RENAME {entry.name} TO {column}")
        details = entry.details_as(PostgreSQLColumnDetails)
        if domain := details.domain:
            if details.is_loose:
                self.run_literally(f"ALTER TABLE {table} ALTER {column} TYPE {domain.name}")
            nullable = nullable or not domain.not_null
        self.run_literally(f"ALTER TABLE {table} ALTER {column} {'DROP' if nullable else 'SET'} NOT NULL")
        return [*_restores(entry, details, table), *self.keys_to(entry)]

    def show_column(self, entry: Entry) -> None:
        details = replace(entry.details_as(PostgreSQLColumnDetails), domain=None)  # which takes no NULL
        super().show_column(replace(entry, details=details))

    def is_temporary(self, place: Place) -> bool:
        query = "SELECT relpersistence = 't' FROM pg_class WHERE oid = to_regclass(:table)"
        return bool(self.run(query, table=self.table_of(place)).scalar())

    def look_at_table(self, place: Place) -> PostgreSQLTableDetails:
        table = self.table_of(place)
        self._refuse_views(place)
        self._refuse_children(place)
        keys = self.run(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            f" WHERE contype = 'f' AND conrelid = CAST(:table AS regclass) AND {_OWN_KEY} ORDER BY conname",
            table=table,
        ).all()
        return PostgreSQLTableDetails(
            constraints=tuple(Named(*key) for key in keys),
            extras=self._extras_of(place, [key[0] for key in keys]),
            partitions=tuple(self._partitions_of(place)),
            parents=self._parents_of(place),
            names=self._names_of(table),
            incoming=self._keys_to(table),
        )

    def hide_table(self, entry: Entry) -> None:
        table, details = self.table_of(entry.place), entry.details_as(PostgreSQLTableDetails)
        self.drop_keys_to(entry)
        for parent in details.parents:
            self.run_literally(f"{parent.detach_start}{table}{parent.detach_end}")
        for name, _ in details.constraints:
            self.run_literally(f"ALTER TABLE {table} DROP CONSTRAINT {self.quote(name)}")
        for number, (kind, name) in enumerate(details.names, 1):
            full = self.name_of(self._schema(entry.place), name)
            self.run_literally(f"ALTER {kind} {full} RENAME TO {entry.name}_{number}")
        self.run_literally(f"ALTER TABLE {table} RENAME TO {entry.name}")

    def return_table(self, entry: Entry) -> list[Restore]:
        schema, details = self._schema(entry.place), entry.details_as(PostgreSQLTableDetails)
        hidden = self.name_of(entry.place.schema, entry.name)
        self.run_literally(f"ALTER TABLE {hidden} RENAME TO {self.quote(entry.place.table)}")
        for number, (kind, name) in enumerate(details.names, 1):
            full = self.name_of(schema, f"{entry.name}_{number}")
            if self.is_relation(full):  # a sequence goes with its column, where that is purged
                spare = self._free_name(schema, name)
                self.run_literally(f"ALTER {kind} {full} RENAME TO {self.quote(spare)}")
                if spare != name:
                    self._spare_names.append((kind, schema, spare, name))
        table = self.table_of(entry.place)
        parents = [
            Restore("parent", entry.place, end, f"{start}{table}{end}", frozenset({parent}))
            for parent, _, _, start, end in details.parents
        ]
        return [*_restores(entry, details, table), *self.keys_to(entry), *parents]

    def give_names_again(self) -> None:
        for waiting in list(self._spare_names):
            kind, schema, spare, name = waiting
            if self._free_name(schema, name) == name:
                self._spare_names.remove(waiting)
                full = self.name_of(schema, spare)
                if self.is_relation(full):
                    self.run_literally(f"ALTER {kind} {full} RENAME TO {self.quote(name)}")

    def _free_name(self, schema: str, name: str) -> str:
        """Return the name, with the first free number behind it where it is taken, as PostgreSQL itself does it."""
        short = name.encode()[:_LONGEST_STEM].decode(errors="ignore")
        names = itertools.chain([name], (f"{short}{number}" for number in itertools.count(1)))
        return next(each for each in names if not self.is_relation(self.name_of(schema, each)))

    def has(self, restore: Restore) -> bool:
        if restore.kind == "index":
            return self.is_relation(self.name_of(self._schema(restore.place), restore.name))
        if restore.kind == "parent":
            return restore.name in [parent.attach_end for parent in self._parents_of(restore.place)]
        if restore.kind in _ON_TABLE:
            catalog, relation, name = _ON_TABLE[restore.kind]
            query = f"SELECT 1 FROM {catalog} WHERE {relation} = CAST(:table AS regclass) AND {name} = :name"
            return self.run(query, table=self.table_of(restore.place), name=restore.name).first() is not None
        found = self.run(
            "SELECT 1 FROM pg_constraint WHERE conrelid = CAST(:table AS regclass)"
            " AND (conname = :name OR (contype = 'p' AND :is_primary))",
            table=self.table_of(restore.place),
            name=restore.name,
            is_primary=" PRIMARY KEY (" in restore.sql,
        )
        return found.first() is not None

    def has_like(self, restore: Restore, own: Collection[str]) -> bool:
        if restore.kind != "constraint":
            return False
        wanted = without_casts(restore.sql.partition(f" ADD CONSTRAINT {self.quote(restore.name)} ")[2])
        rows = self.run(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = CAST(:table AS regclass)",
            table=self.table_of(restore.place),
        )
        return wanted in [without_casts(sql) for name, sql in rows if name not in own]

    def purge_column(self, entry: Entry) -> None:
        self.run_literally(f"ALTER TABLE {self.table_of(entry.place)} DROP COLUMN {entry.name}")

    def copy_rows(self, source: Place, target: Place, columns: list[str]) -> int:
        count = super().copy_rows(source, target, columns)
        table = self.table_of(target)
        for name in columns:  # the next number comes behind the copied ones
            numbers = self.run("SELECT pg_get_serial_sequence(:table, :column)", table=table, column=name).scalar()
            last = self.run_literally(f"SELECT max({self.quote(name)}) FROM {table}").scalar() if numbers else None
            if last is not None:  # not by setval(), which no rollback takes back
                self.run_literally(f"ALTER SEQUENCE {numbers} RESTART WITH {last + 1}")
        return count

    @contextmanager
    def unnoticed(self, place: Place) -> Iterator[None]:
        table = self.table_of(place)
        triggers = self.run(
            "SELECT quote_ident(tgname), CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END FROM pg_trigger"
            " WHERE tgrelid = CAST(:table AS regclass) AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
            " AND tgtype & :on_update <> 0 ORDER BY 1",
            table=table,
            on_update=_ON_UPDATE,
        ).all()
        for name, _ in triggers:
            self.run_literally(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        yield
        for name, enable in triggers:
            self.run_literally(f"ALTER TABLE {table} {enable} TRIGGER {name}")

    def bytes_of(self, column: str) -> str:
        return f"pg_column_size({column})"

    def forget_value(self, entry: Entry, condition: ColumnElement[bool]) -> int:
        return self.set_value(entry.place, {entry.name: literal_column("DEFAULT")}, condition)

    def _views_on(self, place: Place) -> list[str]:
        rows = self.run(
            "SELECT DISTINCT CAST(CAST(r.ev_class AS regclass) AS text) FROM pg_depend d"
            " JOIN pg_rewrite r ON r.oid = d.objid LEFT JOIN pg_attribute a"
            " ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0"
            " WHERE d.refobjid = CAST(:table AS regclass) AND r.ev_class <> d.refobjid"
            " AND (CAST(:column AS text) IS NULL OR a.attname = :column) ORDER BY 1",
            table=self.table_of(place),
            column=place.column,
        )
        return [str(row[0]) for row in rows]

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

    def _refuse_views(self, place: Place) -> None:
        if views := self._views_on(place):
            raise Refused(f"{place} cannot be hidden: {', '.join(views)} would show it.", DROP_THEM)

    def _domain_of(self, place: Place, kind: str) -> tuple[str, str] | None:
        """Return the type of a column and the one below it, where it is a domain that is NOT NULL."""
        row = self.run(
            "WITH RECURSIVE layers AS (SELECT atttypid AS oid FROM pg_attribute"
            " WHERE attrelid = CAST(:table AS regclass) AND attname = :column"
            " UNION ALL SELECT typbasetype FROM layers JOIN pg_type USING (oid) WHERE typtype = 'd')"
            " SELECT format_type(typbasetype, typtypmod) FROM pg_type JOIN layers USING (oid) WHERE typtype = 'd'"
            " AND EXISTS (SELECT 1 FROM layers JOIN pg_type USING (oid) WHERE typnotnull)"
            " AND typbasetype NOT IN (SELECT oid FROM pg_type WHERE typtype = 'd')",
            table=self.table_of(place),
            column=place.column,
        ).first()
        return (kind, str(row[0])) if row else None

    def type_when_hidden(self, entry: Entry) -> TypeEngine[Any] | None:
        details = entry.details_as(PostgreSQLColumnDetails)
        if details.domain is None or not details.is_loose:
            return None
        return DOMAIN(details.domain.name, Integer())  # what is below it is not compared

    def _refuse_children(self, place: Place) -> None:
        """Refuse a table that others inherit from, which PostgreSQL drops with CASCADE alone."""
        children = self.run(
            "SELECT CAST(inhrelid AS regclass) FROM pg_inherits JOIN pg_class c ON c.oid = inhparent"
            " WHERE inhparent = CAST(:table AS regclass) AND c.relkind <> 'p' ORDER BY 1",
            table=self.table_of(place),
        ).all()
        if children:
            child = children[0][0]
            raise Refused(
                f"{place} cannot be hidden: the rows of {child} are those of {place} too.",
                f"Part them first, in the same revision: ALTER TABLE {child} NO INHERIT {self.table_of(place)}",
            )

    def _parents_of(self, place: Place) -> tuple[Parent, ...]:
        """Return the tables that a table is a partition of, or inherits from."""
        rows = self.run(
            "SELECT CAST(inhparent AS regclass), pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits"
            " JOIN pg_class c ON c.oid = inhrelid WHERE c.oid = CAST(:table AS regclass) ORDER BY inhseqno",
            table=self.table_of(place),
        )
        return tuple(
            Parent(
                parent,
                f"ALTER TABLE {parent} DETACH PARTITION ",
                "",
                f"ALTER TABLE {parent} ATTACH PARTITION ",
                f" {bound}",
            )
            if bound
            else Parent(parent, "ALTER TABLE ", f" NO INHERIT {parent}", "ALTER TABLE ", f" INHERIT {parent}")
            for parent, bound in rows.all()
        )

    def _partitions_of(self, place: Place) -> list[str]:
        """Return the names of the partitions of a table, theirs as well.

        Raises:
            Refused: where one would go on acting from the attic.
        """
        rows = self.run(
            "SELECT c.relname, c.relnamespace = root.relnamespace AND NOT EXISTS (SELECT 1 FROM pg_constraint k"
            " WHERE k.contype = 'f' AND k.conparentid = 0 AND c.oid IN (k.conrelid, k.confrelid)) AS is_plain"
            " FROM pg_class root, pg_partition_tree(root.oid) tree JOIN pg_class c ON c.oid = tree.relid"
            " WHERE root.oid = CAST(:table AS regclass) AND c.oid <> root.oid ORDER BY tree.level, c.relname",
            table=self.table_of(place),
        ).all()
        for name, is_plain in rows:
            self._refuse_views(Place(place.schema, name))
            if not is_plain:
                raise Refused(
                    f"{place} cannot be hidden: its partition {name} is in another schema, or has a foreign key that"
                    f" {place} has not.",
                    f"Drop the partition {name} first, in the same revision.",
                )
        return [str(name) for name, _ in rows]

    def _keys_to(self, table: str, column: int | None = None) -> tuple[ForeignKey, ...]:
        """Return the foreign keys of other tables to a table, or of any table to a column."""
        rows = self.run(
            "SELECT NULLIF(n.nspname, current_schema()), c.relname, k.conname,"
            " concat('CONSTRAINT ', quote_ident(k.conname), ' ', pg_get_constraintdef(k.oid))"
            " FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE k.contype = 'f' AND k.confrelid = CAST(:table AS regclass) AND k.conparentid = 0"
            " AND CASE WHEN CAST(:column AS integer) IS NULL THEN k.conrelid <> k.confrelid"
            " ELSE CAST(:column AS integer) = ANY(k.confkey) END ORDER BY 1, 2, 3",
            table=table,
            column=column,
        )
        return tuple(ForeignKey(*row) for row in rows)

    def one_drop_each(self, statement: str) -> list[str]:
        match = _DROP_TYPES.match(statement)
        if match is None:
            return [statement]
        drop, names, how = match[1], re.findall(_NAME, match[2]), match[5] or ""
        each = [f"{drop}{name}{how}" for name in names]
        return each if any(self.type_to_hide(one) for one in each) else [statement]

    def type_to_hide(self, statement: str) -> tuple[Place, str] | None:
        match = _DROP_TYPE.match(statement)
        if match is None:
            return None
        kind, name = match[1].upper(), match[2]
        users = self._users_of(kind, name)
        if not users or not all(any(part.startswith(PREFIX) for part in user) for user in users):
            return None
        where = (
            "FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = to_regtype(:name)"
            if kind == "TYPE"
            else "FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace WHERE t.oid = to_regclass(:name)"
        )
        column = "typname" if kind == "TYPE" else "relname"
        schema, found = self.run(f"SELECT NULLIF(n.nspname, current_schema()), t.{column} {where}", name=name).one()
        return Place(schema, found, is_type=True), kind

    def _users_of(self, kind: str, name: str) -> list[Any]:
        """Return column and table of what is of a type, or takes its default from a sequence."""
        if kind == "TYPE":
            where = (
                "a.atttypid IN (to_regtype(:name), (SELECT typarray FROM pg_type t WHERE t.oid = to_regtype(:name)))"
            )
        else:
            where = (
                "EXISTS (SELECT 1 FROM pg_attrdef x JOIN pg_depend d ON d.objid = x.oid WHERE x.adrelid = a.attrelid"
                " AND x.adnum = a.attnum AND d.refobjid = to_regclass(:name))"
            )
        query = "SELECT a.attname, c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        return list(
            self.run(f"{query} WHERE {where} AND c.relkind IN ('r', 'p') AND NOT a.attisdropped", name=name).all()
        )

    def has_label(self, statement: str) -> bool:
        match = _ADD_VALUE.match(statement)
        if match is None:
            return False
        query = "SELECT 1 FROM pg_enum WHERE enumtypid = to_regtype(:type) AND enumlabel = :label"
        return self.run(query, type=match[1], label=match[2].replace("''", "'")).first() is not None

    def has_type(self, entry: Entry) -> bool:
        query = "SELECT COALESCE(CAST(to_regtype(:name) AS text), CAST(to_regclass(:name) AS text))"
        return self.run(query, name=self.name_of(entry.place.schema, entry.name)).scalar() is not None

    def hide_type(self, entry: Entry) -> str:
        return f"ALTER {_kind_of(entry)} {self.table_of(entry.place)} RENAME TO {entry.name}"

    def return_type(self, entry: Entry) -> str:
        hidden = self.name_of(entry.place.schema, entry.name)
        return f"ALTER {_kind_of(entry)} {hidden} RENAME TO {self.quote(entry.place.table)}"

    def creates_type(self, statement: str, entry: Entry) -> bool:
        is_sequence = _kind_of(entry) == "SEQUENCE"
        match = (_CREATE_SEQUENCE if is_sequence else _CREATE_ENUM).match(statement)
        if match is None or match[1].split(".")[-1].strip('"').lower() != entry.place.table.lower():
            return False
        if is_sequence:
            return True
        labels = [label.replace("''", "'") for label in re.findall(r"'((?:[^']|'')*)'", match[2])]
        there = self.run(
            "SELECT enumlabel FROM pg_enum WHERE enumtypid = to_regtype(:type) ORDER BY enumsortorder",
            type=self.name_of(entry.place.schema, entry.name),
        )
        left = iter([row[0] for row in there])  # a later revision may have added some, which no downgrade takes away
        return all(label in left for label in labels)

    def purge_table(self, entry: Entry) -> None:
        if entry.place.is_type:
            name = self.name_of(entry.place.schema, entry.name)
            if users := self._users_of(_kind_of(entry), name):
                listed = ", ".join(sorted(f"{table}.{column}" for column, table in users))
                raise Refused(f"{entry.place} cannot be purged: {listed} needs it.", "Purge that first.")
            self.run_literally(f"DROP {_kind_of(entry)} {name}")
        else:
            super().purge_table(entry)

    def losses(self, place: Place, wanted: NewType) -> int:
        table, column = self.table_of(place), self.column_of(place)
        row = self.run(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = to_regclass(:table) AND attname = :column AND NOT attisdropped",
            table=table,
            column=place.column,
        ).first()
        new = re.split(r"\sCOLLATE\s", wanted.definition, flags=re.IGNORECASE)[0]
        if row is None or not _is_plain(wanted.using, place.column or "") or _holds_all_of(row[0], new):
            return 0
        value = wanted.using or column
        back = f"CAST(CAST(CAST({value} AS {new}) AS {row[0]}) AS text)"
        query = f"SELECT count(*) FROM {table} WHERE {back} IS DISTINCT FROM CAST({column} AS text)"
        # Past the events of the recorder, and past an error: where a value cannot be cast, the change itself says so.
        has_transaction = not is_autocommit(self.connection)
        with closing(self.connection.connection.cursor()) as cursor:
            if has_transaction:
                cursor.execute("SAVEPOINT rewind_probe")
            try:
                cursor.execute(query.replace("%", "%%"), ())
                count = sum(int(count) for (count,) in cursor.fetchall())
            except self.connection.dialect.loaded_dbapi.Error:
                count = 0
            if has_transaction:
                cursor.execute("ROLLBACK TO SAVEPOINT rewind_probe")
                cursor.execute("RELEASE SAVEPOINT rewind_probe")
        return count

    def is_relation(self, name: str) -> bool:
        return self.run("SELECT to_regclass(:name)", name=name).scalar() is not None

    def _schema(self, place: Place) -> str:
        if place.schema:
            return place.schema
        found = self.run(
            "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.oid IN (to_regclass(:table))",
            table=self.quote(place.table),
        ).scalar()
        return str(found or self.run("SELECT current_schema()").scalar())

    def _constraints_on(self, place: Place, number: int) -> list[tuple[str, str, str]]:
        rows = self.run(
            "SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = CAST(:table AS regclass) AND :number = ANY(conkey)"
            f" AND contype IN ('p', 'u', 'f', 'c', 'x') AND {_OWN_KEY}"
            " UNION SELECT k.conname, k.contype, pg_get_constraintdef(k.oid) FROM pg_constraint k"  # by an expression
            " JOIN pg_depend d ON d.objid = k.conindid AND d.refobjid = k.conrelid"
            " WHERE k.conrelid = CAST(:table AS regclass) AND k.contype = 'x' AND d.refobjsubid = :number"
            " ORDER BY contype, conname",
            table=self.table_of(place),
            number=number,
        )
        return [(row[0], row[1] if isinstance(row[1], str) else row[1].decode(), row[2]) for row in rows]

    def _indexes_on(self, place: Place, number: int) -> tuple[Named, ...]:
        rows = self.run(
            "SELECT DISTINCT c.relname, pg_get_indexdef(c.oid) FROM pg_depend d JOIN pg_class c ON c.oid = d.objid"
            " WHERE d.classid = CAST('pg_class' AS regclass) AND c.relkind IN ('i', 'I')"
            " AND d.refobjid = CAST(:table AS regclass) AND d.refobjsubid = :number"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid) ORDER BY 1",
            table=self.table_of(place),
            number=number,
        )
        return tuple(Named(*row) for row in rows)

    def _extras_of(self, place: Place, names: list[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
        """Return the statements that set comments and options of indexes and constraints, by name.

        Each is cut where the name of the table belongs.
        """
        if not names:
            return {}
        rows = self.run(
            "SELECT c.relname, obj_description(c.oid, 'pg_class'), obj_description(k.oid, 'pg_constraint'),"
            " i.indisclustered, i.indisreplident, CASE WHEN k.oid IS NOT NULL THEN array_to_string(c.reloptions, ', ')"
            " END FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.conrelid = i.indrelid AND k.contype <> 'f'"
            " WHERE i.indrelid = CAST(:table AS regclass) UNION ALL"
            " SELECT conname, NULL, obj_description(oid, 'pg_constraint'), false, false, NULL FROM pg_constraint"
            " WHERE conrelid = CAST(:table AS regclass) AND contype IN ('c', 'f')",
            table=self.table_of(place),
        )
        extras: dict[str, tuple[tuple[str, ...], ...]] = {}
        for name, comment, of_constraint, is_clustered, is_identity, options in rows.all():
            quoted, index = self.quote(name), self.name_of(place.schema, name)
            parts = [
                (f"COMMENT ON INDEX {index} IS {_quoted(comment)}",) if comment else (),
                (f"COMMENT ON CONSTRAINT {quoted} ON ", f" IS {_quoted(of_constraint)}") if of_constraint else (),
                ("ALTER TABLE ", f" CLUSTER ON {quoted}") if is_clustered else (),
                ("ALTER TABLE ", f" REPLICA IDENTITY USING INDEX {quoted}") if is_identity else (),
                (f"ALTER INDEX {index} SET ({options})",) if options else (),
            ]
            if name in names and any(parts):
                extras[name] = tuple(part for part in parts if part)
        return extras

    def _names_of(self, table: str) -> tuple[Relation, ...]:
        """Return the kind and name of what a table and its partitions have in their schema's one space of names."""
        rows: list[Any] = self.run(
            "WITH family AS (SELECT CAST(:table AS regclass) AS oid"
            " UNION SELECT relid FROM pg_partition_tree(CAST(:table AS regclass)))"
            " SELECT 'INDEX', c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indrelid IN (SELECT oid FROM family)"
            " UNION ALL SELECT 'SEQUENCE', c.relname FROM pg_depend d JOIN pg_class c ON c.oid = d.objid"
            " WHERE c.relkind = 'S' AND d.deptype IN ('a', 'i') AND d.refobjid IN (SELECT oid FROM family)"
            " AND d.classid = CAST('pg_class' AS regclass)"
            " UNION ALL SELECT 'TABLE', c.relname FROM pg_class c WHERE c.oid IN (SELECT oid FROM family)"
            " AND c.oid <> CAST(:table AS regclass) ORDER BY 1, 2",
            table=table,
        ).all()
        return tuple(Relation(*row) for row in rows)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _kind_of(entry: Entry) -> str:
    return entry.details_as(PostgreSQLTypeDetails).kind


def _is_plain(using: str, column: str) -> bool:
    """Return whether the expression for the new values is the column itself, or a cast of it."""
    value = re.sub(r"\bcast\s*\(|\sas\s.*", "", using.lower()) if using.upper().startswith("CAST") else using.lower()
    return not using or without_casts(value).strip().strip('"') == column.lower()


def _holds_all_of(old: str, new: str) -> bool:
    """Return whether every value of one type is one of the other, so that no row has to be looked at."""
    (kind, length), (wanted, room) = (_kind_and_length(each) for each in (old, new))
    if kind in _NUMBERS and wanted in _NUMBERS:
        return _NUMBERS.index(wanted) >= _NUMBERS.index(kind)
    if {kind, wanted} <= _TEXTS:
        return room is None or (length is not None and room >= length)
    # jsonb drops spaces and the order of keys, and nothing that JSON means.
    return (kind, wanted) == ("json", "jsonb")


def _kind_and_length(kind: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"\s*(.*?)\s*(?:\(\s*(\d+)\s*\))?\s*", kind.lower())
    name, length = (match[1], match[2]) if match else (kind, None)
    return _ALSO_CALLED.get(name, name), None if length is None else int(length)


def _restores(entry: Entry, details: PostgreSQLColumnDetails | PostgreSQLTableDetails, table: str) -> list[Restore]:
    quoted = {name: '"' + name.replace('"', '""') + '"' for name, _ in details.constraints}
    more = {name: tuple(table.join(parts) for parts in extras) for name, extras in details.extras.items()}
    return [
        *(
            Restore("index", entry.place, name, on_table(sql, "postgresql", table), more=more.get(name, ()))
            for name, sql in details.indexes
        ),
        *(
            Restore(
                "constraint",
                entry.place,
                name,
                f"ALTER TABLE {table} ADD CONSTRAINT {quoted[name]} {definition}",
                more=more.get(name, ()),
            )
            for name, definition in details.constraints
        ),
    ]
