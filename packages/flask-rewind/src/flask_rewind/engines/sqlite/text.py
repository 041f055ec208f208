"""The text of a CREATE TABLE statement as SQLite keeps it: its parts, their clauses, and changes to them. Pure.

The grammar is that of sqlite.org/lang_createtable.html.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from flask_rewind.sql.tokens import Token, tokens

_CONSTRAINTS = {"UNIQUE", "PRIMARY KEY", "CHECK", "FOREIGN KEY"}
_TABLE_PARTS = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}


@dataclass(frozen=True, slots=True)
class Clause:
    """One constraint of a column definition or of a table; ``start`` and ``end`` are places in its text."""

    kind: str
    """``NOT NULL``, ``NULL``, ``UNIQUE``, ``PRIMARY KEY``, ``CHECK``, ``DEFAULT``, ``COLLATE``, ``REFERENCES``,
    ``GENERATED``, and of a table ``FOREIGN KEY``."""
    name: str | None
    """What CONSTRAINT calls it."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Constraint:
    """A key, a unique constraint or a CHECK, whether it stands behind a column or by itself."""

    kind: str
    """``UNIQUE``, ``PRIMARY KEY``, ``CHECK`` or ``FOREIGN KEY``."""
    name: str | None
    columns: list[str]
    """Empty for a CHECK of the table."""
    text: str

    @property
    def body(self) -> str:
        """Its text without its name."""
        return self.text if self.name is None else self.text[tokens(self.text)[1].end :].lstrip()

    def same_as(self, other: "Constraint") -> bool:
        """Return whether two constraints say the same, wherever they stand and whatever they are called."""

        def said(each: "Constraint") -> tuple[Any, ...]:
            if each.kind == "CHECK":
                return (each.kind, spelling(each.body))
            rest = spelling(each.body)
            rest = rest[rest.index("references") :] if each.kind == "FOREIGN KEY" else []
            return (each.kind, [name.lower() for name in each.columns], rest)

        return said(self) == said(other)

    @property
    def referred(self) -> str:
        """The table that a foreign key refers to."""
        found = tokens(self.text)
        return next((after.name for token, after in pairwise(found) if token.word == "REFERENCES"), "")


def clauses(definition: str) -> list[Clause]:
    """Return the clauses of a column definition, in order."""
    found = tokens(definition)
    return list(_clauses(found, _end_of_type(found)))


def clause_of(definition: str, kind: str) -> str | None:
    """Return the text of the first clause of a kind, None where the column has none."""
    return next((definition[each.start : each.end] for each in clauses(definition) if each.kind == kind), None)


def kind_of(part: str) -> str:
    """Return the kind of a constraint that stands behind the columns."""
    return _of_table(part).kind


def kinds_of(definition: str) -> set[str]:
    """Return the kinds of the clauses of a column definition."""
    return {clause.kind for clause in clauses(definition)}


def columns_named(part: str) -> set[str]:
    """Return the columns that a constraint behind the columns stands on, in small letters; of a CHECK all its words."""
    return {*spelling(part)} if kind_of(part) == "CHECK" else {name.lower() for name in _columns_of(part)}


def referring_to(key: str, table: str) -> str:
    """Return a foreign key that refers to the table under another name."""
    found = tokens(key)
    name = found[next(at for at, token in enumerate(found) if token.word == "REFERENCES") + 1]
    if name.name.lower() == table.lower():
        return key
    quoted = '"' + table.replace('"', '""') + '"'
    return f"{key[: name.start]}{quoted}{key[name.end :]}"


