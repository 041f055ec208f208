"""Comments of our own export: threads, states, authors and subscribers. What was changed here is never overwritten."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlalchemy import select

from qingbo.accounts.forms import email_key
from qingbo.accounts.models import NAME_LENGTH
from qingbo.accounts.names import clean
from qingbo.accounts.queries import user_named
from qingbo.comments.models import Comment, State
from qingbo.comments.moderation import checked_text, put_into
from qingbo.comments.search_index import index_comment
from qingbo.comments.subscriptions import restore_subscription
from qingbo.errors import InputRefused
from qingbo.imports.exported.contents import CommentItem, items
from qingbo.imports.report import Item, Outcome, Topic
from qingbo.imports.systems.origins import Known, Origins, digest_of
from qingbo.imports.target import Target
from qingbo.languages import LANGUAGES
from qingbo.rendering.characters import on_one_line

AT_ONCE = 100
NOBODY = "?"
"""The name of a guest who gave none."""


@dataclass(slots=True)
class _Batch:
    """Some comments, and what the blog knows of them."""

    known: dict[str, Known]
    here: dict[int, Comment]
    """Comments of earlier imports, and those with the numbers of the export, by their numbers."""


@dataclass(slots=True)
class ExportedComments:
    """Writes the comments of one export."""

    target: Target
    path: Path
    """Of `comments.json`."""
    posts: Mapping[str, int | None]
    """The number here of each post by its slug in the export; None if it is deleted here, 0 in a dry run."""
    _accounts: dict[str, int | None] = field(default_factory=dict)
    _origins: Origins = field(init=False)

    def __post_init__(self) -> None:
        self._origins = Origins(self.target.session, "qingbo")

    def take(self) -> None:
        """Bring the comments, some at a time. Commits."""
        found = self._readable()
        while some := list(islice(found, AT_ONCE)):
            batch = self._batch(some)
            for item in some:
                self._take(item, batch)
            self.target.keep()

    def _readable(self) -> Iterator[CommentItem]:
        report = self.target.report
        for number, item in items(self.path, "", CommentItem):
            if isinstance(item, str):
                report.leave_out(Item.COMMENT, f"{self.path}, item {number}", item)
            elif item.post not in self.posts:
                report.leave_out(Item.COMMENT, self._source(item), f"its post “{item.post[:80]}” was not imported")
            elif self.posts[item.post] is None:
                report.count(Item.COMMENT, Outcome.DELETED_HERE)
            elif not self.posts[item.post]:
                report.count(Item.COMMENT, Outcome.NEW)  # a dry run: its post was rolled back
            else:
                yield item

    def _batch(self, some: Sequence[CommentItem]) -> _Batch:
        keys = {self._key(item, number) for item in some for number in (item.id, item.reply_to) if number}
        known = self._origins.known("comment", sorted(keys))
        numbers = {each.number for each in known.values()} | {item.id for item in some}
        wanted = select(Comment).where(Comment.id.in_(numbers))
        return _Batch(known, {comment.id: comment for comment in self.target.session.scalars(wanted)})

    def _take(self, item: CommentItem, batch: _Batch) -> None:
        try:
            with self.target.session.begin_nested():
                outcome = self._outcome(item, batch)
        except InputRefused as error:
            self.target.report.leave_out(Item.COMMENT, self._source(item), str(error))
        else:
            self.target.report.count(Item.COMMENT, outcome)

    def _outcome(self, item: CommentItem, batch: _Batch) -> Outcome:
        known = batch.known.get(self._key(item, item.id))
        if known is None:
            return self._adopt(item, batch) or self._add(item, batch)
        comment = batch.here.get(known.number)
        state, _, edited = known.state.partition(" ")
        if comment is None or (comment.state == State.DELETED and state != State.DELETED):
            return Outcome.DELETED_HERE
        if known.row.digest == _digest(item):
            return Outcome.UNCHANGED
        is_edited_here = _edited(comment) != edited
        if not is_edited_here:
            comment.text, comment.edited_at = _text(item), item.edited_at
        if comment.state == state and not (is_edited_here and item.state == State.DELETED):
            put_into(comment, item.state)
        if comment.state == State.DELETED:
            comment.guest_email = None
        self._origins.change(known, state=_stamp(comment), digest=_digest(item))
        index_comment(self.target.session, comment)
        return Outcome.UPDATED

    def _adopt(self, item: CommentItem, batch: _Batch) -> Outcome | None:
        """Recognise a comment of this blog, whose export is imported here."""
        same = batch.here.get(item.id)
        if same is None or same.post_id != self.posts[item.post] or same.created_at != item.created_at:
            return None
        self._remember(item, same, batch)
        return Outcome.UNCHANGED

    def _add(self, item: CommentItem, batch: _Batch) -> Outcome:
        comment = Comment(
            post_id=self.posts[item.post],
            parent_id=self._thread(item, batch),
            author_id=self._account(item.account) if item.account else None,
            text=_text(item),
            created_at=item.created_at,
            edited_at=item.edited_at,
        )
        if comment.author_id is None:
            comment.guest_name = clean(on_one_line(item.name))[:NAME_LENGTH] or NOBODY
            comment.guest_email = self._email(item)
        put_into(comment, item.state)
        comment.hidden_at = (item.hidden_at or comment.hidden_at) if item.state != State.SHOWN else None
        self.target.session.add(comment)
        index_comment(self.target.session, comment)
        self._remember(item, comment, batch)
        self._subscribe(item, comment)
        return Outcome.NEW

    def _thread(self, item: CommentItem, batch: _Batch) -> int | None:
        """Return the comment at the top of the thread; None if it is not here, or belongs to another post."""
        known = batch.known.get(self._key(item, item.reply_to)) if item.reply_to else None
        above = batch.here.get(known.number) if known else None
        return above.thread_id if above is not None and above.post_id == self.posts[item.post] else None

    def _remember(self, item: CommentItem, comment: Comment, batch: _Batch) -> None:
        key = self._key(item, item.id)
        post_id, digest = self.posts[item.post], _digest(item)
        state = _stamp(comment)
        batch.known[key] = self._origins.add("comment", key, comment.id, state=state, digest=digest, post_id=post_id)
        batch.here[comment.id] = comment

    def _email(self, item: CommentItem) -> str | None:
        if not item.email or item.state == State.DELETED:
            return None
        if (email := email_key(item.email)) is None:
            text = f"the e-mail address {item.email[:80]} of its guest is not valid, and was left out"
            self.target.report.note(Topic.CHECK, self._source(item), text)
        return email

    def _account(self, name: str) -> int | None:
        """Return the number of an account; a comment of somebody without one stands under the name as a guest's."""
        if name not in self._accounts:
            user = user_named(self.target.session, on_one_line(name))
            self._accounts[name] = user.id if user else None
        return self._accounts[name]

    def _subscribe(self, item: CommentItem, comment: Comment) -> None:
        for each in item.subscribers if comment.parent_id is None else ():
            email, language = email_key(each.email), each.language if each.language in LANGUAGES else "en"
            if email is not None:
                restore_subscription(self.target.session, comment, email, language, each.token, each.since)

    def _key(self, item: CommentItem, number: int) -> str:
        return f"{self.posts[item.post]}/{number}"

    def _source(self, item: CommentItem) -> str:
        return f"{self.path}, comment {item.id}"


def _text(item: CommentItem) -> str:
    return "" if item.state == State.DELETED else checked_text(item.text)


def _digest(item: CommentItem) -> str:
    return digest_of(item.text, str(item.state), item.edited_at)


def _stamp(comment: Comment) -> str:
    return f"{comment.state} {_edited(comment)}".rstrip()


def _edited(comment: Comment) -> str:
    return comment.edited_at.isoformat() if comment.edited_at else ""
