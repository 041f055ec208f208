"""Leave Rewind's tables and hidden things out of what reflection shows to a revision script.

SQLAlchemy's inspectors ask the dialect, so its results are filtered there, and only while the script itself runs.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import NoSuchTableError

from flask_rewind.acting import is_script, rewind_acts
from flask_rewind.own_names import is_hidden, is_own, is_own_table, names_in

_DONE = "_rewind_hides_own"
OPENED: deque[Engine] = deque(maxlen=1)
"""The engine of the last connection that a script opened itself; `crossing.watching` clears it before a crossing."""


def hide_own(connection: Connection) -> None:
    """Hide Rewind's names from scripts on this connection, its engine, and connections that scripts open."""
    _filter(connection)
    if not event.contains(Engine, "engine_connect", _see):
        # It is never removed: that is not safe while other threads run.
        event.listen(Engine, "engine_connect", _see)


def _see(connection: Connection) -> None:
    if is_script():
        OPENED.append(connection.engine)
        _filter(connection)


def _filter(connection: Connection) -> None:
    dialect: Any = connection.dialect
    if not hasattr(dialect, _DONE):
        setattr(dialect, _DONE, True)
        for name, keep in _READERS.items():
            if hasattr(dialect, name):
                setattr(dialect, name, _filtered(getattr(dialect, name), keep))


def _filtered(read: Callable[..., Any], keep: Callable[..., Any]) -> Callable[..., Any]:
    def answer(connection: Any, *args: Any, **options: Any) -> Any:
        if not is_script():
            return read(connection, *args, **options)
        with rewind_acts():  # calls that it makes to the dialect itself are not filtered
            found = read(connection, *args, **options)
            found = list(found) if isinstance(found, Iterator) else found
        return keep(found, args[0] if args else options.get("table_name") or options.get("sequence_name"))

    return answer


def _names(found: Any, _: Any) -> Any:
    return [name for name in found if not is_own(name)]


def _enums(found: Any, _: Any) -> Any:
    return [each for each in found if not is_own(each["name"])]


def _is_there(found: Any, name: Any) -> Any:
    return found and not is_own_table(name)


def _of_table(keep: Callable[[Any], Any]) -> Callable[..., Any]:
    def kept(found: Any, table: Any) -> Any:
        if is_own_table(table):
            raise NoSuchTableError(table)
        return keep(found)

    return kept


def _of_tables(keep: Callable[[Any], Any]) -> Callable[..., Any]:
    def kept(found: Any, _: Any) -> Any:
        pairs = found.items() if isinstance(found, dict) else found
        return [(key, keep(value)) for key, value in pairs if not is_own_table(key[1])]

    return kept


def _columns(found: Any) -> Any:
    return [column for column in found if not is_hidden(column["name"])]


def _primary_key(found: Any) -> Any:
    return found and {**found, "constrained_columns": _visible(found["constrained_columns"])}


def _visible(columns: Any) -> list[Any]:
    return [name for name in columns if not is_hidden(name)]


def _on_visible(found: Any) -> Any:
    return [each for each in found if not _concerns_hidden(each)]


def _concerns_hidden(part: Any) -> bool:
    """Return whether an index or a constraint is hidden, or uses something hidden."""
    columns = [*part.get("column_names", ()), *part.get("constrained_columns", ())]
    said = [str(part.get("sqltext", "")), *map(str, part.get("expressions", ()))]
    is_of_hidden = any(is_hidden(name) for name in columns) or any(map(names_in, said))
    return is_of_hidden or is_hidden(part.get("name")) or is_own_table(part.get("referred_table"))


def _unchanged(found: Any) -> Any:
    return found


_OF_TABLE: dict[str, Callable[[Any], Any]] = {
    "columns": _columns,
    "pk_constraint": _primary_key,
    "foreign_keys": _on_visible,
    "indexes": _on_visible,
    "unique_constraints": _on_visible,
    "check_constraints": _on_visible,
    "table_comment": _unchanged,
    "table_options": _unchanged,
}
_READERS: dict[str, Callable[..., Any]] = {
    "get_table_names": _names,
    "get_temp_table_names": _names,
    "get_sequence_names": _names,
    "_load_enums": _enums,
    "has_table": _is_there,
    "has_sequence": _is_there,
    **{f"get_{kind}": _of_table(keep) for kind, keep in _OF_TABLE.items()},
    **{f"get_multi_{kind}": _of_tables(keep) for kind, keep in _OF_TABLE.items()},
}
