"""Change one CREATE TABLE statement of SQLite in its text: all other text stays. Pure."""

from collections.abc import Callable

from flask_rewind.engines.sqlite.clauses import Clause, clauses, end_of_type, spelling, without, without_clauses
from flask_rewind.engines.sqlite.parts import (
    Constraint,
    as_constraint,
    clause_of_part,
    columns_of_part,
    is_column,
    is_key_over,
    refers,
)
from flask_rewind.engines.sqlite.table_parts import TableParts, constraint_of
from flask_rewind.sql.tokenizer import tokens


class TableText(TableParts):
    """One CREATE TABLE statement, split into column definitions and table constraints, which can be changed."""

    def be_as(self, other: "TableText") -> None:
        """Take over the table options of another table, such as STRICT."""
        self.tail = other.tail

    def number_rows(self) -> None:
        """Remove WITHOUT ROWID, which requires a primary key."""
        found = tokens(self.tail)
        options = ["STRICT"] if "STRICT" in {token.word for token in found} else []
        self.tail = " ".join([")", *options]) if "WITHOUT" in self.options else self.tail

    def replace(self, column: str, definition: str) -> None:
        """Replace the definition of a column."""
        self.parts[self.place_of(column)] = definition

    def add_column(self, definition: str, behind: str | None = None) -> None:
        """Insert a column after the column `behind`, or after the last column if there is no such one."""
        place = sum(is_column(part) for part in self.parts)
        if behind in self.columns:
            place = self.place_of(behind) + 1
        self.parts.insert(place, f" {definition}")

    def drop_column(self, column: str) -> None:
        """Remove a column, and every constraint that names it."""
        del self.parts[self.place_of(column)]

        def names_it(text: str) -> bool:
            return column.lower() in {token.name.lower() for token in tokens(text)}

        self._take_checks(names_it)
        self.parts = [part for part in self.parts if is_column(part) or not names_it(part)]

    def add_constraint(self, sql: str) -> None:
        """Append a table constraint."""
        self.parts.append(f" {sql}")

    def set_type(self, column: str, kind: str) -> None:
        """Replace the type of a column."""
        definition = self.definition(column)
        found = tokens(definition)
        first, end = found[0].end, end_of_type(found)
        rest = definition[found[end].start :] if end < len(found) else definition[found[-1].end :].lstrip(" ")
        self.replace(column, f"{definition[:first]} {kind}{' ' if end < len(found) else ''}{rest}")

    def set_clause(self, column: str, kind: str, clause: str | None) -> None:
        """Replace a column's clause of a kind, or remove it."""
        definition = without_clauses(self.definition(column), {kind})
        if clause:
            end = tokens(definition)[-1].end
            definition = f"{definition[:end]} {clause}{definition[end:]}"
        self.replace(column, definition)

    def drop_constraint(self, kind: str, name: str | None, columns: list[str] | None = None) -> bool:
        """Remove the constraint of that name, or the unnamed one of these columns; return False if there is none.

        Args:
            kind: ``UNIQUE``, ``PRIMARY KEY``, ``CHECK`` or ``FOREIGN KEY``.
            name: its name after CONSTRAINT; None for an unnamed one.
            columns: its columns, if it has no name.
        """
        wanted = {each.lower() for each in columns or ()}

        def is_it(clause: Clause, on: set[str]) -> bool:
            if name is not None:
                return (clause.name or "").lower() == name.lower()
            return clause.name is None and on == wanted

        return self._take(kind, is_it)

    def name_constraints(self, name_of: Callable[[Constraint], str | None]) -> bool:
        """Give unnamed constraints the quoted names that a function returns, and return whether there were any."""
        before = str(self)
        for place, part in enumerate(self.parts):
            inline = is_column(part)
            for clause in reversed(clauses(part) if inline else [clause_of_part(part)]):
                each = as_constraint(part, clause, inline=inline)
                if each and each.name is None and (name := name_of(each)):
                    part = f"{part[: clause.start]}CONSTRAINT {name} {part[clause.start :]}"
            self.parts[place] = part
        return str(self) != before

    def drop_like(self, sql: str) -> str:
        """Remove the constraint `sql`, whether a column or the table has it, and return its kind."""
        wanted = constraint_of(sql)
        if wanted.kind == "CHECK" and wanted.name is None:
            self.drop_check(wanted.body[wanted.body.index("(") + 1 : wanted.body.rindex(")")])
        else:
            self.drop_constraint(wanted.kind, wanted.name, wanted.columns)
        return wanted.kind

    def drop_primary_key(self) -> None:
        """Remove the primary key, whatever its name."""
        self._take("PRIMARY KEY", lambda clause, on: True)

    def drop_check(self, condition: str) -> bool:
        """Remove every CHECK of `condition`, in any spelling; return False if there is none."""
        wanted = spelling(condition)

        def is_it(text: str) -> bool:
            inside = text[text.index("(") + 1 : text.rindex(")")]
            return spelling(inside) == wanted

        return self._take_checks(is_it)

    def drop_lists_of_values(self, column: str) -> None:
        """Remove the unnamed CHECKs that only allow listed values in a column, like those of an Enum type."""

        def is_it(text: str) -> bool:
            found = tokens(text[text.index("(") + 1 : text.rindex(")")])
            return (
                len(found) > 3
                and found[0].name.lower() == column.lower()
                and [found[1].word, found[2].text, found[-1].text] == ["IN", "(", ")"]
                and all(
                    token.depth > 0 and (token.text == "," or token.text[0] in "'0123456789") for token in found[3:-1]
                )
            )

        self._take_checks(is_it, nameless=True)

    def take_keys(self, column: str | None = None) -> list[str]:
        """Remove the FOREIGN KEY parts of one column, or all, and return them."""
        taken = [part for part in self.parts if is_key_over(part, column)]
        self.parts = [part for part in self.parts if part not in taken]
        return taken

    def take_checks_of(self, column: str) -> list[str]:
        """Remove every CHECK that names a column, and return those outside its definition as table constraints."""
        kept, taken = [], []
        for part in self.parts:
            found = clauses(part) if is_column(part) else [clause_of_part(part)]
            checks = [
                each
                for each in found
                if each.kind == "CHECK" and column.lower() in spelling(part[each.start : each.end])
            ]
            is_own = is_column(part) and tokens(part)[0].name.lower() == column.lower()
            taken += [f" {part[each.start : each.end]}" for each in checks if not is_own]
            if is_column(part) or not checks:
                kept.append(without(part, checks) if is_column(part) else part)
        self.parts = kept
        return taken

    def take_keys_to(self, table: str, columns: set[str | None]) -> list[list[str]]:
        """Remove the foreign keys to columns of a table.

        Returns for each the column whose definition had it (empty for a table constraint), and its text.

        Args:
            table: the table that they refer to.
            columns: the columns, in lower case; None in the set stands for keys that name no columns.
        """
        taken, kept = [], []
        for part in self.parts:
            is_inline = is_column(part)
            found = clauses(part) if is_inline else [clause_of_part(part)]
            keys = [each for each in found if refers(part[each.start : each.end], table, columns)]
            taken += [[tokens(part)[0].name if is_inline else "", part[each.start : each.end]] for each in keys]
            if is_inline or not keys:
                kept.append(without(part, keys))
        self.parts = kept
        return taken

    def put_keys(self, keys: list[list[str]]) -> None:
        """Add the foreign keys that `take_keys_to` returned, if they are missing and their columns exist."""
        names = {name.lower() for name in self.columns}
        for column, text in keys:
            if column.lower() in names:
                definition = self.definition(column)
                end = tokens(definition)[-1].end
                if text not in [definition[each.start : each.end] for each in clauses(definition)]:
                    self.replace(column, f"{definition[:end]} {text}{definition[end:]}")
            elif (
                not column
                and {name.lower() for name in columns_of_part(text)} <= names
                and not self.has_constraint(text)
            ):
                self.add_constraint(text)

    def take_uniques(self, column: str, *, also_alone: bool) -> list[str]:
        """Remove the UNIQUE parts over a column and others, with `also_alone` also those over only it; return them."""

        def is_it(part: str) -> bool:
            names = [] if is_column(part) or clause_of_part(part).kind != "UNIQUE" else columns_of_part(part)
            return column.lower() in {name.lower() for name in names} and (also_alone or len(names) > 1)

        taken = [part for part in self.parts if is_it(part)]
        self.parts = [part for part in self.parts if part not in taken]
        return taken

    def without_column_keys(self) -> None:
        """Remove the REFERENCES clauses from all columns."""
        self.parts = [without_clauses(part, {"REFERENCES"}) if is_column(part) else part for part in self.parts]

    def _take(self, kind: str, is_it: Callable[[Clause, set[str]], bool]) -> bool:
        before = list(self.parts)
        inline = "REFERENCES" if kind == "FOREIGN KEY" else kind
        kept = []
        for part in self.parts:
            if is_column(part):
                on = {tokens(part)[0].name.lower()}
                kept.append(without(part, [c for c in clauses(part) if c.kind == inline and is_it(c, on)]))
            elif (clause := clause_of_part(part)).kind != kind or not is_it(
                clause, {name.lower() for name in columns_of_part(part)}
            ):
                kept.append(part)
        self.parts = kept
        return kept != before

    def _take_checks(self, is_it: Callable[[str], bool], *, nameless: bool = False) -> bool:
        before = list(self.parts)
        kept = []
        for part in self.parts:
            found = clauses(part) if is_column(part) else [clause_of_part(part)]
            checks = [
                clause
                for clause in found
                if clause.kind == "CHECK" and not (nameless and clause.name) and is_it(part[clause.start : clause.end])
            ]
            if is_column(part):
                kept.append(without(part, checks))
            elif not checks:
                kept.append(part)
        self.parts = kept
        return kept != before
