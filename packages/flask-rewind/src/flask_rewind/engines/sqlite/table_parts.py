"""Split one CREATE TABLE statement of SQLite into its parts, and read these. Pure."""

from flask_rewind.engines.sqlite.clauses import clauses, declared_type
from flask_rewind.engines.sqlite.parts import (
    Constraint,
    as_constraint,
    clause_of_part,
    column_of_part,
    columns_of_part,
    is_column,
    split_parts,
)
from flask_rewind.sql.tokenizer import tokens


class TableParts:
    """The parts of one CREATE TABLE statement."""

    def __init__(self, sql: str) -> None:
        all_tokens = tokens(sql)
        opening = next(token for token in all_tokens if token.text == "(")
        closing = next(token for token in all_tokens if token.text == ")" and token.depth == 0)
        self.head, self.tail = sql[: opening.end], sql[closing.start :]
        self.parts = list(split_parts(sql[opening.end : closing.start]))

    def __str__(self) -> str:
        return self.under(self.head)

    def under(self, head: str) -> str:
        """Return the statement with another beginning, the opening parenthesis included."""
        return head + ",".join(self.parts) + self.tail

    @property
    def options(self) -> set[str]:
        """The words after the parts: ``WITHOUT``, ``ROWID``, ``STRICT``."""
        return {token.word for token in tokens(self.tail)}

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return [*self.definitions]

    @property
    def definitions(self) -> dict[str, str]:
        """The definitions of the columns, including their names, by name."""
        return {name: part for part in self.parts if (name := column_of_part(part)) is not None}

    @property
    def primary_key(self) -> list[str]:
        """The columns of the primary key."""
        for part in self.parts:
            if not is_column(part) and clause_of_part(part).kind == "PRIMARY KEY":
                return columns_of_part(part)
            if is_column(part) and any(clause.kind == "PRIMARY KEY" for clause in clauses(part)):
                return [tokens(part)[0].name]
        return []

    @property
    def has_number_key(self) -> bool:
        """Whether a column is an alias of the row id (sqlite.org/lang_createtable.html, section 5)."""
        key = self.primary_key
        return (
            "WITHOUT" not in self.options
            and len(key) == 1
            and declared_type(self.definition(key[0])).upper() == "INTEGER"
        )

    def definition(self, column: str) -> str:
        """Return the definition of a column, including its name."""
        return self.parts[self.place_of(column)]

    def constraints(self) -> list[Constraint]:
        """Return the keys, unique constraints and CHECKs, both of columns and of the table."""
        found = []
        for part in self.parts:
            inline = is_column(part)
            made = (
                as_constraint(part, clause, inline=inline)
                for clause in (clauses(part) if inline else [clause_of_part(part)])
            )
            found += [each for each in made if each]
        return found

    def table_keys(self) -> list[Constraint]:
        """Return the primary key if it is a table constraint."""
        parts = [part for part in self.parts if not is_column(part) and clause_of_part(part).kind == "PRIMARY KEY"]
        return [constraint_of(part) for part in parts]

    def has_constraint(self, sql: str, behind: str = "") -> bool:
        """Return whether the table has the constraint `sql`, under the same name if `sql` has one.

        Args:
            sql: a clause of the definition of the column `behind`, or without that a table constraint.
            behind: the column.
        """
        wanted = TableParts(f'CREATE TABLE t ("{behind}" {sql})').constraints()[0] if behind else constraint_of(sql)
        called = wanted.name and wanted.name.lower()
        return any(each.same_as(wanted) for each in self.constraints() if called in {None, (each.name or "").lower()})

    def place_of(self, column: str) -> int:
        """Return the index of a column among the parts."""
        for place, part in enumerate(self.parts):
            if (column_of_part(part) or "").lower() == column.lower():
                return place
        raise KeyError(column)


def constraint_of(sql: str) -> Constraint:
    """Return a part of a table as a constraint."""
    return TableParts(f"CREATE TABLE t (c, {sql})").constraints()[0]
