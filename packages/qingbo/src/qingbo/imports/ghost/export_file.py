"""Reads Ghost's JSON export in a stream: table by table, row by row. Pure functions."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ijson
from ijson.common import ObjectBuilder

from qingbo.imports.bad_file import BadFile
from qingbo.imports.json_values import storable

PREFIXES = ("db.item.data.", "data.", "result.")
"""Where the tables are: in an export, in an old one, and in a file of Ghost's migration tools."""
MOST_BYTES_TO_LOCATE = 50_000_000
"""Size of a broken file up to which its line is searched for; that needs the whole file in memory."""
HINT = "export it again in Ghost: Settings, Import/Export"

Row = dict[str, Any]


def rows(path: Path, tables: set[str]) -> Iterator[tuple[str, Row]]:
    """Yield the rows of some tables with the name of their table, in the order of the file.

    Raises:
        BadFile: if the file is not whole and valid JSON; earlier rows have been yielded by then.
        OSError: if it cannot be read.
    """
    wanted = {f"{prefix}{table}.item": table for prefix in PREFIXES for table in tables}
    with path.open("rb") as file:
        if file.read(3) != b"\xef\xbb\xbf":
            file.seek(0)
        try:
            yield from _rows(ijson.parse(file, use_float=True), wanted)
        except (ijson.JSONError, UnicodeDecodeError) as error:
            raise _refusal(path, error) from None


def _rows(events: Iterator[tuple[str, str, Any]], wanted: dict[str, str]) -> Iterator[tuple[str, Row]]:
    builder: Any = None
    at = ""
    for prefix, event, value in events:
        if builder is None:
            if event != "start_map" or prefix not in wanted:
                continue
            builder, at = ObjectBuilder(), prefix
        builder.event(event, value)
        if event == "end_map" and prefix == at:
            yield wanted[at], storable(builder.value)
            builder = None


def _refusal(path: Path, error: Exception) -> BadFile:
    line = None
    reason = str(error).strip().partition("\n")[0].removesuffix(".")
    if path.stat().st_size <= MOST_BYTES_TO_LOCATE:
        try:
            json.loads(path.read_bytes())
        except json.JSONDecodeError as located:
            line, reason = located.lineno, f"{located.msg} at column {located.colno}"
        except UnicodeDecodeError:
            reason = "it is not UTF-8"
    return BadFile(f"the JSON is broken: {reason}", line, HINT)
