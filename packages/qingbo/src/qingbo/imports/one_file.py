"""Imports one file: as a new post or page, as an update, or not at all, with the reason."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path, PurePath

from sqlalchemy.orm import Session

from qingbo.accounts.models import User
from qingbo.clock import now
from qingbo.errors import InputRefused
from qingbo.imports.authors import Authors
from qingbo.imports.bad_file import BadFile
from qingbo.imports.decision import Decision, decide
from qingbo.imports.differences import changed_twice, differences_of, is_touched, keep_what_was_decided_here
from qingbo.imports.doubts import Doubt
from qingbo.imports.html_file import is_html
from qingbo.imports.identity import KnownFiles, Match, Place, Source
from qingbo.imports.limits import fitting_tags, language_tag
from qingbo.imports.line_breaks import with_hard_breaks
from qingbo.imports.links import Links
from qingbo.imports.listing import Listing
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.imports.models import ImportedFile
from qingbo.imports.old_addresses import redirect_to
from qingbo.imports.options import DateFrom, Options
from qingbo.imports.pictures import Pictures
from qingbo.imports.report import Item, Outcome, Report, Topic
from qingbo.imports.shortcodes.converting import converted
from qingbo.imports.site_file import NotPublished, read_site_file
from qingbo.imports.target import Target
from qingbo.imports.term_pages import TermPages
from qingbo.imports.withholding import reasons_of_place
from qingbo.posts.kinds import ARTICLE, PAGE, Parts, is_picture_address
from qingbo.posts.models import TEXT_LENGTH, Post
from qingbo.posts.publishing import Draft, create_post, outline_of, summary_of, update_post
from qingbo.posts.series import put_into_series
from qingbo.posts.states import State, state_of

MAX_BYTES = 20_000_000
"""Of a file. Its text is shorter, but there may be pictures inside it."""


class _LeftOut(Exception):
    """The file is left out; the text says why."""


@dataclass(slots=True)
class Import:
    """One import of the files in a folder."""

    target: Target
    known_files: KnownFiles
    authors: Authors
    zone: tzinfo
    listing: Listing
    pictures: Pictures
    options: Options
    links: Links
    term_pages: TermPages
    _guessed: list[tuple[Path, Place, str]] = field(default_factory=list)

    @property
    def session(self) -> Session:
        """The session of the target."""
        return self.target.session

    def take(self, path: Path, place: Place, in_order: datetime) -> None:
        """Import a file and keep it, or report why it is left out.

        Args:
            path: to read.
            place: identifies the file.
            in_order: a date for its post that keeps the order of the files.
        """
        report, self.links.has_guessed = self.target.report, False
        try:
            source = self._read(path, place)
            match = self.known_files.find(source)
            decision = self._decide(source, match, in_order)
            outcome = self._take(source, match, decision)
            self.target.keep()
            if self.links.has_guessed and outcome in {Outcome.NEW, Outcome.UPDATED}:
                self._guessed.append((path, place, source.file.text))
        except BadFile as error:
            self.session.rollback()
            hint = "; ".join(filter(None, [error.hint, self._public_already(place)]))
            report.leave_out(Item.POST, path, str(error), error.line, hint)
        except NotPublished as reason:
            self.session.rollback()
            report.count(Item.FILE, Outcome.SKIPPED)
            report.note(Topic.SKIPPED, path, str(reason))
        except (OSError, InputRefused, _LeftOut) as error:
            self.session.rollback()
            report.leave_out(Item.POST, path, str(error))
        else:
            report.count(Item.PAGE if source.is_page else Item.POST, outcome)
            _note(report, path, decision)

    def _read(self, path: Path, place: Place) -> Source:
        content = _content(path)
        found = read_site_file(self.listing, path, content, self.zone, self.options.encoding)
        if len(found.file.text) > TEXT_LENGTH:
            raise BadFile(f"has a text of more than {TEXT_LENGTH} characters", hint="split it")
        tags, doubts = fitting_tags(found.file.tags)
        file = self._with_links(path, replace(found.file, tags=tags, doubts=(*found.file.doubts, *doubts)))
        author = self.authors.number_of(file.author)
        digest = hashlib.sha256(content).hexdigest()
        return Source(path, place, file, digest, author, found.is_page, found.addresses, found.terms)

    def _with_links(self, path: Path, file: MarkdownFile) -> MarkdownFile:
        """Return a file whose shortcodes and links to other files are converted."""
        generator = self.listing.site.generator
        found = converted(file.text, generator.shortcodes, self.links.from_file(path))
        text = with_hard_breaks(found.text) if generator.breaks_lines() and not is_html(path) else found.text
        doubts = [replace(each, line=file.line_at(each.line or 1)) for each in found.doubts]
        lines = tuple(file.lines[each - 1] if each <= len(file.lines) else each for each in found.lines)
        return replace(file, text=text, lines=lines, doubts=(*file.doubts, *doubts))

    def finish_links(self) -> None:
        """Write the links to files that were imported after those that link to them."""
        guessed, self._guessed = self._guessed, []
        for path, place, text in guessed:
            try:
                source = self._read(path, place)
                known = self.known_files.at(place)
                if source.file.text != text and known is not None and known.post is not None:
                    self._update(source, known, known.post, self._decide(source, Match(known), now()))
                self.target.keep()
            except (BadFile, OSError, InputRefused, _LeftOut, NotPublished) as error:  # the file has changed meanwhile
                self.session.rollback()
                self.target.report.note(Topic.CHECK, path, f"its links to other files may be wrong: {error}")

    def _decide(self, source: Source, match: Match, in_order: datetime) -> Decision:
        public = self.listing.site.generator.public_folders()
        place = reasons_of_place(self.listing.folder.resolve(), PurePath(source.place.relative), public)
        otherwise = self._otherwise(source, in_order)
        if match.known and (post := match.known.post) is not None:
            otherwise = post.date or post.first_published_at or otherwise
        decision = decide(source.file, place, otherwise, now().astimezone(self.zone))
        decision.doubts += [Doubt(match.doubt)] if match.doubt else []
        return decision

    def _otherwise(self, source: Source, in_order: datetime) -> datetime | None:
        """Return the date of a post whose file has none; pages are in no order, so they need no date."""
        if self.options.date_from is DateFrom.MTIME:
            return datetime.fromtimestamp(source.path.stat().st_mtime, UTC)
        return in_order if self.options.date_from or source.is_page else None

    def _take(self, source: Source, match: Match, decision: Decision) -> Outcome:
        known = match.known
        if known is None:
            self._create(source, match, decision)
            return Outcome.NEW
        if known.post is None or state_of(known.post) == State.BINNED:
            return Outcome.DELETED_HERE
        if known.digest == source.digest and not _gets_its_date(known, known.post, decision):
            differences = differences_of(known, known.post, source.file, decision)
            if not (self.options.overwrite and differences):
                decision.doubts, decision.reasons, decision.scheduled_for = differences, [], ""
                decision.doubts += redirect_to(self.target, known.post, source.addresses, source.path)
                decision.doubts += self.term_pages.redirect(known.post, source.terms)
                return Outcome.UNCHANGED
        elif is_touched(known, known.post) and not self.options.overwrite:
            raise _LeftOut(changed_twice(known.post, decision))
        if is_touched(known, known.post):
            keep_what_was_decided_here(known, known.post, decision)
        self._update(source, known, known.post, decision)
        return Outcome.UPDATED

    def _create(self, source: Source, match: Match, decision: Decision) -> None:
        draft = replace(self._draft(source, decision), kind=PAGE if source.is_page else ARTICLE)
        post = create_post(self.session, self.session.get_one(User, source.author_id), draft)
        known = match.takes_over or ImportedFile(path_digest=source.place.digest)
        known.path, known.post, known.digest = source.place.marked, post, source.digest
        self.session.add(known)
        self._finish(source, known, post, decision)

    def _update(self, source: Source, known: ImportedFile, post: Post, decision: Decision) -> None:
        if post.date is None:
            decision.reasons = []  # not reported again: it was a draft already
        draft = replace(self._draft(source, decision), slug="")
        if is_touched(known, post):
            # Keep what somebody may have chosen here.
            draft = replace(draft, summary=draft.summary or None)
        elif post.kind in {ARTICLE, PAGE}:
            draft = replace(draft, kind=PAGE if source.is_page else ARTICLE)
        update_post(self.session, post, replace(draft, language=draft.language or post.language or ""))
        known.digest = source.digest
        self._finish(source, known, post, decision)

    def _finish(self, source: Source, known: ImportedFile, post: Post, decision: Decision) -> None:
        """Write what hangs on a post."""
        if source.file.series and post.series_id is None:
            try:
                put_into_series(self.session, post, source.file.series, None)
            except InputRefused as error:
                decision.doubts.append(Doubt(f"it is not in its series “{source.file.series[:60]}”: {error}"))
        decision.doubts += redirect_to(self.target, post, source.addresses, source.path)
        post.updated_at = decision.updated_at or post.updated_at
        known.imported_at = post.updated_at
        self.target.count_tags(post)
        decision.doubts += self.term_pages.redirect(post, source.terms)

    def _draft(self, source: Source, decision: Decision) -> Draft:
        file = source.file
        # End the transaction, so that others can write while pictures are read and text is rendered.
        self.target.keep()
        text, cover = self.pictures.bring(source.path, file)
        decision.missing = self.pictures.problems
        outline, summary = outline_of(Draft(file.title, text)), summary_of(file.summary)
        parts = Parts(cover=cover) if is_picture_address(cover) else None
        language = language_tag(file.language)
        draft = Draft(file.title, text, file.tags, decision.published_at, file.slug, language, outline)
        return replace(draft, summary=summary, parts=parts)

    def _public_already(self, place: Place) -> str:
        known = self.known_files.at(place)
        if known is None or known.post is None or known.post.date is None:
            return ""
        return f"its post from an earlier import is public here: /posts/{known.post.slug}"


def _content(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise _LeftOut(f"is larger than {MAX_BYTES} bytes")
    return path.read_bytes()


def _gets_its_date(known: ImportedFile, post: Post, decision: Decision) -> bool:
    """Return whether a draft, which had no date at its last import, has one now, from `--date-from`."""
    never_dated = post.date is None and post.first_published_at is None
    return never_dated and decision.published_at is not None and not is_touched(known, post)


def _note(report: Report, path: Path, decision: Decision) -> None:
    if decision.reasons:
        report.note(Topic.DRAFT, path, "; ".join(decision.reasons))
    if decision.scheduled_for:
        report.note(Topic.SCHEDULED, path, f"becomes public on {decision.scheduled_for}")
    report.note_all(Topic.MISSING, path, decision.missing)
    report.note_all(Topic.CHECK, path, decision.doubts)
