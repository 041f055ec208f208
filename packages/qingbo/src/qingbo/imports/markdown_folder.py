"""A folder of Markdown files becomes posts, again and again: nothing twice, what changed updated, nothing lost."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from qingbo.accounts.models import User
from qingbo.clock import now
from qingbo.errors import InputRefused
from qingbo.imports.markdown_file import BadFile, MarkdownFile, natural_key, read_markdown
from qingbo.imports.models import ImportedFile
from qingbo.posts.models import TEXT_LENGTH
from qingbo.posts.publishing import Draft, create_post, update_post

SUFFIXES = {".md", ".markdown"}
MAX_BYTES = TEXT_LENGTH * 4 + 100_000


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that was left out."""

    path: Path
    reason: str


@dataclass(slots=True)
class Report:
    """What an import did: counts by outcome (new, updated, unchanged, deleted here), and what it left out."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)


class _Skipped(Exception):
    """The file is left out; the text says why."""


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
    overwrite: bool = False,
    progress: Callable[[Path], None] = lambda path: None,
) -> Report:
    """Import the files, each in a transaction of its own: what was done stays, whatever comes after.

    Args:
        session: is committed after each file.
        files: in order; those without a date get one before now, a minute apart, in this order.
        author: of new posts.
        zone: of dates that name no zone.
        overwrite: take the file's text where the post was changed here since.
        progress: is called behind each file.
    """
    report = Report()
    newest = now()
    author_id = author.id
    for place, path in enumerate(files):
        fallback = newest - timedelta(minutes=len(files) - place)
        try:
            content = _content(path)
            parsed = read_markdown(path, content, zone)
            draft = Draft(
                parsed.title,
                parsed.text,
                parsed.tags,
                None if parsed.is_draft else parsed.date or fallback,
                parsed.slug,
            )
            outcome = _take(session, path, content, draft, parsed, author_id, overwrite)
            session.commit()
            report.counts[outcome] += 1
        except (OSError, BadFile, InputRefused, _Skipped) as error:
            session.rollback()
            report.problems.append(Problem(path, str(error)))
        progress(path)
    return report


def _content(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise _Skipped(f"is larger than {MAX_BYTES} bytes")
    return path.read_bytes()


def _take(
    session: Session, path: Path, content: bytes, draft: Draft, parsed: MarkdownFile, author_id: int, overwrite: bool
) -> str:
    address, digest = str(path.resolve()), hashlib.sha256(content).hexdigest()
    path_digest = hashlib.sha256(address.encode(errors="surrogateescape")).hexdigest()
    wanted = select(ImportedFile).where(ImportedFile.path_digest == path_digest)
    known = session.scalar(wanted.options(joinedload(ImportedFile.post)))
    if known is None:
        post = create_post(session, session.get_one(User, author_id), draft)
        shown = address.encode(errors="replace").decode()
        session.add(
            ImportedFile(path_digest=path_digest, path=shown, post=post, digest=digest, imported_at=post.updated_at)
        )
        return "new"
    if known.post is None:
        return "deleted here"
    if known.digest == digest:
        return "unchanged"
    if known.post.updated_at != known.imported_at and not overwrite:
        raise _Skipped("changed, and so did its post here since; --overwrite takes the file's text")
    date = None if parsed.is_draft else parsed.date or known.post.published_at or draft.published_at
    update_post(session, known.post, Draft(draft.title, draft.text, draft.tags, date, draft.slug))
    known.digest, known.imported_at = digest, known.post.updated_at
    return "updated"
