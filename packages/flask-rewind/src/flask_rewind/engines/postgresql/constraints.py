"""Constraints, indexes, triggers and policies of PostgreSQL: dropped, and recreated from the server's own text."""

from collections.abc import Collection

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import ForeignKey, PostgreSQLColumnDetails, PostgreSQLTableDetails
from flask_rewind.engines.constraints import Constraints, Restore, on_table
from flask_rewind.engines.postgresql.describing import without_casts
from flask_rewind.engines.postgresql.relations import parents_of

_ON_TABLE = {"trigger": ("pg_trigger", "tgrelid", "tgname"), "policy": ("pg_policy", "polrelid", "polname")}


class PostgreSQLConstraints(Constraints):
    """Drops and creates constraints, indexes and triggers in a PostgreSQL database."""

    def has(self, restore: Restore) -> bool:
        if restore.kind == "index":
            return self.is_relation(self.name_of(self.schema_of(restore.place), restore.name))
        if restore.kind == "parent":
            return restore.name in [parent.attach_end for parent in parents_of(self, restore.place)]
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

    def is_relation(self, name: str) -> bool:
        return self.run("SELECT to_regclass(:name)", name=name).scalar() is not None

    def referring_keys(self, table: str, column: int | None = None) -> tuple[ForeignKey, ...]:
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

    def extras_of(self, place: Place, names: list[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
        """Return the statements that set comments and options of indexes and constraints, by name.

        Each is cut where the name of the table must be inserted.
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

    def schema_of(self, place: Place) -> str:
        if place.schema:
            return place.schema
        found = self.run(
            "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.oid IN (to_regclass(:table))",
            table=self.quote(place.table),
        ).scalar()
        return str(found or self.run("SELECT current_schema()").scalar())


def restores_of(entry: Entry, details: PostgreSQLColumnDetails | PostgreSQLTableDetails, table: str) -> list[Restore]:
    """Return the indexes and constraints that were dropped with a hidden column or table."""
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


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
