"""Columns of PostgreSQL: renamed; their constraints and indexes are dropped, and recreated from the server's text."""

from dataclasses import replace

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import Domain, Named, PostgreSQLColumnDetails
from flask_rewind.engines.access import DatabaseAccess
from flask_rewind.engines.columns import Columns
from flask_rewind.engines.constraints import Restore
from flask_rewind.engines.postgresql.constraints import PostgreSQLConstraints, restores_of
from flask_rewind.engines.postgresql.relations import OWN_KEY, refuse_views
from flask_rewind.engines.values import Values
from flask_rewind.transactions import is_autocommit


class PostgreSQLColumns(Columns):
    """Hides columns of a PostgreSQL database and brings them back."""

    _constraints: PostgreSQLConstraints

    def __init__(self, access: DatabaseAccess, values: Values, constraints: PostgreSQLConstraints) -> None:
        super().__init__(access, values, constraints)

    def look_at(self, place: Place) -> PostgreSQLColumnDetails | None:
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
        refuse_views(self, place)
        domain = self._domain_of(place, row.type)
        is_loose = domain is not None and not row.has_default
        constraints = self._constraints_on(place, row.attnum)
        indexes = self._indexes_on(place, row.attnum)
        return PostgreSQLColumnDetails(
            not_null=row.attnotnull or is_loose,
            domain=domain and Domain(*domain, row.attnotnull),
            is_loose=is_loose,
            has_default=row.has_default or row.identity,  # an identity continues to number new rows
            is_numbered=row.identity,
            stays_not_null=row.identity or is_loose or any(kind == "p" for _, kind, _ in constraints),
            constraints=tuple(Named(name, definition) for name, _, definition in constraints),
            indexes=indexes,
            extras=self._constraints.extras_of(
                place, [*(each[0] for each in constraints), *(name for name, _ in indexes)]
            ),
            incoming=self._constraints.referring_keys(self.table_of(place), row.attnum),
        )

    def hide(self, entry: Entry) -> None:
        table, details = self.table_of(entry.place), entry.details_as(PostgreSQLColumnDetails)
        self._constraints.drop_keys_to(entry)
        for name, _ in details.constraints:
            self.run_literally(f"ALTER TABLE {table} DROP CONSTRAINT {self.quote(name)}")
        for name, _ in details.indexes:
            self.run_literally(f"DROP INDEX {self.name_of(self._constraints.schema_of(entry.place), name)}")
        self.run_literally(f"ALTER TABLE {table} RENAME {self.column_of(entry.place)} TO {entry.name}")
        if details.domain and details.is_loose:
            self.run_literally(f"ALTER TABLE {table} ALTER {entry.name} TYPE {details.domain.base}")
        if details.not_null and not details.has_default:
            self.run_literally(f"ALTER TABLE {table} ALTER {entry.name} DROP NOT NULL")

    def prepare_return(self, entry: Entry, *, nullable: bool) -> bool:
        has_default = entry.details_as(PostgreSQLColumnDetails).has_default
        if nullable or has_default or is_autocommit(self.connection):  # without a transaction, no lock lasts
            return False
        # The lock that RENAME needs: to take a weaker one first could end in a deadlock with a reader that writes.
        self.run_literally(f"LOCK TABLE {self.table_of(entry.place)} IN ACCESS EXCLUSIVE MODE")
        return True

    def insert_without(self, entry: Entry) -> str:
        is_before_others = self.run(
            "SELECT 1 FROM pg_attribute h JOIN pg_attribute a ON a.attrelid = h.attrelid AND a.attnum > h.attnum"
            " WHERE h.attrelid = CAST(:table AS regclass) AND h.attname = :name"
            " AND NOT a.attisdropped AND a.attname NOT LIKE '|_attic|_%' ESCAPE '|' LIMIT 1",
            table=self.table_of(entry.place),
            name=entry.name,
        ).first()
        return "writes into it, and into the wrong columns after it" if is_before_others else ""

    def newborn_rows(self, entry: Entry) -> int:
        details = entry.details_as(PostgreSQLColumnDetails)
        if not details.not_null or details.has_default:
            return 0
        return self._values.null_rows(entry)

    def bring_back(self, entry: Entry, *, nullable: bool, fill: str | None) -> list[Restore]:
        if fill is not None:
            self._values.fill_hidden(entry, fill, f"{entry.name} IS NULL", nullable=nullable)
        table, column = self.table_of(entry.place), self.column_of(entry.place)
        self.run_literally(f"ALTER TABLE {table} RENAME {entry.name} TO {column}")
        details = entry.details_as(PostgreSQLColumnDetails)
        if domain := details.domain:
            if details.is_loose:
                self.run_literally(f"ALTER TABLE {table} ALTER {column} TYPE {domain.name}")
            nullable = nullable or not domain.not_null
        self.run_literally(f"ALTER TABLE {table} ALTER {column} {'DROP' if nullable else 'SET'} NOT NULL")
        return [*restores_of(entry, details, table), *self._constraints.keys_to(entry)]

    def show(self, entry: Entry) -> None:
        details = replace(entry.details_as(PostgreSQLColumnDetails), domain=None)  # the domain does not allow NULL
        super().show(replace(entry, details=details))

    def purge(self, entry: Entry) -> None:
        self.run_literally(f"ALTER TABLE {self.table_of(entry.place)} DROP COLUMN {entry.name}")

    def _domain_of(self, place: Place, kind: str) -> tuple[str, str] | None:
        """Return the type of a column and its base type, if it is a NOT NULL domain; else None."""
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

    def _constraints_on(self, place: Place, number: int) -> list[tuple[str, str, str]]:
        rows = self.run(
            "SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = CAST(:table AS regclass) AND :number = ANY(conkey)"
            f" AND contype IN ('p', 'u', 'f', 'c', 'x') AND {OWN_KEY}"
            " UNION SELECT k.conname, k.contype, pg_get_constraintdef(k.oid) FROM pg_constraint k"  # in an expression
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
