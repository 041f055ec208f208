"""Only `engines/` and `sql/` may name a dialect; all differences between engines are there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import flask_rewind

SOURCE = Path(flask_rewind.__file__).parent
DIALECTS = {"mysql", "mariadb", "postgresql", "sqlite"}
ALLOWED = {
    "engines",
    "sql",
    "details",  # rewind_attic keeps the engine's name beside an entry
    "generation/expressions.py",  # the spelling of generated columns
    "generation/readable.py",  # whose own types SQLAlchemy has
}


def names_in(tree: ast.AST) -> Iterator[str]:
    """Yield the dialects that a module names, but for those of `with_variant`, by which SQLAlchemy has column types."""
    variants = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "with_variant"
        for argument in node.args
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in DIALECTS and id(node) not in variants:
            yield node.value


def test_only_engines_and_sql_name_a_dialect() -> None:
    found = {
        str(path.relative_to(SOURCE)): sorted(names_in(ast.parse(path.read_text())))
        for path in SOURCE.rglob("*.py")
        if "templates" not in path.parts
    }
    naming = {path for path, names in found.items() if names}
    assert not [path for path in naming if path not in ALLOWED and path.split("/")[0] not in ALLOWED]
    assert all(any(path == each or path.startswith(f"{each}/") for path in naming) for each in ALLOWED)
