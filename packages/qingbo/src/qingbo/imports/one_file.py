"""Imports one file: as a new post, as an update, or not at all, with the reason."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path, PurePath

from sqlalchemy.orm import Session

from qingbo.accounts.models import User
from qingbo.clock import now
from qingbo.errors import InputRefused
from qingbo.imports.bad_file import BadFile
from qingbo.imports.decision import Decision, decide
from qingbo.imports.doubts import Doubt
from qingbo.imports.identity import KnownFiles, Match, Place, Source
from qingbo.imports.markdown_file import MarkdownFile, read_markdown
from qingbo.imports.models import ImportedFile
from qingbo.imports.picture_references import without_addresses
from qingbo.imports.pictures import Pictures
from qingbo.imports.report import Item, Outcome, Report, Topic
from qingbo.imports.target import Target
from qingbo.imports.withholding import reasons_of_place
from qingbo.posts.kinds import Parts, is_picture_address
from qingbo.posts.models import TEXT_LENGTH, Post
from qingbo.posts.publishing import Draft, create_post, outline_of, summary_of, update_post
from qingbo.posts.states import State, state_of
from qingbo.rendering.characters import on_one_line, without_controls

MAX_BYTES = TEXT_LENGTH * 4 + 100_000


class _Skipped(Exception):
    """The file is left out; the text says why."""


@dataclass(slots=True)
class Import:
    """One import of the files in a folder."""

    target: Target
    known_files: KnownFiles
    author_id: int
    zone: tzinfo
    folder: PurePath
    pictures: Pictures
    overwrite: bool

    @property
    def session(self) -> Session:
        """The session of the target."""
        return self.target.session

    def take(self, path: Path, place: Place, otherwise: datetime) -> None:
        """Import a file and keep it, or report why it is left out.

        Args:
            path: to read.
            place: identifies the file.
            otherwise: the date of its post if it has none.
        """
        report = self.target.report
        try:
            content = _content(path)
            file = read_markdown(path, content, self.zone)
            source = Source(place, file, hashlib.sha256(content).hexdigest(), self.author_id)
            match = self.known_files.find(source)
            decision = self._decide(source, match, otherwise)
            outcome = self._take(path, source, match, decision)
            self.target.keep()
        except BadFile as error:
            self.session.rollback()
            hint = "; ".join(filter(None, [error.hint, self._public_already(place)]))
            report.leave_out(Item.POST, path, str(error), error.line, hint)
        except (OSError, InputRefused, _Skipped) as error:
            self.session.rollback()
            report.leave_out(Item.POST, path, str(error))
        else:
            report.count(Item.POST, outcome)
            _note(report, path, decision)

    def _decide(self, source: Source, match: Match, otherwise: datetime) -> Decision:
        place = reasons_of_place(self.folder, PurePath(source.place.relative))
        post = match.known.post if match.known else None
        if post is not None:
            otherwise = post.published_at or post.first_published_at or otherwise
        decision = decide(source.file, place, otherwise, now().astimezone(self.zone))
        decision.doubts += [Doubt(match.doubt)] if match.doubt else []
        return decision

    def _take(self, path: Path, source: Source, match: Match, decision: Decision) -> Outcome:
        known = match.known
        if known is None:
            self._create(path, source, match, decision)
            return Outcome.NEW
        if known.post is None or state_of(known.post) == State.BINNED:
            return Outcome.DELETED_HERE
        is_touched = known.post.updated_at != known.imported_at
        if known.digest == source.digest:
            differences = _differences(known, known.post, source.file, decision)
            if not (self.overwrite and differences):
                decision.doubts, decision.reasons, decision.scheduled_for = differences, [], ""
                return Outcome.UNCHANGED
        elif is_touched and not self.overwrite:
            raise _Skipped(_changed_twice(known.post, decision))
        if is_touched:
            _keep_what_was_decided_here(known, known.post, decision)
        self._update(path, source, known, known.post, decision)
        return Outcome.UPDATED

    def _create(self, path: Path, source: Source, match: Match, decision: Decision) -> None:
        draft = self._draft(path, source.file, decision)
        post = create_post(self.session, self.session.get_one(User, self.author_id), draft)
        post.updated_at = decision.updated_at or post.updated_at
        known = match.takes_over or ImportedFile(path_digest=source.place.digest)
        known.path, known.post, known.digest = source.place.marked, post, source.digest
        known.imported_at = post.updated_at
        self.session.add(known)
        self.target.count_tags(post)

    def _update(self, path: Path, source: Source, known: ImportedFile, post: Post, decision: Decision) -> None:
        if post.published_at is None:
            decision.reasons = []  # not reported again: it was a draft already
        draft = replace(self._draft(path, source.file, decision), slug="")
        if not draft.summary and post.updated_at != known.imported_at:
            draft = replace(draft, summary=None)  # keep it: somebody may have written it here
        update_post(self.session, post, draft)
        post.updated_at = decision.updated_at or post.updated_at
        known.digest, known.imported_at = source.digest, post.updated_at
        self.target.count_tags(post)

    def _draft(self, path: Path, file: MarkdownFile, decision: Decision) -> Draft:
        # End the transaction, so that others can write while pictures are read and text is rendered.
        self.target.keep()
        text, cover = self.pictures.bring(path, file)
        decision.missing = self.pictures.problems
        outline, summary = outline_of(Draft(file.title, text)), summary_of(file.summary)
        draft = Draft(file.title, text, file.tags, decision.published_at, file.slug, outline=outline)
        return replace(draft, summary=summary, parts=Parts(cover=cover) if is_picture_address(cover) else None)

    def _public_already(self, place: Place) -> str:
        known = self.known_files.at(place)
        if known is None or known.post is None or known.post.published_at is None:
            return ""
        return f"its post from an earlier import is public here: /posts/{known.post.slug}"


def _content(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise _Skipped(f"is larger than {MAX_BYTES} bytes")
    return path.read_bytes()


def _note(report: Report, path: Path, decision: Decision) -> None:
    if decision.reasons:
        report.note(Topic.DRAFT, path, "; ".join(decision.reasons))
    if decision.scheduled_for:
        report.note(Topic.SCHEDULED, path, f"becomes public on {decision.scheduled_for}")
    report.note_all(Topic.MISSING, path, decision.missing)
    report.note_all(Topic.CHECK, path, decision.doubts)


def _differences(known: ImportedFile, post: Post, file: MarkdownFile, decision: Decision) -> list[Doubt]:
    """List differences between the post that an older release made of the same file, and what this one would make."""
    differences = []
    is_touched = post.updated_at != known.imported_at
    if post.published_at is not None and not (is_touched and _was_published_here(known, post)):
        if decision.reasons:
            differences.append(f"its post is public, although {'; '.join(decision.reasons)}")
        elif decision.scheduled_for and post.published_at <= now():
            differences.append(f"its post is public, although its date is to come: {decision.scheduled_for}")
    text = without_addresses(without_controls(file.text).strip("\n"))
    if not is_touched and (on_one_line(file.title), text) != (post.title, without_addresses(post.text)):
        differences.append("its post has another title or text than this version of Qingbo reads in the file")
    return [Doubt(each, hint="import again with --overwrite to take the file as it is") for each in differences]


def _was_published_here(known: ImportedFile, post: Post) -> bool:
    """Return whether somebody published the imported draft here: an import never sets a date after itself."""
    return post.first_published_at is not None and post.first_published_at > known.imported_at


def _keep_what_was_decided_here(known: ImportedFile, post: Post, decision: Decision) -> None:
    """Keep a post public or a draft if somebody published it or took it back here, whatever the file contains."""
    if decision.published_at is None and post.published_at is not None and _was_published_here(known, post):
        decision.published_at = post.published_at
        why = "; ".join(decision.reasons)
        decision.doubts.append(Doubt(f"its post stays public, because it was published here, although {why}"))
        decision.reasons = []
    elif decision.published_at is not None and post.published_at is None and post.first_published_at is not None:
        decision.published_at, decision.scheduled_for = None, ""
        decision.doubts.append(Doubt("its post stays a draft, because it was unpublished here"))


def _changed_twice(post: Post, decision: Decision) -> str:
    reason = "changed, and so did its post here since; --overwrite takes the file's text"
    if decision.reasons and post.published_at is not None:
        reason += f". The post is public, although {'; '.join(decision.reasons)}"
    return reason
