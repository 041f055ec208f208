"""Typed settings, read once from ``app.config``; unknown ``REWIND_…`` keys are refused by name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from flask_rewind.errors import BadSetting

PREFIX = "REWIND_"


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is the key ``REWIND_<FIELD>`` of ``app.config``."""

    sqlite_copies: int = 3
    """How many verified copies of a SQLite file are kept; a move makes one first. 0 makes none."""

    sqlite_copies_directory: str | None = None
    """Where the copies go; by default ``<database file>.copies`` beside the file."""

    lease_timeout: float = 60
    """Seconds that a move waits for another move of the same database, and on SQLite for another program that
    writes."""

    budget: float = 180
    """Seconds that a move may spend waiting for locks that other sessions hold; 0 lets it try once."""

    derived: Collection[str] = ()
    """Tables, and columns as ``table.column``, that only repeat other data, such as a search index. They are dropped,
    not hidden."""


def read_settings(config: Mapping[str, Any]) -> Settings:
    """Return the settings in `config`.

    Raises:
        BadSetting: for an unknown ``REWIND_…`` key, or a value of the wrong type.
    """
    given = {key: value for key, value in config.items() if key.startswith(PREFIX)}
    known = {PREFIX + field.name.upper(): field.name for field in fields(Settings)}
    for key in given:
        if key not in known:
            raise BadSetting(f"Unknown setting {key}.", f"Known settings: {', '.join(sorted(known))}.")
    settings = Settings(**{known[key]: value for key, value in given.items()})
    _refuse_bad_values(settings)
    return settings


def _refuse_bad_values(settings: Settings) -> None:
    copies = settings.sqlite_copies
    if isinstance(copies, bool) or not isinstance(copies, int) or copies < 0:
        raise BadSetting(f"REWIND_SQLITE_COPIES is {copies!r}.", "Set it to a whole number, 0 or more.")
    directory = settings.sqlite_copies_directory
    if directory is not None and not isinstance(directory, str):
        raise BadSetting(f"REWIND_SQLITE_COPIES_DIRECTORY is {directory!r}.", "Set it to the path of a folder.")
    for name in ("lease_timeout", "budget"):
        seconds = getattr(settings, name)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
            raise BadSetting(f"{PREFIX}{name.upper()} is {seconds!r}.", "Set it to a number of seconds, 0 or more.")
    derived = settings.derived
    if isinstance(derived, str) or not isinstance(derived, Collection) or not all(isinstance(x, str) for x in derived):
        raise BadSetting(f"REWIND_DERIVED is {derived!r}.", "Set it to a list of names: table, or table.column.")
