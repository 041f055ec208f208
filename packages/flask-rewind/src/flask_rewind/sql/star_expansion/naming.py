"""Write the visible columns into ``SELECT *`` and an INSERT without columns. Pure.

On SQLite and PostgreSQL such statements include hidden columns. Each ``*`` is resolved with the FROM that it belongs
to; ``EXISTS (SELECT * …)``, ``count(*)`` and multiplications stay unchanged.
"""

from collections.abc import Callable, Iterator, Sequence

from flask_rewind.sql.star_expansion.sources import AFTER_INSERT, CLAUSES, ROWS, SETS, Source, Sources
from flask_rewind.sql.tokenizer import Token, tokens

Columns = Callable[[str | None, str], dict[str, bool]]
"""Returns the visible columns of a table, by its schema and name, and whether each is generated."""
_BEHIND_STAR = {"", ",", ")", ";", "FROM", "INTO", "ON"} | CLAUSES | SETS
_BEFORE_STAR = {"SELECT", "DISTINCT", "ALL", "RETURNING", ",", ".", ")"}


class CannotName(Exception):
    """The columns of a ``*`` cannot be listed; the arguments are schema and name of the table with hidden columns."""


def with_columns_named(
    sql: str, dialect: str, hides: Callable[[str | None, str], bool], columns: Columns, quote: Callable[[str], str]
) -> str:
    """Return a statement that lists the visible columns wherever it would include hidden ones.

    Args:
        sql: one statement.
        dialect: SQLAlchemy's name of its engine.
        hides: returns whether a table has hidden columns, by schema and name.
        columns: returns the visible columns of a table.
        quote: quotes the name of a column.

    Raises:
        CannotName: if a ``*`` would include a hidden column, and its columns cannot be listed.
    """
    named = _Naming(sql, dialect, hides, columns, quote)
    edits = sorted(named.edits(), reverse=True)
    for start, end, text in edits:
        sql = sql[:start] + text + sql[end:]
    return sql


