"""Statements of a script, and parts of them, that change Rewind's tables or something hidden. Pure.

Reflection hides these names, but a script that queries the catalog itself finds them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from flask_rewind.errors import Refused
from flask_rewind.own_names import is_hidden, is_own, is_own_table, names_in
from flask_rewind.sql.changes import Action, AlterTable, CreateIndex, CreateOnTable, CreateTable, RenameTables
from flask_rewind.sql.rows_written import tables_written
from flask_rewind.sql.statement import Statement
from flask_rewind.sql.tokenizer import Token, shortened, tokens

_LISTS: list[tuple[tuple[str, ...], Callable[[str], bool]]] = [
    (("TRUNCATE", "TABLE?"), is_own_table),
    (("DROP", "TEMPORARY?", "TABLE", "IF?", "EXISTS?"), is_own_table),
    (("DROP", "TEMPORARY?", "TABLES", "IF?", "EXISTS?"), is_own_table),
    *(
        (("DROP", kind, "CONCURRENTLY?", "IF?", "EXISTS?"), is_own)
        for kind in ("INDEX", "SEQUENCE", "TYPE", "DOMAIN", "TRIGGER", "POLICY", "RULE", "STATISTICS")
    ),
]
"""Statements that name several objects of a kind, and the predicate that finds Rewind's among them."""
_OBJECTS = {"INDEX", "SEQUENCE", "TYPE", "DOMAIN", "TRIGGER", "POLICY", "RULE", "STATISTICS"}
_BEFORE_TABLE = {"REFERENCES", "INHERIT", "PARTITION", "TABLE"}
_AFTER_SET = {"WHERE", "FROM", "ORDER", "LIMIT", "RETURNING"}
_IN_BLOCK = re.compile(
    r"\b(?:TABLE|INTO|UPDATE|DELETE\s+FROM|TRUNCATE|ONLY|EXISTS|COLUMN|ALTER|DROP|MODIFY|CHANGE|INDEX)\s+"
    r"(?=(?:[\"`]?\w+[\"`]?\.)?[\"`]?(\w+))",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"\?|%s")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The parts of a statement that are not executed."""

    rest: str
    """The statement to execute instead; empty where there is none."""
    parts: list[str]
    """What is left out, each part as a statement."""
    names: list[str]
    """The names, of Rewind's or hidden, because of which it is left out."""


def left_out(statement: Statement) -> LeftOut | None:
    """Return the parts of a statement that would change Rewind's tables or something hidden; None if there are none.

    Raises:
        Refused: where they cannot be separated from the rest.
    """
    sql = statement.text
    if not names_in(sql):
        return None
    change = statement.change
    if isinstance(change, AlterTable):
        return _of_alter(sql, change, statement.dialect)
    if isinstance(change, RenameTables):
        return _of_renames(sql, change)
    if isinstance(change, CreateTable | CreateIndex | CreateOnTable):
        return _of_making(sql, change, statement.tokens)
    return _of_kind(statement.verb)(sql, statement.tokens, statement.dialect)


def _of_kind(first: str) -> Callable[[str, Sequence[Token], str], LeftOut | None]:
    return {
        "DROP": _of_list,
        "TRUNCATE": _of_list,
        "CREATE": _of_nameless_index,
        "COMMENT": _of_object,
        "ALTER": _of_object,
    }.get(first, _of_rows)


def _of_making(sql: str, change: CreateTable | CreateIndex | CreateOnTable, found: Sequence[Token]) -> LeftOut | None:
    if is_own_table(change.table.table):
        is_changing = not isinstance(change, CreateTable) or change.replaces
        return _whole(sql, [change.table.table] if is_changing else [])
    return _whole(sql, _hidden_in(found) if isinstance(change, CreateIndex) else [])


def _of_nameless_index(sql: str, found: Sequence[Token], dialect: str) -> LeftOut | None:
    if "INDEX" not in [token.word for token in found[:4]]:
        return None
    return _whole(sql, _own_behind(found, {"ON", "ONLY"}) or _hidden_in(found))


