"""Show a database to autogenerate as if its tables and columns had their new names already.

Autogenerate then compares what is left: types, defaults, indexes and constraints of the renamed tables and columns.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Inspector, inspect

Place = tuple[str | None, str]
"""A table: its schema, or None for the default one, and its name."""


@dataclass(frozen=True, slots=True)
class Rename:
    """A table, or a column of a table, that has another name in the models than in the database."""

    schema: str | None
    table: str
    """The table of the column, with its name in the models; empty if the table itself is renamed."""
    old: str
    new: str

    @property
    def before(self) -> str:
        """The old name as `--rename` takes it: ``posts.body``, ``blog.posts.body``, ``posts``."""
        return ".".join(filter(None, (self.schema, self.table, self.old)))

    @property
    def after(self) -> str:
        """The new name as `--rename` takes it."""
        return ".".join(filter(None, (self.schema, self.table, self.new)))


class NewNames:
    """The new names of what is renamed, by the old ones."""

    def __init__(self, renames: Iterable[Rename]) -> None:
        self._tables: dict[Place, str] = {}
        self._columns: dict[Place, dict[str, str]] = {}
        for each in renames:
            if each.table:
                self._columns.setdefault((each.schema, each.table), {})[each.old] = each.new
            else:
                self._tables[each.schema, each.old] = each.new
        self._old_tables = {(schema, new): old for (schema, old), new in self._tables.items()}

    def table(self, schema: str | None, name: str) -> str:
        """Return the name of a table in the models."""
        return self._tables.get((schema, name), name)

    def old_table(self, schema: str | None, name: str) -> str:
        """Return the name of a table in the database."""
        return self._old_tables.get((schema, name), name)

    def columns(self, schema: str | None, table: str, names: Iterable[Any]) -> list[Any]:
        """Return the names of columns in the models; `table` is a new name. An index expression is named None."""
        new = self._columns.get((schema, table), {})
        return [new.get(name, name) for name in names]

    def concern(self, schema: str | None, table: str) -> bool:
        """Return whether a table, by its new name, or one of its columns is renamed."""
        return (schema, table) in self._columns or (schema, table) in self._old_tables


def renamed_inspector(connection: Connection, names: NewNames) -> Inspector:
    """Return an inspector of the database that answers with the new names."""
    inspector = inspect(connection)
    kind: Any = type("RenamedInspector", (_Renamed, type(inspector)), {"names": names})
    renamed: Inspector = kind.__new__(kind)  # only `inspect` may call the class
    vars(renamed).update(vars(inspector))
    return renamed


class _Renamed:
    """Put before the dialect's own class of inspector."""

    names: NewNames

    def reflect_table(self, table: Any, include_columns: Any = None, **options: Any) -> None:
        # SQLAlchemy 2.0 would reflect the tables that foreign keys refer to with an inspector that knows the old names.
        options.setdefault("resolve_fks", False)
        super().reflect_table(table, include_columns, **options)  # type: ignore[misc]

    def get_table_names(self, schema: str | None = None, **options: Any) -> list[str]:
        found: list[str] = super().get_table_names(schema, **options)  # type: ignore[misc]
        return [self.names.table(schema, name) for name in found]

    def has_table(self, table_name: str, schema: str | None = None, **options: Any) -> bool:
        return bool(super().has_table(self.names.old_table(schema, table_name), schema, **options))  # type: ignore[misc]


def _of_one(kind: str) -> Callable[..., Any]:
    def read(self: Any, table_name: str, schema: str | None = None, **options: Any) -> Any:
        found = getattr(super(_Renamed, self), f"get_{kind}")(
            self.names.old_table(schema, table_name), schema, **options
        )
        return _translated(self.names, schema, table_name, found)

    return read


def _of_several(kind: str) -> Callable[..., Any]:
    def read(
        self: Any, schema: str | None = None, filter_names: Sequence[str] | None = None, *args: Any, **options: Any
    ) -> Any:
        wanted = filter_names and [self.names.old_table(schema, name) for name in filter_names]
        found = getattr(super(_Renamed, self), f"get_multi_{kind}")(schema, wanted, *args, **options)
        renamed = ((place, self.names.table(schema, place[1]), part) for place, part in found.items())
        return {(place[0], table): _translated(self.names, schema, table, part) for place, table, part in renamed}

    return read


def _translated(names: NewNames, schema: str | None, table: str, found: Any) -> Any:
    """Return what SQLAlchemy read of a table, a list or one dict, with the new names; `table` is its new name."""
    if isinstance(found, list):
        return [_translated(names, schema, table, each) for each in found]
    if not isinstance(found, dict):
        return found
    new = dict(found)
    if "type" in found:
        new["name"] = names.columns(schema, table, [found["name"]])[0]
    for key in ("constrained_columns", "column_names", "include_columns", "expressions"):
        if found.get(key):
            new[key] = names.columns(schema, table, found[key])
    if found.get("column_sorting"):
        sorting = found["column_sorting"]
        new["column_sorting"] = dict(zip(names.columns(schema, table, sorting), sorting.values(), strict=True))
    if "referred_table" in found:
        place = found["referred_schema"], names.table(found["referred_schema"], found["referred_table"])
        new["referred_table"] = place[1]
        new["referred_columns"] = names.columns(*place, found["referred_columns"])
    return new


for _kind in ("columns", "pk_constraint", "foreign_keys", "indexes", "unique_constraints", "check_constraints"):
    setattr(_Renamed, f"get_{_kind}", _of_one(_kind))
    setattr(_Renamed, f"get_multi_{_kind}", _of_several(_kind))
for _kind in ("table_comment", "table_options"):
    setattr(_Renamed, f"get_{_kind}", _of_one(_kind))
    setattr(_Renamed, f"get_multi_{_kind}", _of_several(_kind))