class _Naming(Sources):
    def __init__(
        self,
        sql: str,
        dialect: str,
        hides: Callable[[str | None, str], bool],
        columns: Columns,
        quote: Callable[[str], str],
    ) -> None:
        super().__init__(tokens(sql, dialect), dialect)
        self._sql = sql
        self._in_database = hides
        self._columns = columns
        self._quote = quote

    def edits(self) -> Iterator[tuple[int, int, str]]:
        for at, token in enumerate(self._found):
            if self._is_star(at):
                yield from self._of_star(at)
            elif token.word == "INTO" and self._is_insert(at):
                yield from self._of_insert(at)
            elif token.word == "TABLE" and self._word(at - 1) in {"", "AS", "(", "ALL"} | SETS:
                yield from self._of_table(at)

    def _is_star(self, at: int) -> bool:
        """Return whether a ``*`` stands for columns; in a multiplication an operand follows it."""
        return self._word(at) == "*" and self._word(at - 1) in _BEFORE_STAR and self._word(at + 1) in _BEHIND_STAR

    # Columns for a *

    def _of_star(self, at: int) -> Iterator[tuple[int, int, str]]:
        is_qualified = self._word(at - 1) == "."
        first = self._first_of_name(at - 2) if is_qualified else at
        depth = self._found[at].depth
        owner = self._owner(first)
        if owner is None:
            return
        if self._found[owner].depth < depth:  # count(o.*), row_to_json(o.*)
            yield from self._of_row(owner, first, at)
        elif self._word(owner) == "RETURNING":
            yield from self._named(at, first, [*self._written(owner)])
        elif not (self._word(owner - 1) == "(" and self._word(owner - 2) == "EXISTS"):
            yield from self._named(at, first, self._sources_of(owner))

    def _owner(self, star: int) -> int | None:
        """Return the position of the SELECT or RETURNING whose list contains a ``*``, directly or in a function."""
        depth = self._found[star].depth
        for at in range(star - 1, -1, -1):
            depth = min(depth, self._found[at].depth)
            if self._is_at(at, depth) and self._word(at) in {"SELECT", "RETURNING"}:
                return at
        return None

    def _first_of_name(self, at: int) -> int:
        while at >= 2 and self._word(at - 1) == ".":
            at -= 2
        return at

    def _named(self, at: int, first: int, sources: list[Source]) -> Iterator[tuple[int, int, str]]:
        start, end = self._found[first].start, self._found[at].end
        if first == at:
            if text := self._all_of(sources):
                yield start, end, text
            return
        called = self._found[at - 2].name.lower()
        source = next((each for each in sources if _plain(each.called) == called), None)
        if source and self._hides(source):
            self._refuse_renamed(source)
            yield start, end, self._qualified(source, self._sql[start : self._found[at - 2].end])

    def _of_row(self, owner: int, first: int, at: int) -> Iterator[tuple[int, int, str]]:
        """Refuse a whole row as the argument of a function other than count()."""
        opened = next((each for each in range(first - 1, owner, -1) if self._word(each) == "("), owner)
        if first < at and self._word(opened - 1) != "COUNT":
            called = self._found[at - 2].name.lower()
            for source in self._sources_of(owner):
                if _plain(source.called) == called and self._hides(source):
                    raise CannotName(source.schema, source.table)
        return iter(())

    def _all_of(self, sources: list[Source]) -> str:
        """Return the columns that replace ``*`` over these sources; empty if they have no hidden columns."""
        hiding = [source for source in sources if self._hides(source)]
        if not hiding:
            return ""
        for source in hiding:
            self._refuse_renamed(source)
        if len(sources) == 1:
            return ", ".join(map(self._quote, self._columns_of(sources[0])))
        if any(source.is_natural or source.using for source in sources):
            return self._joined(sources, hiding[0])
        if not all(source.called for source in sources):
            raise CannotName(hiding[0].schema, hiding[0].table)
        return ", ".join(
            self._qualified(source, source.called) if source in hiding else f"{source.called}.*" for source in sources
        )

    def _joined(self, sources: list[Source], hiding: Source) -> str:
        """Return the columns that replace ``*`` over joins that merge columns (NATURAL, USING)."""
        listed: list[tuple[str, str]] = []
        for source in sources:
            if not source.table or source.renames:
                raise CannotName(hiding.schema, hiding.table)
            own = [(name, f"{source.called}.{self._quote(name)}") for name in self._columns_of(source)]
            there = {name.lower() for name, _ in listed}
            same = {name.lower() for name in source.using}
            if source.is_natural:
                same = {name.lower() for name, _ in own} & there
            merged = [name for name, _ in listed if name.lower() in same]
            if source.using and self._dialect == "postgresql":
                merged = source.using
            rest = [(name, sql) for name, sql in own if name.lower() not in same]
            if self._dialect == "postgresql":  # merged columns come first
                listed = [
                    *((name, self._quote(name)) for name in merged),
                    *((name, sql) for name, sql in listed if name.lower() not in same),
                    *rest,
                ]
            else:
                joined = [(name, self._quote(name) if name.lower() in same else sql) for name, sql in listed]
                listed = [*joined, *rest]
        return ", ".join(sql for _, sql in listed)

    def _qualified(self, source: Source, called: str) -> str:
        return ", ".join(f"{called}.{self._quote(name)}" for name in self._columns_of(source))

    def _columns_of(self, source: Source) -> list[str]:
        return list(self._columns(source.schema, source.table))

    def _hides(self, source: Source) -> bool:
        return bool(source.table) and self._in_database(source.schema, source.table)

    def _refuse_renamed(self, source: Source) -> None:
        if source.renames:
            raise CannotName(source.schema, source.table)

    # Tables that an INSERT, UPDATE or DELETE writes

    def _is_insert(self, into: int) -> bool:
        at = into - 1
        while self._word(at) in AFTER_INSERT and not (self._word(at) == "REPLACE" and self._word(at - 1) != "OR"):
            at -= 1
        return self._word(at) in {"INSERT", "REPLACE"}

    def _of_insert(self, into: int) -> Iterator[tuple[int, int, str]]:
        """Yield the list of columns to insert after the table of an INSERT without one."""
        source, at = self._target(into + 1)
        if self._word(at) == "TABLE":
            yield from self._of_table(at)
        has_list = self._word(at) == "(" and self._word(at + 1) not in ROWS | {"("}
        if has_list or self._word(at) == "DEFAULT" or not self._hides(source):
            return
        start = self._found[at].start if at < len(self._found) else len(self._sql)
        columns = self._columns(source.schema, source.table)
        names = [name for name, is_generated in columns.items() if self._dialect == "postgresql" or not is_generated]
        if self._dialect == "postgresql" and (count := self._count_of_values(at)):
            names = names[:count]  # columns without a value get their default
        yield start, start, f"({', '.join(map(self._quote, names))}) "

    def _count_of_values(self, at: int) -> int:
        """Return how many values a row of an INSERT has; 0 if the text does not tell."""
        while at < len(self._found) and self._word(at) not in {"VALUES", "SELECT", "TABLE", "WITH"}:
            at += 1
        if self._word(at) == "WITH":
            depth = self._found[at].depth
            selects = (each for each in range(at, len(self._found)) if self._is_at(each, depth))
            at = next((each for each in selects if self._word(each) == "SELECT"), len(self._found))
        if self._word(at) == "VALUES":
            at += 1
            first, last = at + 1, self._close(at)
        elif self._word(at) == "SELECT":
            first = at + 1
            last = self._end(first, CLAUSES | SETS | {"FROM", "ON"})
        else:
            return 0
        depth = self._found[first - 1].depth + (self._word(first - 1) == "(")
        inside = [each for each in range(first, last) if self._is_at(each, depth)]
        stars = [each for each in inside if self._word(each) == "*" and self._word(each + 1) in _BEHIND_STAR]
        return 0 if stars else 1 + sum(self._word(each) == "," for each in inside)

    def _of_table(self, at: int) -> Iterator[tuple[int, int, str]]:
        """Yield the SELECT that replaces ``TABLE o``."""
        if at + 1 < len(self._found):
            source, _ = self._target(at + 1)
            if self._hides(source):
                start = self._found[at].start
                names = ", ".join(map(self._quote, self._columns_of(source)))
                yield start, self._found[at].end, f"SELECT {names} FROM"

    def _written(self, returning: int) -> Iterator[Source]:
        """Yield the tables whose columns a RETURNING can return."""
        depth = self._found[returning].depth
        verbs = (
            at
            for at in range(returning - 1, -1, -1)
            if self._is_at(at, depth)
            and self._word(at) in {"INSERT", "REPLACE", "UPDATE", "DELETE"}
            and self._word(at - 1) != "DO"
        )
        first = next(verbs, None)
        if first is None:
            return
        at = first + 1
        while self._word(at) in AFTER_INSERT | {"INTO", "FROM"}:
            at += 1
        source, at = self._target(at)
        yield source
        is_insert = self._word(first) in {"INSERT", "REPLACE"}
        joined = (
            each
            for each in range(at, returning)
            if not is_insert
            and self._is_at(each, depth)
            and self._word(each) in {"FROM", "USING"}
            and self._word(each - 1) != "DISTINCT"
        )
        if start := next(joined, None):
            yield from self._sources(start + 1, self._end(start + 1, CLAUSES))


def _plain(called: str) -> str:
    found: Sequence[Token] = tokens(called)
    return found[0].name.lower() if found else ""
