"""Typecho's tables, as far as they are read."""

from collections.abc import Set
from dataclasses import dataclass

from sqlalchemy import TableClause, column, table

from qingbo.errors import SetupError

NAMES = ("contents", "comments", "metas", "relationships", "users", "options")


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables with the prefix of one blog."""

    contents: TableClause
    comments: TableClause
    metas: TableClause
    relationships: TableClause
    users: TableClause
    options: TableClause
    fields: TableClause | None = None
    """Old releases have no table of custom fields."""

    @classmethod
    def with_prefix(cls, prefix: str, *, has_fields: bool = False) -> "Tables":
        """Return the tables whose names begin with a prefix."""

        def named(name: str, columns: str) -> TableClause:
            return table(f"{prefix}{name}", *map(column, columns.split()))

        return cls(
            named("contents", "cid title slug created modified text authorId type status password parent"),
            named("comments", "coid cid created author authorId mail text type status parent"),
            named("metas", "mid name slug type description parent"),
            named("relationships", "cid mid"),
            named("users", "uid name mail url screenName group"),
            named("options", "name user value"),
            named("fields", "cid name type str_value int_value float_value") if has_fields else None,
        )


def prefix_in(tables: Set[str]) -> str:
    """Return the prefix of the tables of Typecho in a database.

    Raises:
        SetupError: if there is none, or several.
    """
    found = [name.removesuffix("contents") for name in sorted(tables) if name.endswith("contents")]
    found = [prefix for prefix in found if all(f"{prefix}{name}" in tables for name in NAMES)]
    if not found:
        raise SetupError(
            "This is not the database of Typecho: it has no tables such as typecho_contents.", "Check the URL."
        )
    if len(found) > 1:
        raise SetupError(
            f"There are tables of several blogs: {', '.join(found)}.", f"Name the prefix of one: --prefix {found[0]}"
        )
    return found[0]