def _of_object(sql: str, found: Sequence[Token], dialect: str) -> LeftOut | None:
    is_known = found[0].word == "COMMENT" or {token.word for token in found[1:2]} & _OBJECTS
    return _whole(sql, [name for name in _names(found) if is_own(name)] if is_known else [])


def changed_in_block(sql: str) -> str:
    """Return the name of a table of Rewind's, or of something hidden, that a block of statements changes; else "".

    A block is searched for names only, so a name that it builds at run time is not found.
    """
    return next((name for name in _IN_BLOCK.findall(sql) if is_own_table(name)), "")


def _whole(sql: str, names: list[str]) -> LeftOut | None:
    return LeftOut("", [sql.strip()], names) if names else None


def _names(found: Sequence[Token]) -> list[str]:
    return [token.name for token in found if not token.text.startswith("'")]


def _hidden_in(found: Sequence[Token]) -> list[str]:
    return [name for name in _names(found) if is_hidden(name)]


def _own_behind(found: Sequence[Token], words: set[str]) -> list[str]:
    """Return the tables of Rewind's that follow one of these words."""
    return [
        name
        for before, token in pairwise(found)
        if before.word in words
        for name in [_table_at(found, found.index(token))]
        if is_own_table(name)
    ]


def _table_at(found: Sequence[Token], at: int) -> str:
    """Return the last part of the name at a token: of schema.table, the table."""
    while at + 2 < len(found) and found[at + 1].text == ".":
        at += 2
    return found[at].name


def _of_alter(sql: str, change: AlterTable, dialect: str) -> LeftOut | None:
    if is_own_table(change.table.table):
        return _whole(sql, [change.table.table])
    concerned = {at: names for at, each in enumerate(change.actions) if (names := _concern(each, dialect))}
    if not concerned:
        return None
    start = f"ALTER TABLE {change.table.sql}"
    left = [each.text for at, each in enumerate(change.actions) if at not in concerned]
    parts = [f"{start} {change.actions[at].text}" for at in concerned]
    names = [name for each in concerned.values() for name in each]
    return LeftOut(f"{start} {', '.join(left)}" if left else "", parts, names)


def _concern(action: Action, dialect: str) -> list[str]:
    """Return the names that are hidden or Rewind's in an action of ALTER TABLE; those after AFTER do not count."""
    found = tokens(action.text, dialect)
    place = next((at for at, token in enumerate(found) if token.depth == 0 and token.word == "AFTER"), len(found))
    return _hidden_in(found[:place]) or _own_behind(found[:place], _BEFORE_TABLE)


def _of_renames(sql: str, change: RenameTables) -> LeftOut | None:
    own = [(old, new) for old, new in change.pairs if is_own_table(old.table)]
    if not own:
        return None
    left = [_renamed(old.sql, new) for old, new in change.pairs if (old, new) not in own]
    parts = [f"RENAME TABLE {_renamed(old.sql, new)}" for old, new in own]
    return LeftOut(f"RENAME TABLE {', '.join(left)}" if left else "", parts, [old.table for old, _ in own])


def _renamed(old: str, new: str) -> str:
    quoted = new.replace("`", "``")
    return f"{old} TO `{quoted}`"


def _of_list(sql: str, found: Sequence[Token], dialect: str) -> LeftOut | None:
    for words, is_ours in _LISTS:
        first = _behind(found, words)
        if first is not None:
            items = _items(found, first)
            ours = [item for item in items if is_ours(item[-1].name)]
            rest = [token for token in found if items and token.start > items[-1][-1].start]
            if of_rest := _own_behind(rest, {"ON"}):
                return _whole(sql, of_rest)
            return _without_items(sql, items, ours) if ours else None
    return None


def _behind(found: Sequence[Token], words: tuple[str, ...]) -> int | None:
    at = 0
    for word in words:
        if at < len(found) and found[at].word == word.rstrip("?"):
            at += 1
        elif not word.endswith("?"):
            return None
    return at if at < len(found) else None


