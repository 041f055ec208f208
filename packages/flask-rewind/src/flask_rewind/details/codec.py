"""Write details as JSON, and read them.

A JSON field has the name and the shape of the class's field. Fields that equal their default are not written. A
NamedTuple becomes a list. Layout 2 is written now. Layout 1 was written before ``rewind_attic`` had the columns
``layout`` and ``engine``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from functools import lru_cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from flask_rewind.details.classes import CLASSES, ColumnDetails, Details, TableDetails, TypeDetails

LAYOUT = 2
"""The layout that is written now; rows of earlier layouts are read too."""
_KINDS: dict[str, type[Details]] = {"column": ColumnDetails, "table": TableDetails, "type": TypeDetails}
_RENAMED = {"said": "extras", "called": "former_names"}
"""Names of fields in layout 1, and their present names."""
_WITHOUT_IN_LAYOUT_1: dict[str, Any] = {
    "stays_not_null": False,
    "is_numbered": False,
    "is_loose": False,
    "made_by_server": {},
    "domain": None,
    "extras": {},
    "parents": [],
    "kind": "TYPE",
}
"""Fields that the oldest rows of layout 1 lack, and their values for these rows."""


class Unreadable(ValueError):
    """The JSON does not fit its class; the message names the field."""


def written(details: Details) -> str:
    """Return details as JSON, in layout `LAYOUT`."""
    values = {each.name: getattr(details, each.name) for each in fields(details) if not _is_default(details, each)}
    return json.dumps({name: _plain(value) for name, value in values.items()})


def _is_default(details: Details, field: Any) -> bool:
    return field.default is not MISSING and getattr(details, field.name) == field.default


def _plain(value: Any) -> Any:
    """Return a mapping as a dict, which json can write; other values unchanged."""
    return dict(value) if isinstance(value, Mapping) else value


@lru_cache(maxsize=1024)  # a crossing reads the same rows many times
def details_from(text: str, layout: int, engine: str, kind: str) -> Details:
    """Return the details of a row of ``rewind_attic``.

    Args:
        text: the JSON.
        layout: the layout of the row, at most `LAYOUT`.
        engine: the engine of the row; ignored for layout 1, whose fields tell the engine.
        kind: ``column``, ``table`` or ``type``.

    Raises:
        Unreadable: if a field is missing, unknown, or of another type, or the engine hides no such kind.
    """
    values = json.loads(text)
    if layout == 1:
        engine = _engine_of(values, kind)
    found = next((each for each in CLASSES if each.engine == engine and issubclass(each, _KINDS[kind])), None)
    if found is None:
        raise Unreadable(f"{engine or 'no engine'} hides no {kind}")
    if layout == 1:
        values = _from_layout_1(values, {each.name for each in fields(found)})
    return _built(found, values)


def _engine_of(values: Mapping[str, Any], kind: str) -> str:
    """Return the engine that wrote a row of layout 1, by fields that no other engine has."""
    if kind == "type" or values.keys() & {"said", "domain", "names"}:
        return "postgresql"
    return "sqlite" if "text" in values else "mysql"


def _from_layout_1(values: Mapping[str, Any], wanted: set[str]) -> dict[str, Any]:
    """Return the fields of the class from a row of layout 1; other fields, which nothing reads, are left out."""
    found = {**_WITHOUT_IN_LAYOUT_1, **{_RENAMED.get(name, name): value for name, value in values.items()}}
    if side := found.get("side"):
        found["side"] = [side["definition"], side["behind"], side.get("types", [])]
    return {name: value for name, value in found.items() if name in wanted}


def _built(kind: type[Details], values: Mapping[str, Any]) -> Details:
    known, types = {each.name: each for each in fields(kind)}, get_type_hints(kind)
    if unknown := sorted(values.keys() - known.keys()):
        raise Unreadable(f"{kind.__name__} has no field {', '.join(unknown)}")
    required = {name for name, each in known.items() if each.default is MISSING}
    if missing := sorted(required - values.keys()):
        raise Unreadable(f"{kind.__name__} lacks the field {', '.join(missing)}")
    return kind(**{name: _read(types[name], value, f"{kind.__name__}.{name}") for name, value in values.items()})


def _read(wanted: Any, value: Any, where: str) -> Any:
    """Convert a JSON value to the type of its field."""
    origin, parts = get_origin(wanted), get_args(wanted)
    if origin is UnionType:
        return None if value is None else _read(parts[0], value, where)
    if origin is tuple:
        return tuple(_read(parts[0], each, where) for each in _checked(value, list, where))
    if origin is Mapping:
        return {name: _read(parts[1], each, where) for name, each in _checked(value, dict, where).items()}
    if issubclass(wanted, tuple):
        return _read_named(wanted, _checked(value, list, where), where)
    return _checked(value, wanted, where)


def _read_named(wanted: Any, values: Sequence[Any], where: str) -> Any:
    types = get_type_hints(wanted)
    if not len(types) - len(wanted._field_defaults) <= len(values) <= len(types):
        raise Unreadable(f"{where} has a {wanted.__name__} of {len(values)} values")
    return wanted(*(_read(kind, each, where) for kind, each in zip(types.values(), values, strict=False)))


def _checked(value: Any, kind: type, where: str) -> Any:
    if not isinstance(value, kind):
        raise Unreadable(f"{where} is {value!r}, which is not of type {kind.__name__}")
    return value
