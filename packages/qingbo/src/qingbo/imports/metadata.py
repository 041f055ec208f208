"""Parses front matter in YAML, TOML or JSON. Scalars keep their spelling. Pure functions."""

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

import yaml

MAX_DEPTH = 20
MAX_VALUES = 5_000
"""A YAML alias counts each time it is used."""
QUOTES = 'put a value that has a colon, a bracket or a # in quotes: title: "Part 1: One"'
NULLS = {"", "~", "null", "Null", "NULL"}
LISTS = ("tags", "tag", "categories", "category")

Value = str | list[Any] | dict[str, Any] | None
_KEY = re.compile(r"""[ \t]*["']?(?P<key>[A-Za-z_][\w -]{0,40}?)["']?[ \t]*[:：=](?!//)""")
_DOTTED = re.compile(r"""(?<![\w"'.-])(?:[\w"'-]+[ \t]*\.[ \t]*){20}""")
_ISO_DATE = re.compile(r"\b\d{4}-\d\d-\d\d")
_STR = yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG


class NotReadable(ValueError):
    """The lines are not valid in this notation."""

    def __init__(self, problem: str, line: int = 0, hint: str = "") -> None:
        super().__init__(problem)
        self.line = line
        """Within the front matter, counted from 0."""
        self.hint = hint


@dataclass(slots=True)
class Metadata:
    """The parsed front matter."""

    values: dict[str, Value] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    """The line of each key in the front matter, counted from 0."""
    swallowed: list[tuple[str, int]] = field(default_factory=list)
    """Keys with wrong indentation, which YAML reads as part of the value above, and their lines."""
    commented: set[str] = field(default_factory=set)
    """Keys with a comment in place of a value."""

    def add(self, key: str, value: Value, line: int) -> None:
        """Add a key; the same key with two different values is ambiguous."""
        key = key.strip().lower()
        if key in self.values and self.values[key] != value:
            raise NotReadable(f"{key} has two values", line, "delete one of them")
        self.values[key] = value
        self.lines.setdefault(key, line)


def key_in(line: str) -> str | None:
    """Return the key at the beginning of a line, or None."""
    found = _KEY.match(line)
    return found["key"].strip().lower() if found else None


def read_yaml(text: str) -> Metadata | None:
    """Read YAML; return None if it is not a mapping, for example prose.

    Raises:
        NotReadable: with the line.
    """
    try:
        node = yaml.compose(text, Loader=Composer)
    except yaml.MarkedYAMLError as error:
        raise _line_of(error, text) from None
    except yaml.reader.ReaderError as error:
        raise NotReadable("it has a control character", text.count("\n", 0, error.position)) from None
    if node is None:
        return Metadata()
    if not isinstance(node, yaml.MappingNode):
        return None
    return _Mapping(text, node).read()


def read_toml(text: str) -> Metadata | None:
    """Read TOML. Raises NotReadable with the line."""
    try:
        if _DOTTED.search(text):
            raise RecursionError
        values = tomllib.loads(text, parse_float=str)
    except (ValueError, RecursionError) as error:
        is_about_date = not isinstance(error, tomllib.TOMLDecodeError) or "date" in str(error)
        if is_about_date and (impossible := _impossible_date(text)):
            raise impossible from None
        found = re.search(r" \(at line (\d+).*", str(error))
        problem = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        problem = problem[: found.start()] if found else problem
        raise NotReadable(problem, int(found[1]) - 1 if found else 0, QUOTES) from None
    return _metadata(values, text)


def _impossible_date(text: str) -> NotReadable | None:
    """Return the error for a date such as 2024-02-30, of which `tomllib` does not always tell the line."""
    for number, line in enumerate(text.split("\n")):
        for written in _ISO_DATE.findall(line):
            try:
                date.fromisoformat(written)
            except ValueError as error:
                return NotReadable(f"{written} is no date: {error}", number, "write an existing day")
    return None


def read_json(text: str) -> Metadata | None:
    """Read a JSON object, with or without its braces. Raises NotReadable with the line."""
    inside = text.strip()
    start = text[: len(text) - len(text.lstrip())].count("\n")
    if not inside.startswith("{"):
        inside = "{" + inside.rstrip(",") + "}"
    try:
        values, end = decode_json(inside)
    except NotReadable as error:
        raise NotReadable(str(error), start + error.line, error.hint) from None
    if inside[end:].strip():
        raise NotReadable("there is more behind the JSON object", start + inside.count("\n", 0, end))
    return values