def _items(found: Sequence[Token], at: int) -> list[Sequence[Token]]:
    """Return the comma-separated names from a token on, each with its schema."""
    items = []
    while at < len(found):
        end = at + 1 + (found[at].word == "ONLY")
        while end + 1 < len(found) and found[end].text == ".":
            end += 2
        items.append(found[at:end])
        end += end < len(found) and found[end].text == "*"  # PostgreSQL: with the tables that inherit from it
        if end >= len(found) or found[end].text != ",":
            break
        at = end + 1
    return items


def _without_items(sql: str, items: list[Sequence[Token]], ours: list[Sequence[Token]]) -> LeftOut:
    start, end = sql[: items[0][0].start], sql[items[-1][-1].end :]

    def said(some: list[Sequence[Token]]) -> str:
        return f"{start}{', '.join(sql[item[0].start : item[-1].end] for item in some)}{end}".strip()

    left = [item for item in items if item not in ours]
    return LeftOut(said(left) if left else "", [said(ours)], [item[-1].name for item in ours])


def _of_rows(sql: str, found: Sequence[Token], dialect: str) -> LeftOut | None:
    written = [name.table for name in tables_written(sql, dialect)]
    own = [name for name in written if is_own_table(name)]
    if own and len(own) == len(written):
        return _whole(sql, own)
    if own:
        raise Refused(
            f"{own[0]} belongs to Flask-Rewind, and the script changes it together with other tables: {shortened(sql)}",
            "Leave it out of the statement.",
        )
    words = [token.word for token in found]
    if written and "SET" in words and not _is_insert(words):
        return _of_assignments(sql, found, words)
    if written and _is_insert(words) and (hidden := _hidden_in(_columns_of_insert(found, words))):
        raise Refused(
            f"the script inserts rows with the hidden column {hidden[0]}: {shortened(sql)}",
            "Leave it out of the list of columns.",
        )
    return None


def _is_insert(words: list[str]) -> bool:
    return next((word for word in words if word in {"INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE"}), "") in {
        "INSERT",
        "REPLACE",
    }


def _columns_of_insert(found: Sequence[Token], words: list[str]) -> Sequence[Token]:
    """Return what stands between the table and the rows of an INSERT."""
    first = next(at for at, word in enumerate(words) if word in {"INSERT", "REPLACE"})
    ends = {"VALUES", "VALUE", "SELECT", "DEFAULT", "WITH", "TABLE"}
    return found[first : next((at for at in range(first, len(words)) if words[at] in ends), first)]


def _of_assignments(sql: str, found: Sequence[Token], words: list[str]) -> LeftOut | None:
    """Return an UPDATE without the hidden columns that it sets."""
    first = words.index("SET") + 1
    depth = found[first - 1].depth
    last = next((at for at in range(first, len(found)) if found[at].depth < depth or words[at] in _AFTER_SET), None)
    body = found[first:last]
    bounds = [-1, *(at for at, token in enumerate(body) if token.text == "," and token.depth == depth), len(body)]
    each = [body[start + 1 : end] for start, end in pairwise(bounds)]
    hidden = [part for part in each if _hidden_in(_target(part))]
    if not hidden:
        return None
    names = [name for part in hidden for name in _hidden_in(_target(part))]
    texts = {id(part): sql[part[0].start : part[-1].end] for part in each}
    left = [texts[id(part)] for part in each if part not in hidden]
    if not left:
        return _whole(sql, names)
    if any(len(_target(part)) > 1 and _target(part)[0].text == "(" for part in hidden) or any(
        _PARAMETER.search(texts[id(part)]) for part in hidden
    ):
        raise Refused(
            f"the script changes the hidden column {names[0]} together with others: {shortened(sql)}",
            "Leave it out of the statement.",
        )
    start, end = sql[: body[0].start], sql[body[-1].end :]
    parts = [f"{start}{', '.join(texts[id(part)] for part in hidden)}{end}"]
    return LeftOut(f"{start}{', '.join(left)}{end}", parts, names)


def _target(assignment: Sequence[Token]) -> Sequence[Token]:
    end = next((at for at, token in enumerate(assignment) if token.text == "="), len(assignment))
    return assignment[:end]
