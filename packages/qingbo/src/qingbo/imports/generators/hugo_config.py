"""Reads the configuration of Hugo: one file, and the files in `config/_default`, each of which is a part of it.

Rules: https://gohugo.io/configuration/introduction/, Hugo 0.140.
"""

from pathlib import Path
from typing import Any

from qingbo.imports.generators.config_files import read_config

MAIN_FILES = (
    "hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config/_default/hugo.toml", "config/_default/hugo.yaml",
    "config.toml", "config.yaml", "config.yml", "config.json", "config/_default/config.toml",
    "config/_default/config.yaml",
)  # fmt: skip
FOLDER = "config/_default"
_MAIN = {"hugo", "config"}
_SUFFIXES = {".toml", ".yaml", ".yml", ".json"}


def read_hugo_config(root: Path) -> tuple[dict[str, Any], str]:
    """Return the configuration of the site in a folder, and why a part of it cannot be read, if so."""
    config, problem = read_config(root / each for each in MAIN_FILES)
    folder = root / FOLDER
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        name, _, language = path.stem.lower().partition(".")
        if path.suffix not in _SUFFIXES or name in _MAIN:
            continue
        found, its_problem = read_config([path])
        problem = problem or its_problem
        if not language:
            _table(config, name).update(found)
        elif name == "languages":  # languages.en.toml is the table languages.en
            _table(_table(config, name), language).update(found)
    return config, problem


def _table(config: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a table of the configuration, made if need be."""
    if not isinstance(config.get(name), dict):
        config[name] = {}
    table: dict[str, Any] = config[name]
    return table
