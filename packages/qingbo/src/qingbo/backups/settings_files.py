"""The settings file in a backup, with or without secrets, and how it comes back into a blog."""

import tomllib
from typing import Any

import tomlkit

from qingbo.home import DataFolder, write_private

PLACES = frozenset({"database_url", "redis_url", "s3_bucket", "s3_endpoint", "s3_region", "s3_key_id", "s3_secret"})
"""Settings that say where the blog's data is. A restore never changes them: they belong to the machine."""
SECRETS = frozenset({"mail_password", "metrics_token"})


def text_to_keep(folder: DataFolder, *, with_secrets: bool) -> str:
    """Return the text of the settings file. Without secrets it has no comments either: they may contain some."""
    text = folder.settings.read_text(encoding="utf-8") if folder.settings.exists() else ""
    if with_secrets:
        return text
    values = tomllib.loads(text)
    return tomlkit.dumps({name: value for name, value in values.items() if name not in PLACES | SECRETS})


def bring_back(folder: DataFolder, text: str) -> tuple[list[str], list[str]]:
    """Add the settings of a backup to the file of a blog; its own values and comments stay.

    Returns:
        The names of settings that were added, and of those that have another value here and were left as they are.
    """
    here = folder.settings.read_text(encoding="utf-8") if folder.settings.exists() else ""
    document = tomlkit.parse(here)
    wanted: dict[str, Any] = {name: value for name, value in tomllib.loads(text).items() if name not in PLACES}
    own = tomllib.loads(here)
    added = {name: value for name, value in wanted.items() if name not in own}
    if added:
        for name, value in added.items():
            document[name] = value
        write_private(folder.settings, tomlkit.dumps(document))
    return sorted(added), sorted(name for name, value in wanted.items() if name in own and own[name] != value)
