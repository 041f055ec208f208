"""Writes the posts and pages of another blog, each with all that belongs to it in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from qingbo.accounts.models import User
from qingbo.accounts.names import key_of
from qingbo.clock import now
from qingbo.errors import InputRefused
from qingbo.fetching.fetcher import Fetcher
from qingbo.imports.bad_file import BadFile
from qingbo.imports.doubts import Doubt
from qingbo.imports.limits import fitting_tags
from qingbo.imports.models import ImportedFile
from qingbo.imports.report import Item, Outcome, Report, Topic
from qingbo.imports.systems.accounts import Accounts
from qingbo.imports.systems.files import FETCH_SECONDS, Files
from qingbo.imports.systems.items import Body, Entry, usable
from qingbo.imports.systems.old_paths import OldPaths
from qingbo.imports.systems.origins import Origins
from qingbo.imports.systems.remarks import Remarks
from qingbo.imports.target import Target
from qingbo.posts.kinds import LINK, PHOTOS, Parts, is_picture_address
from qingbo.posts.models import TITLE_LENGTH, Post
from qingbo.posts.publishing import Draft, create_post, outline_of, summary_of, update_post
from qingbo.posts.states import State, state_of
from qingbo.rendering.characters import on_one_line, without_controls
from qingbo.site_settings import current_settings

EMPTY = "<!-- It had no text. -->"
"""The text of a post without one; readers see nothing."""
MAY_BE_EMPTY = {LINK, PHOTOS}
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person who runs an import chose."""

    everyone: User | None = None
    """Whose posts all become."""
    people: Mapping[str, User] | None = None
    """Accounts for some people, by their name or e-mail address there."""
    fetches: bool = False
    """Whether files are fetched from the old blog."""
    overwrite: bool = False
    """Whether a post that changed here and there takes what it is there."""
    is_dry: bool = False


