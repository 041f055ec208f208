"""Check each name in a draft against its imports, and add missing imports where they can be derived.

Nothing is imported and the draft is not executed: names are looked up in the modules that the app has loaded.
"""

import ast
import builtins
import symtable
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import alembic.op
import sqlalchemy

from flask_rewind.errors import BadScript
from flask_rewind.generation.readable import is_importable

RENDERING = "https://alembic.sqlalchemy.org/en/latest/autogenerate.html#affecting-the-rendering-of-types-themselves"

_UNKNOWN = object()
"""The value of a name that cannot be looked up."""


@dataclass(frozen=True, slots=True)
class _Chain:
    """A dotted name that the draft uses."""

    parts: tuple[str, ...]
    line: int

    def __str__(self) -> str:
        return ".".join(self.parts)


def complete_imports(render: Callable[[str], str], imports: str, types: Collection[type]) -> str:
    """Return `imports` with those that the draft lacks.

    Args:
        render: returns the whole script with given imports.
        imports: lines of imports, as Alembic collected them.
        types: the classes of the types in the draft.

    Raises:
        BadScript: if the script is not valid Python, or no import can be derived for a name.
    """
    text = render(imports)
    for chain in _unresolved(text):
        line = _import_of(chain, types, _imported(ast.parse(text)))
        if line and line not in imports.splitlines():
            imports = f"{imports}\n{line}".strip()
    text = render(imports)
    if missing := _unresolved(text):
        raise _unknown_names(text, missing)
    return imports


def _unresolved(text: str) -> list[_Chain]:
    try:
        tree, table = ast.parse(text), symtable.symtable(text, "draft", "exec")
    except SyntaxError as error:
        raise _no_python(text, error) from error
    found = _imported(tree)
    if "*" in found:
        return []
    free = _free_names(table)
    return [chain for chain in _chains(tree) if chain.parts[0] in free or not _is_reached(chain, found)]


def _free_names(table: symtable.SymbolTable) -> set[str]:
    """Return the names that a function reads and nothing in the module binds."""
    bound = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    }
    read = {
        symbol.get_name()
        for scope in _scopes(table)
        for symbol in scope.get_symbols()
        if symbol.is_referenced() and (symbol.is_global() or scope is table)
    }
    return {name for name in read - bound if not hasattr(builtins, name) and not name.startswith("__")}


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)


def _chains(node: ast.AST) -> Iterator[_Chain]:
    attributes: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute):
        attributes.insert(0, inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name):
        yield _Chain((inner.id, *attributes), inner.lineno)
    else:
        for child in ast.iter_child_nodes(inner):
            yield from _chains(child)


def _imported(tree: ast.AST) -> dict[str, Any]:
    """Return the value of each imported name, if its module is loaded; ``*`` is a key if a star import is used."""
    found: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.name if alias.asname else alias.name.partition(".")[0]
                found[alias.asname or name] = sys.modules.get(name, _UNKNOWN)
        elif isinstance(node, ast.ImportFrom):
            module = sys.modules.get(node.module or "") if not node.level else None
            for alias in node.names:
                found[alias.asname or alias.name] = getattr(module, alias.name, _UNKNOWN)
    return found


def _is_reached(chain: _Chain, found: dict[str, Any]) -> bool:
    return _has(found.get(chain.parts[0], _UNKNOWN), chain.parts[1:])


def _has(holder: Any, attributes: Collection[str]) -> bool:
    for name in attributes:
        if not isinstance(holder, ModuleType | type) or holder is alembic.op:  # it gets its directives at run time
            return True
        if not hasattr(holder, name):
            return False
        holder = getattr(holder, name)
    return True


def _import_of(chain: _Chain, types: Collection[type], found: Collection[str]) -> str | None:
    """Return the import that defines a name: of its module, of a type's module under an alias, or of the name."""
    parts = chain.parts
    for length in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:length])
        if name in sys.modules and name != "__main__" and _has(sys.modules[name], parts[length:]):
            return f"import {name}"
    kinds = [kind for kind in types if kind.__name__ == parts[-1] and is_importable(kind)]
    if len(parts) == 2 and kinds and parts[0] not in found:
        return f"import {kinds[0].__module__} as {parts[0]}"
    if len(parts) != 1:
        return None
    if kinds:
        return f"from {kinds[0].__module__} import {parts[0]}"
    return f"from sqlalchemy import {parts[0]}" if hasattr(sqlalchemy, parts[0]) else None


def _no_python(text: str, error: SyntaxError) -> BadScript:
    return BadScript(
        f"Line {error.lineno} of the new script would not be valid Python:\n  {_line(text, error.lineno or 0)}",
        "Nothing was written. If the line contains an object of the models, give its class a __repr__ that returns "
        f"Python code, or write it yourself with a render_item in env.py: {RENDERING}",
    )


def _unknown_names(text: str, missing: list[_Chain]) -> BadScript:
    lines = "\n".join(f"  line {each.line}: {each} in {_line(text, each.line)}" for each in missing)
    names = ", ".join(sorted({str(each) for each in missing}))
    return BadScript(
        f"The new script would use names that it does not import:\n{lines}",
        f"Nothing was written. Add the import of {names} to script.py.mako in the migrations directory, for example "
        f"below `import sqlalchemy as sa`, or write the type yourself with a render_item in env.py: {RENDERING}",
    )


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""
