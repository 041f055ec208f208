"""Each package declares what it imports; an indirect requirement may disappear with the next release of another."""

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
TYPES_ONLY = {"_typeshed"}


def imported(source: Path) -> set[str]:
    """Return the top-level modules that are imported under a folder, its own and Python's left out."""
    found = set()
    for path in source.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {each.name.split(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - TYPES_ONLY - {source.name}


@pytest.mark.parametrize("name", ["flask-rewind", "qingbo"])
def test_what_a_package_imports_is_declared(name: str) -> None:
    project = tomllib.loads((ROOT / f"packages/{name}/pyproject.toml").read_text())["project"]
    optional = [each for some in project.get("optional-dependencies", {}).values() for each in some]
    declared = {canonicalize_name(Requirement(each).name) for each in [*project["dependencies"], *optional]}
    brought = packages_distributions()
    missing = {
        module
        for module in imported(ROOT / f"packages/{name}/src" / name.replace("-", "_"))
        if not declared & {canonicalize_name(each) for each in brought.get(module, [module])}
    }
    assert missing == set()
