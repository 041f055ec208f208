"""The backup of each night: when one is due, where it goes, which old ones are deleted."""

import logging
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask

from qingbo.backups.making import make_backup
from qingbo.backups.places import NIGHTLY, Listed, listed, place_for
from qingbo.clock import now
from qingbo.config import Settings
from qingbo.errors import BackupFailed
from qingbo.extensions import session
from qingbo.home import DataFolder
from qingbo.media.storage import folder as private_folder
from qingbo.serve_lock import locked
from qingbo.site_settings import current_zone

HOUR = 3
"""Of the blog's time zone. A server that did not run then makes the backup when it starts."""
LEFTOVER_AGE = timedelta(days=1)
"""After which a file of a killed backup is deleted."""

log = logging.getLogger(__name__)


def nightly_backups(folder: DataFolder) -> list[Listed]:
    """Return the nightly backups, the newest first."""
    return [each for each in listed(folder) if each.reason == NIGHTLY]


def is_due(folder: DataFolder, zone: ZoneInfo) -> bool:
    """Return whether there is no backup since the last night; a new blog gets its first one after its first night."""
    moment = now().astimezone(zone)
    last_night = moment.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if last_night > moment:
        last_night -= timedelta(days=1)
    newest = next((each.made_at for each in nightly_backups(folder)), None)
    return (newest or folder.made_at) < last_night


def begin_if_due(app: Flask) -> None:
    """Start a process that makes the backup, if one is due. The server goes on meanwhile."""
    folder: DataFolder = app.extensions["qingbo_home"]
    settings: Settings = app.extensions["qingbo_settings"]
    with app.app_context():
        zone = current_zone()
        session().rollback()
    if settings.nightly_backups and is_due(folder, zone):
        threading.Thread(target=_run, args=[folder], name="nightly", daemon=True).start()


def make_nightly(folder: DataFolder, kept: int) -> Path | None:
    """Make a nightly backup of the current app's blog and delete the oldest ones.

    Args:
        folder: the data folder.
        kept: how many nightly backups stay.

    Returns:
        Its path, or None if another process has made one in the meantime.

    Raises:
        BackupFailed: if there is no room for it, or it cannot be made.
    """
    began_at = now()
    private_folder(folder.backups)
    with locked(folder.backups / ".lock"):
        before = nightly_backups(folder)
        if before and before[0].made_at > began_at:
            return None
        _delete_leftovers(folder)
        _require_room(folder, before)
        path = place_for(folder, NIGHTLY)
        make_backup(path)
        for each in nightly_backups(folder)[max(kept, 1) :]:
            each.path.unlink(missing_ok=True)
    return path


def _run(folder: DataFolder) -> None:
    # A process of its own: it takes minutes for a large blog, and shares no core with the answers of this one.
    command = [sys.executable, "-m", "qingbo", "--home", str(folder.path), "backup", "--nightly"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        log.error("The nightly backup was not made: %s", result.stderr.strip()[-1000:])


def _require_room(folder: DataFolder, before: list[Listed]) -> None:
    """Refuse to fill the disk: the blog needs it, too."""
    needed = 2 * before[0].bytes if before else 0
    free = shutil.disk_usage(folder.backups).free
    if free < needed:
        raise BackupFailed(
            f"{folder.backups} has {free / 1e6:,.0f} MB free, and a backup needs about {needed / 1e6:,.0f} MB.",
            "Free some space, or keep fewer: nightly_backups in qingbo.toml.",
        )


def _delete_leftovers(folder: DataFolder) -> None:
    for path in folder.backups.glob(".*.zip.*"):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now() - LEFTOVER_AGE:
            path.unlink(missing_ok=True)