def decode_json(text: str) -> tuple[Metadata, int]:
    """Read the JSON object at the beginning of a text, and return it and its end. Raises NotReadable."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_pairs)
    try:
        values, end = decoder.raw_decode(text)
    except json.JSONDecodeError as error:
        raise NotReadable(error.msg, error.lineno - 1, "look at the quotes and commas around it") from None
    except RecursionError:
        raise NotReadable("it is nested too deeply") from None
    return _metadata(values, text), end


class Composer(yaml.BaseLoader):
    """PyYAML's BaseLoader with a limit on nesting, which takes time."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose a node unless it is nested too deeply."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem="it is nested too deeply", problem_mark=self.get_mark())
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Mapping:
    """Converts the top-level YAML mapping to values."""

    def __init__(self, text: str, node: yaml.MappingNode) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.node = node
        self.metadata = Metadata()
        self.count = 0

    def read(self) -> Metadata:
        merged = []
        for key, value in self.node.value:
            if key.value == "<<" and not isinstance(value, yaml.ScalarNode):
                merged.append(value)
                continue
            self._take(key, value)
        for value in merged:
            self._merge(value)
        return self.metadata

    def _take(self, key: Any, value: Any) -> None:
        if not isinstance(key, yaml.ScalarNode):
            raise NotReadable("a key is no word", key.start_mark.line)
        name, line = key.value.strip().lower(), key.start_mark.line
        self.metadata.add(name, self._value(value, name), line)
        self._look_at(name, value)

    def _merge(self, node: Any) -> None:
        for each in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            for key, value in each.value if isinstance(each, yaml.MappingNode) else ():
                self.count += 1
                if str(key.value).strip().lower() not in self.metadata.values and self.count <= MAX_VALUES:
                    self._take(key, value)

    def _look_at(self, name: str, node: Any) -> None:
        if not isinstance(node, yaml.ScalarNode) or node.style in {"|", ">"}:
            return
        first, last = node.start_mark.line, node.end_mark.line
        for number in range(first + 1, min(last + 1, len(self.lines))):
            if key := key_in(self.lines[number]):
                self.metadata.swallowed.append((key, number))
        if (
            node.style is None
            and node.value in NULLS
            and self.lines[first][node.start_mark.column :].strip().startswith("#")
        ):
            self.metadata.commented.add(name)

    def _value(self, node: Any, name: str, depth: int = 0) -> Value:
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_VALUES:
            raise NotReadable("it is nested too deeply, or its aliases repeat too much", node.start_mark.line)
        if isinstance(node, yaml.ScalarNode):
            if node.style is None and node.tag == _STR and node.value in NULLS:
                return None
            return self._written(node) if node.tag != _STR and name in ("title", *LISTS) else str(node.value)
        if isinstance(node, yaml.SequenceNode) and name != "title":
            return [self._value(each, name, depth + 1) for each in node.value]
        if name in ("title", *LISTS) and (depth or name == "title") and "\n" not in self._written(node):
            return self._written(node)  # `title: [a]`, `- Linux: notes`: text that should have been quoted
        if isinstance(node, yaml.SequenceNode):
            raise NotReadable("the title is a list", node.start_mark.line)
        return {str(key.value).lower(): self._value(value, "", depth + 1) for key, value in node.value}

    def _written(self, node: Any) -> str:
        return self.text[node.start_mark.index : node.end_mark.index].strip()


def _line_of(error: yaml.MarkedYAMLError, text: str) -> NotReadable:
    """Return the error with its line: where a bracket or quote opens, rather than where its end is missed."""
    begins = str(error.context).startswith("while scanning") or "flow" in str(error.context)
    mark = error.context_mark if begins and error.context_mark else error.problem_mark
    number = mark.line if mark else 0
    if error.context is None:
        return NotReadable(str(error.problem), number, QUOTES)
    line = text.split("\n")[number : number + 1]
    return NotReadable(f"“{line[0].strip()[:80]}”" if line else str(error.problem), number, QUOTES)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if values.setdefault(key, value) != value:
            raise NotReadable(f"{key} has two values", hint="delete one of them")
    return values


def _metadata(values: dict[str, Any], text: str) -> Metadata:
    """Return the values of TOML or JSON, with scalars as text."""
    metadata = Metadata()
    lines = {key: number for number, line in reversed(list(enumerate(text.split("\n")))) if (key := key_in(line))}
    for key, value in values.items():
        metadata.add(key, plain_value(value), lines.get(key.strip().lower(), 0))
    return metadata


def plain_value(value: Any, depth: int = 0) -> Value:
    """Return a value of TOML or JSON with its scalars as text. Raises NotReadable if it is nested too deeply."""
    if depth > MAX_DEPTH:
        raise NotReadable("it is nested too deeply")
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return [plain_value(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {str(key).lower(): plain_value(each, depth + 1) for key, each in value.items()}
    return value.isoformat() if isinstance(value, date | time) else str(value)


Reader = Callable[[str], Metadata | None]
