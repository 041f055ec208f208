"""Repairs front matter that YAML refuses or reads as prose, if its meaning is clear. Pure functions."""

import re

import yaml

from qingbo.imports.metadata import LISTS, Composer

_LINE = re.compile(r"""(?P<key>["']?[A-Za-z_][\w-]{0,40}["']?)[ \t]*[:：][ \t\u3000]*(?P<value>.*)""")
_PAIRS = {"[": "]", "{": "}", "(": ")"}


def repaired(front: str) -> str:
    """Return front matter with a space after each key, without tabs, and with quotes where values need them.

    ``title:One``, ``title：One``, ``title: Part 1: One`` and ``title: [One] two`` have one clear meaning.
    """
    lines = front.split("\n")
    return "\n".join(_repaired(line, lines[number + 1 : number + 2]) for number, line in enumerate(lines))


def _repaired(line: str, following: list[str]) -> str:
    bare = line.lstrip("\t")
    line = "  " * (len(line) - len(bare)) + bare
    found = _LINE.fullmatch(line)
    if found is None:
        return line.replace("\t", " ")
    key, value = found["key"], found["value"].replace("\t", " ").strip()
    goes_on = bool(following) and following[0][:1] in {" ", "\t"}
    if value and not goes_on and key not in {*LISTS, "date"} and not _is_yaml(value) and _is_balanced(value):
        value = "'" + value.replace("'", "''") + "'"
    return f"{key}: {value}"


def _is_yaml(value: str) -> bool:
    try:
        return yaml.compose(f"key: {value[:2000]}", Loader=Composer) is not None
    except yaml.YAMLError:
        return False


def _is_balanced(value: str) -> bool:
    """Return whether all brackets and quotes are closed; a value that is cut off has no clear meaning."""
    if value[:1] in {'"', "'"}:
        return value.count(value[0]) % 2 == 0
    return all(value.count(opening) == value.count(closing) for opening, closing in _PAIRS.items())
