"""Render types, defaults and table options of the models so that the script is valid Python that SQLAlchemy takes."""

import ast
import inspect
import re
import sys
from collections.abc import Callable
from keyword import iskeyword
from types import ModuleType
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.ddl.impl import DefaultImpl
from alembic.operations.ops import CreateTableOp, OpContainer
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, DefaultClause, TextClause, text
from sqlalchemy.types import TypeDecorator, TypeEngine

from flask_rewind.alembic_private import rendered_default, rendered_type
from flask_rewind.generation.walking import all_of

RenderItem = Callable[[str, Any, Any], Any]

ENGINES = ("mysql", "mariadb", "postgresql", "sqlite")
"""Dialects on which a type of the app may have a different database type."""


class ReadableTypes:
    """Renders the types of a draft that env.py does not render itself, and remembers their classes."""

    def __init__(self) -> None:
        self.seen: set[type] = set()

    def install(self, context: MigrationContext) -> None:
        """Wrap the ``render_item`` of env.py, and the method with which Alembic renders SQL expressions."""
        _escape_expressions(context.impl)
        render_item = context.opts.get("render_item")
        if not isinstance(getattr(render_item, "__self__", None), _Rendering):
            context.opts["render_item"] = _Rendering(self.seen, render_item).render


_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w+(?!:))")
"""Matches a colon that ``text()`` would read as the start of a parameter."""


def _escape_expressions(implementation: DefaultImpl) -> None:
    r"""Let Alembic write expressions as ``text()`` reads them: it doubles ``%`` and removes ``\`` before a colon."""
    render = implementation.render_ddl_sql_expr
    has_escaped_percents = str(text("%").compile(dialect=implementation.dialect)) == "%%"

    def render_escaped(expression: Any, *, is_index: bool = False, **options: Any) -> str:
        sql = render(expression, is_index=is_index, **options)
        sql = sql.replace("%%", "%") if has_escaped_percents else sql
        return sql if is_index else _PARAMETER.sub(r"\\:", sql)

    implementation.render_ddl_sql_expr = render_escaped  # type: ignore[method-assign,assignment]


class _Rendering:
    def __init__(self, seen: set[type], of_env: RenderItem | None) -> None:
        self._seen = seen
        self._of_env = of_env

    def render(self, kind: str, item: Any, context: AutogenContext) -> Any:
        rendered = self._of_env(kind, item, context) if self._of_env else False
        if rendered is not False:
            return rendered
        if kind == "type":
            return self._type(item, context)
        return _default(item, context) if kind == "server_default" else False

    def _type(self, item: Any, context: AutogenContext) -> Any:
        self._seen.update(_classes(item))
        if isinstance(item, TypeDecorator) and not _is_written_by_repr(item, context):
            return rendered_type(_type_of_database(item), context)
        return False


def _default(item: Any, context: AutogenContext) -> Any:
    """Render a default that is of a subclass of str, such as a member of an enum; return False for others."""
    value = getattr(item, "arg", None)
    if not isinstance(value, str) or type(value) is str:
        return False
    return rendered_default(DefaultClause(str.__str__(value)), context)


def make_readable(operations: OpContainer) -> None:
    """Leave values that are not literals out of the ``info`` of tables, and write ``text()`` in options as a string."""
    for table in all_of(operations, CreateTableOp):
        table.info = {key: value for key, value in table.info.items() if _is_literal((key, value))}
        table.kw.update({key: value.text for key, value in table.kw.items() if isinstance(value, TextClause)})


def _is_literal(value: Any) -> bool:
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError):
        return False


def _classes(kind: TypeEngine[Any]) -> set[type]:
    """Return the class of a type and the classes of the types inside it."""
    inside = [value for value in vars(kind).values() if isinstance(value, TypeEngine)]
    return {type(kind)}.union(*map(_classes, inside)) if inside else {type(kind)}


def _is_written_by_repr(kind: TypeDecorator[Any], context: AutogenContext) -> bool:
    """Return whether the ``repr`` of a type is a valid call, with valid arguments, of a class that can be imported."""
    try:
        call = ast.parse(repr(kind), mode="eval").body
    except SyntaxError:
        return False
    if not isinstance(call, ast.Call):
        return False
    is_named_by_module = context.opts["user_module_prefix"] is None
    return (not is_named_by_module or is_importable(type(kind))) and _takes(type(kind), call)


def is_importable(kind: type) -> bool:
    """Return whether a class can be imported from its module under its own name."""
    name = kind.__module__
    module = sys.modules.get(name)
    can_be_named = name != "__main__" and all(part.isidentifier() and not iskeyword(part) for part in name.split("."))
    return can_be_named and isinstance(module, ModuleType) and vars(module).get(kind.__name__) is kind


def _takes(kind: type, call: ast.Call) -> bool:
    try:
        signature = inspect.signature(kind)
        signature.bind(*call.args, **{argument.arg: argument for argument in call.keywords if argument.arg})
    except ValueError:  # a class without a signature
        return True
    except TypeError:
        return False
    return True


def _type_of_database(kind: TypeDecorator[Any]) -> TypeEngine[Any]:
    """Return the database type of a type of the app, with variants for the engines where it differs."""
    made: TypeEngine[Any] = kind.impl if isinstance(kind.impl, TypeEngine) else kind.impl()
    for name in ENGINES:
        own = _public(kind.load_dialect_impl(URL.create(name).get_dialect()()))
        if repr(own) != repr(made) and not isinstance(own, type(kind)):
            made = made.with_variant(own, name)
    return made


def _public(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return the type, or a generic one if the dialect's package does not export its class."""
    package = ".".join(type(kind).__module__.split(".")[:3])
    if package.startswith("sqlalchemy.dialects.") and not hasattr(sys.modules[package], type(kind).__name__):
        return kind.as_generic(allow_nulltype=True)
    return kind
