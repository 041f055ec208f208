"""Views, partitions, parents, indexes and sequences of PostgreSQL tables."""

from typing import Any

from flask_rewind.attic_entries import Place
from flask_rewind.details import Parent, Relation
from flask_rewind.engines.access import DatabaseAccess
from flask_rewind.engines.constraints import DROP_THEM
from flask_rewind.errors import Refused

OWN_KEY = (
    "NOT EXISTS (SELECT 1 FROM pg_constraint whole"
    " WHERE whole.oid = pg_constraint.conparentid AND whole.conrelid = pg_constraint.conrelid)"
)
"""Excludes the constraints that the server derives from a foreign key to a partitioned table for each partition."""


def refuse_views(access: DatabaseAccess, place: Place) -> None:
    """Refuse to hide a table or a column that a view uses."""
    if views := _views_on(access, place):
        raise Refused(f"{place} cannot be hidden while a view shows it: {', '.join(views)}.", DROP_THEM)


def _views_on(access: DatabaseAccess, place: Place) -> list[str]:
    rows = access.run(
        "SELECT DISTINCT CAST(CAST(r.ev_class AS regclass) AS text) FROM pg_depend d"
        " JOIN pg_rewrite r ON r.oid = d.objid LEFT JOIN pg_attribute a"
        " ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0"
        " WHERE d.refobjid = CAST(:table AS regclass) AND r.ev_class <> d.refobjid"
        " AND (CAST(:column AS text) IS NULL OR a.attname = :column) ORDER BY 1",
        table=access.table_of(place),
        column=place.column,
    )
    return [str(row[0]) for row in rows]


def refuse_children(access: DatabaseAccess, place: Place) -> None:
    """Refuse to hide a table that others inherit from, which PostgreSQL only drops with CASCADE."""
    children = access.run(
        "SELECT CAST(inhrelid AS regclass) FROM pg_inherits JOIN pg_class c ON c.oid = inhparent"
        " WHERE inhparent = CAST(:table AS regclass) AND c.relkind <> 'p' ORDER BY 1",
        table=access.table_of(place),
    ).all()
    if children:
        child = children[0][0]
        raise Refused(
            f"{place} cannot be hidden: {child} inherits from it, so the rows of {child} belong to {place}, too.",
            f"Separate them first, in the same revision: ALTER TABLE {child} NO INHERIT {access.table_of(place)}",
        )


def parents_of(access: DatabaseAccess, place: Place) -> tuple[Parent, ...]:
    """Return the tables that a table is a partition of, or inherits from."""
    rows = access.run(
        "SELECT CAST(inhparent AS regclass), pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits"
        " JOIN pg_class c ON c.oid = inhrelid WHERE c.oid = CAST(:table AS regclass) ORDER BY inhseqno",
        table=access.table_of(place),
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


def partitions_of(access: DatabaseAccess, place: Place) -> list[str]:
    """Return the names of the partitions of a table, including partitions of partitions.

    Raises:
        Refused: if a view uses one, it has its own foreign key, or it is in another schema.
    """
    rows = access.run(
        "SELECT c.relname, c.relnamespace = root.relnamespace AND NOT EXISTS (SELECT 1 FROM pg_constraint k"
        " WHERE k.contype = 'f' AND k.conparentid = 0 AND c.oid IN (k.conrelid, k.confrelid)) AS is_plain"
        " FROM pg_class root, pg_partition_tree(root.oid) tree JOIN pg_class c ON c.oid = tree.relid"
        " WHERE root.oid = CAST(:table AS regclass) AND c.oid <> root.oid ORDER BY tree.level, c.relname",
        table=access.table_of(place),
    ).all()
    for name, is_plain in rows:
        refuse_views(access, Place(place.schema, name))
        if not is_plain:
            raise Refused(
                f"{place} cannot be hidden: its partition {name} is in another schema, or a foreign key belongs to"
                " or refers to this partition only.",
                f"Drop the partition {name} first, in the same revision.",
            )
    return [str(name) for name, _ in rows]


def names_of(access: DatabaseAccess, table: str) -> tuple[Relation, ...]:
    """Return kind and name of the partitions of a table, and of the indexes and sequences of all these tables.

    Tables, indexes and sequences of a schema share one namespace.
    """
    rows: list[Any] = access.run(
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
