"""A folder of Markdown files becomes posts, again and again: nothing twice, what changed updated, nothing lost."""

import os
from collections.abc import Callable, Sequence
from datetime import timedelta, tzinfo
from pathlib import Path, PurePath

from sqlalchemy.orm import Session

from qingbo.accounts.models import User
from qingbo.clock import now
from qingbo.imports.identity import KnownFiles, Place
from qingbo.imports.markdown_file import natural_key
from qingbo.imports.one_file import Import
from qingbo.imports.pictures import Pictures
from qingbo.imports.report import Report
from qingbo.media.place import current_storage

SUFFIXES = {".md", ".markdown"}


def markdown_files(folder: Path) -> list[Path]:
    """Return the Markdown files in a folder and below, in natural order; those behind a dot are left out."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    visible = (path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))
    return sorted(visible, key=lambda path: natural_key(path.relative_to(folder)))


def import_files(
    session: Session,
    files: Sequence[Path],
    author: User,
    zone: tzinfo,
    *,
    folder: Path | None = None,
    overwrite: bool = False,
    progress: Callable[[Path], None] = lambda path: None,
) -> Report:
    """Import the files, each in a transaction of its own: what was done stays, whatever comes after.

    Args:
        session: is committed after each file.
        files: in order; those without a date get one before now, a minute apart, in this order.
        author: of new posts.
        zone: of dates that name no zone.
        folder: in which the files are; without it, the one they share.
        overwrite: take the file where the post was changed here since, or where it is read differently now.
        progress: is called behind each file.
    """
    if not files:
        return Report()
    folder = folder or Path(os.path.commonpath([path.parent for path in files]))
    places = [Place.of(path, folder) for path in files]
    known_files = KnownFiles(session, places)
    pictures = Pictures(session, current_storage(), folder, author.id)
    run = Import(session, known_files, author.id, zone, PurePath(folder.resolve()), pictures, overwrite=overwrite)
    newest = now()
    for number, (path, place) in enumerate(zip(files, places, strict=True)):
        run.take(path, place, newest - timedelta(minutes=len(files) - number))
        progress(path)
    return run.report
