"""What is hidden in the current schema of a PostgreSQL database, in the server's own text."""

from collections.abc import Iterator, Sequence

from flask_rewind.describing import Description, Part
from flask_rewind.engines.hidden_schema import HiddenSchema
from flask_rewind.engines.postgresql.describing import parts_of_postgresql
from flask_rewind.engines.postgresql.schema_restorer import PostgreSQLRestorer
from flask_rewind.errors import Refused
from flask_rewind.own_names import is_hidden

_SEQUENCES = """
    SELECT s.relname, COALESCE(c.relname, ''), COALESCE(a.attname, ''),
        concat('AS ', format_type(q.seqtypid, NULL), ' INCREMENT ', q.seqincrement, ' MINVALUE ', q.seqmin,
            ' MAXVALUE ', q.seqmax, ' START ', q.seqstart, ' CACHE ', q.seqcache,
            CASE WHEN q.seqcycle THEN ' CYCLE' END)
    FROM pg_class s JOIN pg_sequence q ON q.seqrelid = s.oid
    LEFT JOIN pg_depend d ON d.classid = CAST('pg_class' AS regclass) AND d.objid = s.oid AND d.deptype IN ('a', 'i')
        AND d.refclassid = CAST('pg_class' AS regclass)
    LEFT JOIN pg_class c ON c.oid = d.refobjid
    LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE s.relnamespace = (SELECT to_regnamespace(current_schema()))
        AND (s.relname LIKE '\\_attic\\_%' OR c.relname LIKE '\\_attic\\_%' OR a.attname LIKE '\\_attic\\_%'
            OR c.relname IN ('rewind_moves', 'rewind_crossings', 'rewind_steps'))
    ORDER BY 1"""


class PostgreSQLHiddenSchema(HiddenSchema):
    """Hidden tables, columns, types and sequences, and the next numbers of sequences, also those of the journal."""

    def read(self) -> Iterator[Part]:
        for part in parts_of_postgresql(self.hider.connection, {}, ()):
            if is_hidden(part.table) or (is_hidden(part.name) and part.kind in {"type", "sequence", "column"}):
                yield part
        for name, table, column, options in self.run(_SEQUENCES).all():
            last, is_used = self.run_literally(f"SELECT last_value, is_called FROM {self.quote(name)}").one()
            yield Part("numbers", table, column, f"{last} {is_used}", name, options)

    def refuse(self, parts: Sequence[Part]) -> None:
        for part in parts:
            if part.kind == "table" and not part.definition.startswith("r "):
                raise Refused(f"the hidden table {part.table} has partitions, which its definition does not contain.")

    def create(self, parts: Sequence[Part]) -> None:
        restorer = PostgreSQLRestorer(self.hider)
        of_tables: Description = {each.key: each for each in parts if is_hidden(each.table) and each.kind != "numbers"}
        for part in (each for each in parts if each.kind in {"type", "sequence"}):
            restorer.make(part)
        for part in (each for each in parts if each.kind == "table"):
            restorer.make_table(part, of_tables)
            if part.definition.startswith("r u"):
                self.run_literally(f"ALTER TABLE {self.quote(part.table)} SET UNLOGGED")
        for part in (each for each in parts if each.kind == "column" and not is_hidden(each.table)):
            restorer.make(part)
        for part in (each for each in parts if each.kind == "numbers"):
            self._set_numbers(part)

    def _set_numbers(self, part: Part) -> None:
        """Give a sequence its name, its options and its next number."""
        name, (last, is_used) = self.quote(part.called), part.definition.split()
        if part.table.startswith("rewind_"):
            # The caller copies the rows of the journal. Other ones may be there, if it does not.
            raised = f"SELECT setval('{name}', {int(last)}) WHERE (SELECT last_value FROM {name}) < {int(last)}"
            self.run_literally(raised)
            return
        if part.table:
            query = "SELECT CAST(CAST(pg_get_serial_sequence(:table, :column) AS regclass) AS text)"
            there = self.run(query, table=self.quote(part.table), column=part.name).scalar()
            if there and there != part.called:  # that of an identity
                self.run_literally(f"ALTER SEQUENCE {there} RENAME TO {name}")
        self.run_literally(f"ALTER SEQUENCE {name} {part.sql}")
        self.run_literally(f"SELECT setval('{name}', {int(last)}, {is_used == 'True'})")
