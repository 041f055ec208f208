"""Imports a folder of Markdown files repeatedly: no duplicates, changed files are updated, nothing is lost."""

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
from qingbo.imports.target import Target

SUFFIXES = {".md", ".markdown"}


def markdown_files(folder: Path) -> list[Path]:
    """Return the Markdown files in a folder and its subfolders in natural order, without hidden ones."""
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
    is_dry: bool = False,
    progress: Callable[[Path], None] = lambda path: None,
) -> Report:
    """Import the files, each in a separate transaction: a later failure does not undo earlier files.

    Args:
        session: is committed after each file.
        files: in order; files without a date get times before now, a minute apart, in this order.
        author: of new posts.
        zone: for dates without a zone.
        folder: that contains the files; None means their common folder.
        overwrite: take the file even if the post was changed here since, or this release reads the file differently.
        is_dry: change nothing; the report is the same.
        progress: is called after each file.
    """
    target = Target.current(session, is_dry=is_dry)
    if not files:
        return target.report
    folder = folder or Path(os.path.commonpath([path.parent for path in files]))
    places = [Place.of(path, folder) for path in files]
    known_files = KnownFiles(session, places)
    pictures = Pictures(target, folder, author.id)
    run = Import(target, known_files, author.id, zone, PurePath(folder.resolve()), pictures, overwrite=overwrite)
    newest = now()
    for number, (path, place) in enumerate(zip(files, places, strict=True)):
        run.take(path, place, newest - timedelta(minutes=len(files) - number))
        progress(path)
    return target.report
