"""Enum types and sequences of PostgreSQL, which stay when the columns that use them are dropped."""

from typing import Any

from flask_rewind.attic_entries import PREFIX, Entry, Place
from flask_rewind.details import PostgreSQLTypeDetails
from flask_rewind.engines.types import Types
from flask_rewind.errors import Refused
from flask_rewind.sql.changes import Name
from flask_rewind.sql.types import AddLabel, CreateType, DropTypes, TypeChange, type_change


class PostgreSQLTypes(Types):
    """Hides types and sequences of a PostgreSQL database and brings them back."""

    def change_by(self, statement: str) -> TypeChange | None:
        return type_change(statement)

    def one_drop_each(self, statement: str) -> list[str]:
        change = type_change(statement)
        if not isinstance(change, DropTypes) or len(change.names) == 1:
            return [statement]
        return change.one_each() if any(self.to_hide(change.kind, name) for name in change.names) else [statement]

    def to_hide(self, kind: str, name: Name) -> Place | None:
        users = self._users_of(kind, name.sql)
        if not users or not all(any(part.startswith(PREFIX) for part in user) for user in users):
            return None
        where = (
            "FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = to_regtype(:name)"
            if kind == "TYPE"
            else "FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace WHERE t.oid = to_regclass(:name)"
        )
        column = "typname" if kind == "TYPE" else "relname"
        schema, found = self.run(f"SELECT NULLIF(n.nspname, current_schema()), t.{column} {where}", name=name.sql).one()
        return Place(schema, found, is_type=True)

    def has_label(self, added: AddLabel) -> bool:
        query = "SELECT 1 FROM pg_enum WHERE enumtypid = to_regtype(:type) AND enumlabel = :label"
        return self.run(query, type=added.type.sql, label=added.label).first() is not None

    def is_there(self, entry: Entry) -> bool:
        query = "SELECT COALESCE(CAST(to_regtype(:name) AS text), CAST(to_regclass(:name) AS text))"
        return self.run(query, name=self.name_of(entry.place.schema, entry.name)).scalar() is not None

    def hide(self, entry: Entry) -> str:
        return f"ALTER {_kind_of(entry)} {self.table_of(entry.place)} RENAME TO {entry.name}"

    def bring_back(self, entry: Entry) -> str:
        hidden = self.name_of(entry.place.schema, entry.name)
        return f"ALTER {_kind_of(entry)} {hidden} RENAME TO {self.quote(entry.place.table)}"

    def is_created_by(self, created: CreateType, entry: Entry) -> bool:
        if (created.kind, created.name.table) != (_kind_of(entry), entry.place.table):
            return False
        if created.kind == "SEQUENCE":
            return True
        there = self.run(
            "SELECT enumlabel FROM pg_enum WHERE enumtypid = to_regtype(:type) ORDER BY enumsortorder",
            type=self.name_of(entry.place.schema, entry.name),
        )
        left = iter([row[0] for row in there])  # a later revision may have added labels, which no statement drops
        return all(label in left for label in created.labels)

    def purge(self, entry: Entry) -> None:
        name = self.name_of(entry.place.schema, entry.name)
        if users := self._users_of(_kind_of(entry), name):
            listed = ", ".join(sorted(f"{table}.{column}" for column, table in users))
            raise Refused(f"{entry.place} cannot be purged: {listed} uses it.", "Purge that first: flask db attic")
        self.run_literally(f"DROP {_kind_of(entry)} {name}")

    def _users_of(self, kind: str, name: str) -> list[Any]:
        """Return column and table of each column that has a type, or whose default uses a sequence."""
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


def _kind_of(entry: Entry) -> str:
    return entry.details_as(PostgreSQLTypeDetails).kind
