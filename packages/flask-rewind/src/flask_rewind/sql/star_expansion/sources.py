"""Find the sources of rows in a statement: its FROMs, its WITHs, and the table that it writes. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flask_rewind.sql.tokenizer import Token

CLAUSES = {"WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR", "WINDOW", "RETURNING"}
SETS = {"UNION", "INTERSECT", "EXCEPT"}
_JOINING = {",", "JOIN", "INNER", "CROSS", "LEFT", "RIGHT", "FULL", "OUTER", "NATURAL"}
ROWS = {"VALUES", "SELECT", "WITH", "TABLE"}
_NO_ALIAS = _JOINING | CLAUSES | SETS | ROWS | {"ON", "USING", "TABLESAMPLE", "INDEXED", "NOT", "SET", "AS"}
_NO_ALIAS |= {"DEFAULT", "OVERRIDING", "(", ")", ";", ""}
AFTER_INSERT = {"OR", "REPLACE", "IGNORE", "ROLLBACK", "ABORT", "FAIL"}


@dataclass(slots=True)
class Source:
    """One source of a FROM: a table, a subquery or a function."""

    schema: str | None = None
    table: str = ""
    """Empty for a subquery or a function."""
    called: str = ""
    """The alias or name that qualifies its columns; empty if it has none."""
    renames: bool = False
    """Whether its alias renames its columns."""
    is_natural: bool = False
    using: list[str] = field(default_factory=list)


class Sources:
    """The tokens of one statement, and the sources that its parts join."""

    def __init__(self, found: Sequence[Token], dialect: str) -> None:
        self._found = found
        self._dialect = dialect
        self._ctes = list(self._read_ctes())

    def _word(self, at: int) -> str:
        """Return a word in upper case, or a sign; ``name`` for a token that can only be a name; empty without one."""
        if not 0 <= at < len(self._found):
            return ""
        word = self._found[at].word
        is_behind_dot = at > 0 and self._found[at - 1].text == "." and word not in {"*", "("}
        return "name" if is_behind_dot or not word else word

    def _is_at(self, at: int, depth: int) -> bool:
        return self._found[at].depth == depth

    def _close(self, at: int) -> int:
        """Return the position that closes the parenthesis at a position."""
        depth = self._found[at].depth
        ends = (each for each in range(at + 1, len(self._found)) if self._found[each].depth == depth)
        return next((each for each in ends if self._word(each) == ")"), len(self._found) - 1)

    def _end(self, at: int, words: set[str]) -> int:
        """Return where the expression that begins at a position ends, or one of these words follows."""
        depth = self._found[at - 1].depth if at else 0
        for each in range(at, len(self._found)):
            token = self._found[each]
            if token.depth < depth or (token.depth == depth and (token.word in words or token.text == ";")):
                return each
        return len(self._found)

    # Sources in a FROM

    def _sources_of(self, select: int) -> list[Source]:
        end = self._end(select + 1, SETS)
        depth = self._found[select].depth
        froms = (
            at
            for at in range(select + 1, end)
            if self._is_at(at, depth) and self._word(at) == "FROM" and self._word(at - 1) != "DISTINCT"
        )
        start = next(froms, None)
        return [] if start is None else self._sources(start + 1, self._end(start + 1, CLAUSES | SETS))

    def _sources(self, at: int, end: int) -> list[Source]:
        """Return the sources that are joined between two positions."""
        found: list[Source] = []
        is_next, is_natural = True, False
        while at < end:
            word = self._word(at)
            if word in _JOINING:
                is_natural |= word == "NATURAL"
                is_next |= word in {",", "JOIN"}
                at += 1
            elif is_next:
                sources, at = self._source(at, end)
                if is_natural and len(sources) == 1:
                    sources[0].is_natural = True
                found += sources
                is_next = is_natural = False
            elif word == "USING" and found:
                close = self._close(at + 1)
                found[-1].using = [token.name for token in self._found[at + 2 : close] if token.text != ","]
                at = close + 1
            elif word == "ON" and self._word(at + 1) in {"CONFLICT", "DUPLICATE"}:
                break
            else:
                at = self._close(at) + 1 if word == "(" else at + 1
        return found

    def _source(self, at: int, end: int) -> tuple[list[Source], int]:
        """Return the sources at a position of a FROM, and where they end."""
        while self._word(at) in {"ONLY", "LATERAL"}:
            at += 1
        if self._word(at) == "(":
            return self._in_parentheses(at, end)
        source, at = self._named_at(at)
        if self._word(at) == "(":  # a function
            source, at = Source(called=source.called), self._close(at) + 1
        called, source.renames, at = self._alias(at + (self._word(at) == "*"), end)
        source.called = called or source.called
        return [source], at

    def _in_parentheses(self, at: int, end: int) -> tuple[list[Source], int]:
        close = self._close(at)
        is_query = self._word(at + 1) in ROWS
        inside = [Source()] if is_query else self._sources(at + 1, close)
        called, renames, at = self._alias(close + 1, end)
        for source in inside:
            source.renames |= renames or (bool(called) and not is_query)
            source.called = called or source.called
        return inside, at

    def _named_at(self, at: int) -> tuple[Source, int]:
        last = at
        while self._word(last + 1) == ".":
            last += 2
        schema = self._name(last - 2) if last > at else None
        source = Source(schema, self._name(last), self._found[last].text)
        if self._is_cte(source, last):
            source.table = ""
        return source, last + 1

    def _name(self, at: int) -> str:
        token = self._found[at]
        return token.name.lower() if self._dialect == "postgresql" and token.word else token.name

    def _alias(self, at: int, end: int) -> tuple[str, bool, int]:
        """Return the alias of a source, whether it renames the columns, and where it ends."""
        is_said = self._word(at) == "AS"
        at += is_said
        if at >= end or (not is_said and self._word(at) in _NO_ALIAS):
            return "", False, at
        called, at = self._found[at].text, at + 1
        if at < end and self._word(at) == "(":
            return called, True, self._close(at) + 1
        return called, False, at

    # Names in a WITH

    def _read_ctes(self) -> Iterator[tuple[str, int, int, int, bool]]:
        """Yield for each part of a WITH: name, start and end of its query, end of its scope, and if it is RECURSIVE."""
        for at, token in enumerate(self._found):
            if token.word != "WITH" or self._word(at + 1) in {"", "ORDINALITY", "TIME"}:
                continue
            recurs = self._word(at + 1) == "RECURSIVE"
            place, end = at + 1 + recurs, self._end(at + 1, set())
            while place < end:
                name, place = self._found[place].name.lower(), place + 1
                if self._word(place) == "(":
                    place = self._close(place) + 1
                while self._word(place) in {"AS", "NOT", "MATERIALIZED"}:
                    place += 1
                if self._word(place) != "(":
                    break
                close = self._close(place)
                yield name, place, close, end, recurs
                place = close + 1
                if self._word(place) != ",":
                    break
                place += 1

    def _is_cte(self, source: Source, at: int) -> bool:
        return source.schema is None and any(
            name == source.table.lower() and begins < at < scope and (recurs or not begins < at < ends)
            for name, begins, ends, scope, recurs in self._ctes
        )

    def _target(self, at: int) -> tuple[Source, int]:
        """Return the table that an INSERT, UPDATE or DELETE writes, and the position after it."""
        source, at = self._named_at(at + (self._word(at) == "ONLY"))
        at += self._word(at) == "*"
        called, is_listed, end = self._alias(at, len(self._found))
        if is_listed:  # INSERT INTO o AS x (a, b)
            end = at + 1 + (self._word(at) == "AS")
        source.called = called or source.called
        return source, end