class TableText:
    """One CREATE TABLE statement, cut into its parts: column definitions and table constraints."""

    def __init__(self, sql: str) -> None:
        all_tokens = tokens(sql)
        opening = next(token for token in all_tokens if token.text == "(")
        closing = next(token for token in all_tokens if token.text == ")" and token.depth == 0)
        self._head, self._tail = sql[: opening.end], sql[closing.start :]
        self.parts = list(_split(sql[opening.end : closing.start]))

    def __str__(self) -> str:
        return self.under(self._head)

    def be_as(self, other: "TableText") -> None:
        """Take over what stands behind the parts of another table."""
        self._tail = other._tail

    def number_rows(self) -> None:
        """Be no table WITHOUT ROWID, which cannot be without a primary key."""
        found = tokens(self._tail)
        options = ["STRICT"] if "STRICT" in {token.word for token in found} else []
        self._tail = " ".join([")", *options]) if "WITHOUT" in self.options else self._tail

    def under(self, head: str) -> str:
        """Return the statement with another beginning, the opening parenthesis included."""
        return head + ",".join(self.parts) + self._tail

    @property
    def options(self) -> set[str]:
        """What stands behind the parts: ``WITHOUT``, ``ROWID``, ``STRICT``."""
        return {token.word for token in tokens(self._tail)}

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return [*self.definitions]

    @property
    def definitions(self) -> dict[str, str]:
        """The definitions of the columns, names included, by name."""
        return {name: part for part in self.parts if (name := _column_of(part)) is not None}

    @property
    def primary_key(self) -> list[str]:
        """The columns of the primary key."""
        for part in self.parts:
            if not _is_column(part) and _of_table(part).kind == "PRIMARY KEY":
                return _columns_of(part)
            if _is_column(part) and any(clause.kind == "PRIMARY KEY" for clause in clauses(part)):
                return [tokens(part)[0].name]
        return []

    @property
    def has_number_key(self) -> bool:
        """Whether a column may stand for the row id itself (sqlite.org/lang_createtable.html, section 5)."""
        key = self.primary_key
        return (
            "WITHOUT" not in self.options
            and len(key) == 1
            and declared_type(self.definition(key[0])).upper() == "INTEGER"
        )

    def definition(self, column: str) -> str:
        """Return the definition of a column, its name included."""
        return self.parts[self._place(column)]

    def replace(self, column: str, definition: str) -> None:
        """Put another definition in the place of a column's."""
        self.parts[self._place(column)] = definition

    def add_column(self, definition: str, behind: str | None = None) -> None:
        """Put a column behind another one, or behind the last one where that is not there."""
        place = sum(_is_column(part) for part in self.parts)
        if behind in self.columns:
            place = self._place(behind) + 1
        self.parts.insert(place, f" {definition}")

    def drop_column(self, column: str) -> None:
        """Take out a column, and every constraint that names it."""
        del self.parts[self._place(column)]

        def names_it(text: str) -> bool:
            return column.lower() in {token.name.lower() for token in tokens(text)}

        self._take_checks(names_it)
        self.parts = [part for part in self.parts if _is_column(part) or not names_it(part)]

    def add_constraint(self, sql: str) -> None:
        """Put a table constraint behind everything."""
        self.parts.append(f" {sql}")

    def set_type(self, column: str, kind: str) -> None:
        """Give a column another type."""
        definition = self.definition(column)
        found = tokens(definition)
        first, end = found[0].end, _end_of_type(found)
        rest = definition[found[end].start :] if end < len(found) else definition[found[-1].end :].lstrip(" ")
        self.replace(column, f"{definition[:first]} {kind}{' ' if end < len(found) else ''}{rest}")

    def set_clause(self, column: str, kind: str, clause: str | None) -> None:
        """Give a column another clause of a kind, or none."""
        definition = without_clauses(self.definition(column), {kind})
        if clause:
            end = tokens(definition)[-1].end
            definition = f"{definition[:end]} {clause}{definition[end:]}"
        self.replace(column, definition)

    def drop_constraint(self, kind: str, name: str | None, columns: list[str] | None = None) -> bool:
        """Take out the constraint of that name, or the nameless one of these columns; return False without one.

        Args:
            kind: ``UNIQUE``, ``PRIMARY KEY``, ``CHECK`` or ``FOREIGN KEY``.
            name: as CONSTRAINT calls it, None for a nameless one.
            columns: those it stands on, where it has no name.
        """
        wanted = {each.lower() for each in columns or ()}

        def is_it(clause: Clause, on: set[str]) -> bool:
            if name is not None:
                return (clause.name or "").lower() == name.lower()
            return clause.name is None and on == wanted

        return self._take(kind, is_it)

    def constraints(self) -> list[Constraint]:
        """Return the keys, unique constraints and CHECKs, of columns and of the table alike."""
        found = []
        for part in self.parts:
            inline = _is_column(part)
            made = (
                _as_constraint(part, clause, inline=inline)
                for clause in (clauses(part) if inline else [_of_table(part)])
            )
            found += [each for each in made if each]
        return found

    def name_constraints(self, name_of: Callable[[Constraint], str | None]) -> bool:
        """Give nameless constraints the names, quoted, that a function returns, and return whether there were any."""
        before = str(self)
        for place, part in enumerate(self.parts):
            inline = _is_column(part)
            for clause in reversed(clauses(part) if inline else [_of_table(part)]):
                each = _as_constraint(part, clause, inline=inline)
                if each and each.name is None and (name := name_of(each)):
                    part = f"{part[: clause.start]}CONSTRAINT {name} {part[clause.start :]}"
            self.parts[place] = part
        return str(self) != before

    def table_keys(self) -> list[Constraint]:
        """Return the primary key where it stands behind the columns."""
        parts = [part for part in self.parts if not _is_column(part) and _of_table(part).kind == "PRIMARY KEY"]
        return [_constraint(part) for part in parts]

    def has_constraint(self, sql: str, behind: str = "") -> bool:
        """Return whether the table has the very constraint that `sql` would make, under its name or nameless.

        It stands in the definition of the column `behind`, or in none.
        """
        wanted = TableText(f'CREATE TABLE t ("{behind}" {sql})').constraints()[0] if behind else _constraint(sql)
        called = wanted.name and wanted.name.lower()
        return any(each.same_as(wanted) for each in self.constraints() if called in {None, (each.name or "").lower()})

    def drop_like(self, sql: str) -> str:
        """Take out the constraint that `sql` would make, wherever it stands, and return its kind."""
        wanted = _constraint(sql)
        if wanted.kind == "CHECK" and wanted.name is None:
            self.drop_check(wanted.body[wanted.body.index("(") + 1 : wanted.body.rindex(")")])
        else:
            self.drop_constraint(wanted.kind, wanted.name, wanted.columns)
        return wanted.kind

    def drop_primary_key(self) -> None:
        """Take out the primary key, whatever its name."""
        self._take("PRIMARY KEY", lambda clause, on: True)

    def drop_check(self, condition: str) -> bool:
        """Take out every CHECK that says `condition`, whatever its spelling; return False without one."""
        wanted = spelling(condition)

        def is_it(text: str) -> bool:
            inside = text[text.index("(") + 1 : text.rindex(")")]
            return spelling(inside) == wanted

        return self._take_checks(is_it)

    def drop_lists_of_values(self, column: str) -> None:
        """Take out the nameless CHECKs that let only listed values into a column: such as an Enum type makes."""

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
        """Take out the FOREIGN KEY parts, those of one column or all, and return them."""
        taken = [part for part in self.parts if _is_key(part, column)]
        self.parts = [part for part in self.parts if part not in taken]
        return taken

    def take_checks_of(self, column: str) -> list[str]:
        """Take out every CHECK that names a column, and return those that do not stand behind it, as table parts."""
        kept, taken = [], []
        for part in self.parts:
            found = clauses(part) if _is_column(part) else [_of_table(part)]
            checks = [
                each
                for each in found
                if each.kind == "CHECK" and column.lower() in spelling(part[each.start : each.end])
            ]
            is_own = _is_column(part) and tokens(part)[0].name.lower() == column.lower()
            taken += [f" {part[each.start : each.end]}" for each in checks if not is_own]
            if _is_column(part) or not checks:
                kept.append(_without(part, checks) if _is_column(part) else part)
        self.parts = kept
        return taken

    def take_keys_to(self, table: str, columns: set[str | None]) -> list[list[str]]:
        """Take out the foreign keys to a table, and return the column each stands behind, empty for none, and its text.

        Args:
            table: the one they refer to.
            columns: in small letters, one of those they refer to; None among them for keys that name no column.
        """
        taken, kept = [], []
        for part in self.parts:
            is_column = _is_column(part)
            found = clauses(part) if is_column else [_of_table(part)]
            keys = [each for each in found if _refers(part[each.start : each.end], table, columns)]
            taken += [[tokens(part)[0].name if is_column else "", part[each.start : each.end]] for each in keys]
            if is_column or not keys:
                kept.append(_without(part, keys))
        self.parts = kept
        return taken

    def put_keys(self, keys: list[list[str]]) -> None:
        """Put back what `take_keys_to` returned, where it is not there and its columns are."""
        names = {name.lower() for name in self.columns}
        for column, text in keys:
            if column.lower() in names:
                definition = self.definition(column)
                end = tokens(definition)[-1].end
                if text not in [definition[each.start : each.end] for each in clauses(definition)]:
                    self.replace(column, f"{definition[:end]} {text}{definition[end:]}")
            elif not column and {name.lower() for name in _columns_of(text)} <= names and not self.has_constraint(text):
                self.add_constraint(text)

    def take_uniques(self, column: str, *, also_alone: bool) -> list[str]:
        """Take out the UNIQUE parts over a column and others, with `also_alone` over it alone too, and return them."""

        def is_it(part: str) -> bool:
            names = [] if _is_column(part) or _of_table(part).kind != "UNIQUE" else _columns_of(part)
            return column.lower() in {name.lower() for name in names} and (also_alone or len(names) > 1)

        taken = [part for part in self.parts if is_it(part)]
        self.parts = [part for part in self.parts if part not in taken]
        return taken

    def without_column_keys(self) -> None:
        """Take the REFERENCES clauses out of all columns."""
        self.parts = [without_clauses(part, {"REFERENCES"}) if _is_column(part) else part for part in self.parts]

    def _place(self, column: str) -> int:
        for place, part in enumerate(self.parts):
            if (_column_of(part) or "").lower() == column.lower():
                return place
        raise KeyError(column)

    def _take(self, kind: str, is_it: Callable[[Clause, set[str]], bool]) -> bool:
        before = list(self.parts)
        inline = "REFERENCES" if kind == "FOREIGN KEY" else kind
        kept = []
        for part in self.parts:
            if _is_column(part):
                on = {tokens(part)[0].name.lower()}
                kept.append(_without(part, [c for c in clauses(part) if c.kind == inline and is_it(c, on)]))
            elif (clause := _of_table(part)).kind != kind or not is_it(
                clause, {name.lower() for name in _columns_of(part)}
            ):
                kept.append(part)
        self.parts = kept
        return kept != before

    def _take_checks(self, is_it: Callable[[str], bool], *, nameless: bool = False) -> bool:
        before = list(self.parts)
        kept = []
        for part in self.parts:
            found = clauses(part) if _is_column(part) else [_of_table(part)]
            checks = [
                clause
                for clause in found
                if clause.kind == "CHECK" and not (nameless and clause.name) and is_it(part[clause.start : clause.end])
            ]
            if _is_column(part):
                kept.append(_without(part, checks))
            elif not checks:
                kept.append(part)
        self.parts = kept
        return kept != before