@dataclass(slots=True)
class SystemImport:
    """One import of another blog."""

    target: Target
    source: str
    """The file or the database, for remarks; without a password."""
    choices: Choices
    accounts: Accounts
    origins: Origins
    old_paths: OldPaths
    files: Files
    remarks: Remarks
    tag_keys: set[str] = field(default_factory=set)
    """The keys of the tags of the imported posts."""

    @classmethod
    def begin(
        cls, session: Session, blog: str, source: str, choices: Choices, fetcher: Fetcher | None = None
    ) -> "SystemImport":
        """Return an import that has brought nothing yet.

        Args:
            session: to read and write with; it is committed after each item.
            blog: identifies the other blog, such as ``wordpress:blog.example``.
            source: for remarks.
            choices: of the person who runs it.
            fetcher: for files, if they are fetched; tests use a local server.
        """
        target = Target.current(session, is_dry=choices.is_dry)
        origins, old_paths = Origins(session, blog), OldPaths(target, source)
        accounts = Accounts(target, origins, old_paths, source, choices.people or {}, choices.everyone)
        most_bytes = current_settings().upload_megabytes * _MEGABYTE
        fetcher = fetcher or Fetcher(seconds=FETCH_SECONDS, most_bytes=most_bytes)
        uploader = choices.everyone.id if choices.everyone else None
        files = Files(
            target, origins, old_paths, uploader, most_bytes, fetcher=fetcher if choices.fetches else None
        )  # fmt: skip
        return cls(target, source, choices, accounts, origins, old_paths, files, Remarks(target, origins, accounts))

    @property
    def report(self) -> Report:
        """What has been done so far."""
        return self.target.report

    def take(self, entry: Entry) -> None:
        """Bring a post or page with its comments and old addresses, or report why it is left out."""
        entry = _dated(entry)
        source = f"{self.source}, {'page' if entry.is_page else 'post'} {entry.key}"
        title = on_one_line(entry.title)[:60]
        source = f"{source} “{title}”" if title else source
        item = Item.PAGE if entry.is_page else Item.POST
        try:
            outcome = self._take(entry, source)
            self.target.keep()
        except (BadFile, InputRefused) as error:
            self.target.session.rollback()
            hint = error.hint if isinstance(error, BadFile) else ""
            self.report.leave_out(item, source, str(error), entry.line, hint)
        else:
            self.report.count(item, outcome)

    def _take(self, entry: Entry, source: str) -> Outcome:
        known = self.origins.post(entry.key)
        post = known.post if known else None
        outcome = Outcome.UNCHANGED
        if known is None:
            post, outcome = self._create(entry, source), Outcome.NEW
        elif post is None or state_of(post) == State.BINNED:
            return Outcome.DELETED_HERE
        elif known.digest != entry.digest:
            outcome = self._change(entry, source, known, post)
        if post is not None:
            self.target.session.flush()
            self.old_paths.add_to_post(entry.addresses, post)
            self.remarks.take(entry, post, source)
            self.target.count_tags(post)
            self.tag_keys |= set(map(key_of, self._tags(entry)[0]))
        return outcome

    def _change(self, entry: Entry, source: str, known: ImportedFile, post: Post) -> Outcome:
        is_touched = post.updated_at != known.imported_at
        if is_touched and not self.choices.overwrite:
            reason = "changed there, and so did its post here; --overwrite takes what it is there"
            self.report.note(Topic.LEFT_OUT, source, reason, entry.line)
            return Outcome.LEFT_OUT
        draft = replace(self._draft(entry, source), slug="", is_pinned=None)
        if is_touched:
            draft = replace(draft, published_at=self._date_here(entry, post, source))
        update_post(self.target.session, post, draft)
        self._date(entry, post)
        known.digest, known.imported_at = entry.digest, post.updated_at
        return Outcome.UPDATED

    def _create(self, entry: Entry, source: str) -> Post:
        draft = self._draft(entry, source)
        author = self.accounts.account_of(entry.author)
        if author is None:
            raise BadFile(f"it has no known author ({entry.author or 'none'})", hint="give it one: --author NAME")
        post = create_post(self.target.session, author, draft, checks_role=False)
        post.created_at = entry.created_at or entry.date or post.created_at
        self._date(entry, post)
        self.origins.add_post(entry.key, entry.digest, post)
        return post

    def _date(self, entry: Entry, post: Post) -> None:
        if entry.updated_at is not None and entry.updated_at <= now():
            post.updated_at = max(entry.updated_at, entry.created_at or entry.updated_at)
        self.target.session.flush()

    def _date_here(self, entry: Entry, post: Post, source: str) -> datetime | None:
        """Return the date of a post that was changed here: what was published or taken back here stays so."""
        if entry.date is None and post.date is not None:
            self.report.note(Topic.CHECK, source, "its post stays public, because it was published here", entry.line)
            return post.date
        if entry.date is not None and post.date is None and post.first_published_at is not None:
            self.report.note(Topic.CHECK, source, "its post stays a draft, because it was taken back here", entry.line)
            return None
        return entry.date

    def _draft(self, entry: Entry, source: str) -> Draft:
        """Convert an entry. That is slow, and files are fetched, so no transaction is open meanwhile."""
        self.target.keep()
        body = entry.body()
        texts = {"text": body.text, "pictures": body.parts.pictures, "cover": body.parts.cover}
        moved = self.files.moved(texts, source, entry.line, entry.embedded)
        parts = self._fitting(replace(body.parts, pictures=moved["pictures"], cover=moved["cover"]), source, entry.line)
        tags, long_tags = self._tags(entry)
        doubts = [each.text for each in long_tags]
        title = on_one_line(without_controls(entry.title[: 4 * TITLE_LENGTH]))
        if len(title) > TITLE_LENGTH:
            title, doubts = (
                title[: TITLE_LENGTH - 1] + "…",
                [*doubts, f"its title had {len(title)} characters, and was cut"],
            )
        kind = entry.kind if entry.is_page else body.kind
        text = moved["text"] if moved["text"].strip() or kind in MAY_BE_EMPTY else EMPTY
        draft = Draft(
            title, text, tags, entry.date, entry.slug, kind=kind, parts=parts, summary=summary_of(entry.summary),
            visibility=entry.visibility, is_pinned=entry.is_pinned or None,
        )  # fmt: skip
        self._remark(entry, body, doubts, source)
        return replace(draft, outline=outline_of(draft))

    def _tags(self, entry: Entry) -> tuple[list[str], list[Doubt]]:
        return fitting_tags(list(map(without_controls, entry.tags)))

    def _fitting(self, parts: Parts, source: str, line: int | None) -> Parts:
        if parts.cover and not is_picture_address(parts.cover):
            self.report.note(Topic.MISSING, source, f"its cover has no web address: {parts.cover[:80]}", line)
            return replace(parts, cover="", cover_alt="")
        return parts

    def _remark(self, entry: Entry, body: Body, doubts: list[str], source: str) -> None:
        for reason in entry.withheld:
            self.report.note(Topic.DRAFT, source, reason, entry.line)
        if entry.date is not None and entry.date > now():
            self.report.note(Topic.SCHEDULED, source, f"becomes public on {entry.date:%Y-%m-%d %H:%M} UTC", entry.line)
        for doubt in (*body.doubts, *doubts):
            self.report.note(Topic.CHECK, source, doubt, entry.line)


def _dated(entry: Entry) -> Entry:
    """Return an entry without times for which this blog has no pages; without its date it is a draft."""
    date = usable(entry.date)
    reasons = (
        [*entry.withheld, f"there are no pages for its year, {entry.date.year}"] if entry.date and not date else ()
    )
    entry = replace(entry, date=date, created_at=usable(entry.created_at), updated_at=usable(entry.updated_at))
    return replace(entry, withheld=[*entry.withheld, *reasons])
