"""Which modules of Flask-Rewind import Alembic or Mako. Add a new one to the list only on purpose."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "packages/flask-rewind/src/flask_rewind"
MAY_IMPORT_ALEMBIC = """
    alembic_private
    commands/inspecting
    commands/scripts
    crossing/database_move
    crossing/journal_downgrade
    crossing/guarded_script
    crossing/moved_database
    crossing/revision_steps
    recovery/recovery
    recovery/taking_back
    purging/opened_attic
    generation/__init__
    generation/computed
    generation/defaults
    generation/drops
    generation/enums
    generation/hidden
    generation/imports
    generation/key_indexes
    generation/names
    generation/readable
    generation/renames
    generation/renaming
    generation/walking
    keeper/context
    listing
    moves/failures
    moves/moving
    moves/recovering
    moves/resuming
    moves/plans
    moves/offline
    moves/stamping
    moves/targets
    revisions/configuration
    revisions/directory
    revisions/environment
    translation
    writing
"""


def test_alembic_is_imported_only_by_the_modules_listed_here() -> None:
    sources = [path for path in SOURCE.rglob("*.py") if "templates" not in path.parts]  # the user's files, once made
    importing = {
        str(path.relative_to(SOURCE).with_suffix("")) for path in sources if {"alembic", "mako"} & _imported(path)
    }
    assert importing == set(MAY_IMPORT_ALEMBIC.split())


def _imported(path: Path) -> set[str]:
    """Return the packages that a module imports, wherever in it the import is."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).partition(".")[0])
        elif isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
    return found