def _as_constraint(part: str, clause: Clause, *, inline: bool) -> Constraint | None:
    kind = "FOREIGN KEY" if clause.kind == "REFERENCES" else clause.kind
    if kind not in _CONSTRAINTS:
        return None
    columns = [tokens(part)[0].name] if inline else _columns_of(part)
    return Constraint(kind, clause.name, columns, part[clause.start : clause.end])


def _constraint(sql: str) -> Constraint:
    return TableText(f"CREATE TABLE t (c, {sql})").constraints()[0]


def without_clauses(definition: str, which: set[str]) -> str:
    """Return a column definition without its clauses of these kinds."""
    return _without(definition, [clause for clause in clauses(definition) if clause.kind in which])


def affinity(kind: str) -> str:
    """Return the affinity of a declared type (sqlite.org/datatype3.html, section 3.1)."""
    kind = kind.upper()
    if "INT" in kind:
        return "INTEGER"
    if any(word in kind for word in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if "BLOB" in kind or not kind.strip():
        return "BLOB"
    return "REAL" if any(word in kind for word in ("REAL", "FLOA", "DOUB")) else "NUMERIC"


def declared_type(definition: str) -> str:
    """Return the type of a column definition, empty where it has none."""
    found = tokens(definition)
    end = _end_of_type(found)
    return definition[found[1].start : found[end - 1].end] if end > 1 else ""


def _without(definition: str, taken: list[Clause]) -> str:
    for clause in reversed(taken):
        definition = definition[: clause.start].rstrip(" ") + definition[clause.end :]
    return definition


_STARTS = {
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "GENERATED",
    "AS",
}


def _end_of_type(found: Sequence[Token]) -> int:
    """Return the place of the first token behind name and type."""
    for place, token in enumerate(found[1:], 1):
        if token.depth == 0 and token.word in _STARTS:
            return place
    return len(found)


def _clauses(found: Sequence[Token], place: int) -> Iterator[Clause]:
    while place < len(found):
        start, name = place, None
        if found[place].word == "CONSTRAINT":
            name = found[place + 1].name
            place += 2
        kind, length = _clause(found[place:])
        yield Clause(kind, name, found[start].start, found[place + length - 1].end)
        place += length


def _clause(found: Sequence[Token]) -> tuple[str, int]:
    """Return the kind of the clause that begins here, and how many tokens it has."""
    words = [token.word if token.depth == 0 else "" for token in found]
    kind = _KINDS.get(words[0])
    if kind is None:
        raise ValueError(f"no clause of a column begins with {found[0].text}")
    return kind, _LENGTHS[kind](found, words)


def _with_conflict(words: list[str], length: int) -> int:
    return length + 3 if words[length : length + 2] == ["ON", "CONFLICT"] else length


def _behind_parentheses(found: Sequence[Token], place: int) -> int:
    depth = found[place].depth
    return next(at for at in range(place, len(found)) if found[at].text == ")" and found[at].depth == depth) + 1


def _length_of_default(found: Sequence[Token]) -> int:
    if found[1].text == "(":
        return _behind_parentheses(found, 1)
    is_signed = found[1].text in "+-"
    is_blob = found[1].word == "X" and found[2:3] and found[2].text[0] == "'"
    return 3 if is_signed or is_blob else 2


def _length_of_key(found: Sequence[Token], words: list[str]) -> int:
    place = 2
    if place < len(found) and found[place].text == "(":
        place = _behind_parentheses(found, place)
    while place < len(found) and (length := _length_of_action(words[place : place + 3])):
        place += length
    return place


def _length_of_action(words: list[str]) -> int:
    """Return how many words the part of a REFERENCES clause has that begins here, 0 where the clause is over."""
    match words:
        case ["ON", "DELETE" | "UPDATE" | "INSERT", "SET" | "NO"]:
            return 4
        case ["ON", "DELETE" | "UPDATE" | "INSERT", _]:
            return 3
        case ["MATCH" | "INITIALLY", *_] | ["NOT", "DEFERRABLE", *_]:
            return 2
        case ["DEFERRABLE", *_]:
            return 1
    return 0


def _length_of_primary_key(found: Sequence[Token], words: list[str]) -> int:
    length = _with_conflict(words, 3 if words[2:3] in (["ASC"], ["DESC"]) else 2)
    return length + (words[length : length + 1] == ["AUTOINCREMENT"])


def _length_of_generated(found: Sequence[Token], words: list[str]) -> int:
    length = _behind_parentheses(found, words.index("AS") + 1)
    return length + (words[length : length + 1] in (["STORED"], ["VIRTUAL"]))


_KINDS = {"NOT": "NOT NULL", "PRIMARY": "PRIMARY KEY", "AS": "GENERATED"} | {
    word: word for word in ("NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED")
}
_LENGTHS: dict[str, Callable[[Sequence[Token], list[str]], int]] = {
    "NOT NULL": lambda found, words: _with_conflict(words, 2),
    "NULL": lambda found, words: _with_conflict(words, 1),
    "UNIQUE": lambda found, words: _with_conflict(words, 1),
    "PRIMARY KEY": _length_of_primary_key,
    "CHECK": lambda found, words: _behind_parentheses(found, 1),
    "DEFAULT": lambda found, words: _length_of_default(found),
    "COLLATE": lambda found, words: 2,
    "REFERENCES": _length_of_key,
    "GENERATED": _length_of_generated,
}


def _split(body: str) -> Iterator[str]:
    start = 0
    for token in tokens(body):
        if token.text == "," and token.depth == 0:
            yield body[start : token.start]
            start = token.end
    yield body[start:]


@lru_cache(maxsize=8192)  # asked for every column of a table, for each of them
def _column_of(part: str) -> str | None:
    """Return the name of the column that a part of the table defines, None for a constraint."""
    found = tokens(part)
    return found[0].name if found and found[0].word not in _TABLE_PARTS else None


def _is_column(part: str) -> bool:
    return _column_of(part) is not None


def _of_table(part: str) -> Clause:
    """Return the one constraint that a part of the table is."""
    found = tokens(part)
    name = found[1].name if found[0].word == "CONSTRAINT" else None
    word = found[2 if name is not None else 0].word
    kind = {"PRIMARY": "PRIMARY KEY", "FOREIGN": "FOREIGN KEY"}.get(word, word)
    return Clause(kind, name, found[0].start, found[-1].end)


def _columns_of(part: str) -> list[str]:
    """Return the columns that the first parentheses of a table constraint name."""
    inside: list[str] = []
    is_start = False
    for token in tokens(part):
        if token.text == ")" and token.depth == 0:
            break
        if token.depth == 1 and is_start:
            inside.append(token.name)
        is_start = token.text == "(" or (token.text == "," and token.depth == 1)
    return inside


def _refers(text: str, table: str, columns: set[str | None]) -> bool:
    """Return whether a clause is a foreign key to one of these columns of a table."""
    found = tokens(text)
    at = next((at for at, token in enumerate(found) if token.word == "REFERENCES"), None)
    if at is None or found[at + 1].name.lower() != table.lower():
        return False
    if found[at + 2 : at + 3] and found[at + 2].text == "(":
        return bool({name.lower() for name in _columns_of(text[found[at].start :])} & columns)
    return None in columns


def _is_key(part: str, column: str | None) -> bool:
    if _is_column(part) or _of_table(part).kind != "FOREIGN KEY":
        return False
    return column is None or column.lower() in {name.lower() for name in _columns_of(part)}


def spelling(sql: str) -> list[str]:
    """Return the words and signs of `sql`, the same for every way of quoting and spacing them."""
    return [token.text if token.text[0] == "'" else token.name.lower() for token in tokens(sql)]
