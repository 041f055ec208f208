"""Copy an attic to another database of the same engine: the definitions here, the rows by the caller."""

import json
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from sqlalchemy import Connection

from flask_rewind.attic_entries import Attic
from flask_rewind.attic_entries.stored import as_data, store
from flask_rewind.describing import Part
from flask_rewind.details import TITLES
from flask_rewind.engines.registry import engine_of, hidden_schema_of, hider_of
from flask_rewind.errors import BadRequest, Refused
from flask_rewind.purging.opened_attic import OpenedAttic, change_each_attic
from flask_rewind.revisions import Revisions
from flask_rewind.taken_numbers import attic_names

_FORMAT = 1


def definition_of(connection: Connection) -> str:
    """Return the definition of everything hidden in a database as JSON, or an empty text if nothing is hidden."""
    attic, hider = Attic(connection), hider_of(connection)
    entries = attic.entries()
    if not entries or hider is None:
        return ""
    parts = [astuple(each) for each in hidden_schema_of(hider).read()]
    data = {"format": _FORMAT, "engine": attic.engine, "entries": as_data(entries), "parts": parts}
    return json.dumps(data, ensure_ascii=False)


def create(revisions: Revisions, definition: str, bind: str) -> None:
    """Create what a definition says in one database, without rows, and its entries.

    Raises:
        BadRequest: if the definition is not one, or a newer version wrote it.
        Refused: if something is hidden there already, or the definition cannot be used there.
    """
    data, parts = _read(definition)

    def work(attic: OpenedAttic, heads: tuple[str, ...]) -> None:
        if attic.bind == bind:
            _refuse(attic, data, parts)
            _create(attic, data["entries"], parts)

    change_each_attic(revisions, "What is hidden was not created", work)


def _read(definition: str) -> tuple[dict[str, Any], list[Part]]:
    try:
        data = json.loads(definition)
        newer = data["format"] > _FORMAT
        parts = [] if newer else [Part(*each) for each in data["parts"]]
        known = data["engine"] in TITLES and isinstance(data["entries"], list)
    except (ValueError, KeyError, TypeError) as error:
        raise BadRequest(
            "This is no definition of an attic.", "Use the text that attic_definition returned."
        ) from error
    if newer or not known:
        raise BadRequest("A newer version of Flask-Rewind wrote this definition of an attic.", "Install that version.")
    return data, parts


def _refuse(attic: OpenedAttic, data: dict[str, Any], parts: Sequence[Part]) -> None:
    if data["engine"] != attic.entries.engine:
        there, here = TITLES[data["engine"]], TITLES[attic.entries.engine]
        raise Refused(f"{there} hid what this definition describes, and this database is {here}.")
    if names := sorted(attic_names(attic.connection, None)):
        raise Refused(
            f"the database has hidden things already: {', '.join(names[:5])}.", "Delete them: flask db purge --all"
        )
    schemas = {entry["table_schema"] for entry in data["entries"]} - {None}
    if schemas:
        raise Refused(f"something is hidden in another schema than the default one: {', '.join(sorted(schemas))}.")
    hidden_schema_of(attic.hider).refuse(parts)


def _create(attic: OpenedAttic, entries: list[dict[str, Any]], parts: Sequence[Part]) -> None:
    commits = engine_of(attic.connection).commits_each_ddl_statement
    store(attic.connection, entries)  # before the things: so that `purge` can find them after a crash
    try:
        hidden_schema_of(attic.hider).create(parts)
    except BaseException:
        if commits:
            _take_back(attic)
        raise


def _take_back(attic: OpenedAttic) -> None:
    """Delete what was created so far, on an engine that has committed it."""
    for entry in reversed(attic.entries.entries()):
        attic.purge(entry)
    attic.entries.drop_if_empty()
    attic.connection.exec_driver_sql("COMMIT")
