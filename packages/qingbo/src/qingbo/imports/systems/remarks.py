"""Comments of another blog. Flushes; the caller commits."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from qingbo.accounts.forms import email_key
from qingbo.accounts.models import NAME_LENGTH
from qingbo.accounts.names import clean
from qingbo.comments.models import Comment, State
from qingbo.comments.moderation import checked_text, put_into
from qingbo.comments.search_index import index_comment
from qingbo.database import ROWS_AT_ONCE
from qingbo.errors import InputRefused
from qingbo.imports.report import Item, Outcome
from qingbo.imports.systems.accounts import Accounts
from qingbo.imports.systems.items import Entry, Remark, usable
from qingbo.imports.systems.origins import Known, Origins, digest_of
from qingbo.imports.target import Target
from qingbo.posts.models import Post
from qingbo.rendering.characters import on_one_line, without_controls

NOBODY = "?"
"""The name of a guest who gave none."""


@dataclass(slots=True)
class Remarks:
    """Writes the comments on one post after another."""

    target: Target
    origins: Origins
    accounts: Accounts

    def take(self, entry: Entry, post: Post, source: str) -> None:
        """Write the comments on a post: new ones, and those that changed there and not here."""
        if not entry.remarks:
            return
        known = self.origins.known("comment", [remark.key for remark in entry.remarks])
        here = self._here([each.number for each in known.values()])
        numbers = {key: each.number for key, each in known.items() if each.number in here}
        tops = _tops(entry.remarks)
        for remark in sorted(entry.remarks, key=lambda remark: tops[remark.key] != remark.key):
            try:
                with self.target.session.begin_nested():
                    outcome = self._take(remark, post, known.get(remark.key), here, numbers.get(tops[remark.key]))
            except InputRefused as error:
                self.target.report.leave_out(
                    Item.COMMENT, f"{source}, comment {remark.key}", str(error), remark.line or entry.line
                )
                continue
            if isinstance(outcome, Comment):
                numbers[remark.key] = outcome.id
                outcome = Outcome.NEW
            self.target.report.count(Item.COMMENT, outcome)

    def _here(self, numbers: Sequence[int]) -> dict[int, Comment]:
        found: dict[int, Comment] = {}
        for start in range(0, len(numbers), ROWS_AT_ONCE):
            wanted = select(Comment).where(Comment.id.in_(numbers[start : start + ROWS_AT_ONCE]))
            found |= {comment.id: comment for comment in self.target.session.scalars(wanted)}
        return found

    def _take(
        self, remark: Remark, post: Post, known: Known | None, here: dict[int, Comment], top: int | None
    ) -> Comment | Outcome:
        if known is None:
            return self._add(remark, post, top)
        comment = here.get(known.number)
        if comment is None or comment.state == State.DELETED:
            return Outcome.DELETED_HERE
        digest = _digest(remark)
        if known.row.digest == digest:
            return Outcome.UNCHANGED
        if comment.edited_at is None:
            comment.text = checked_text(remark.text)
        if comment.state == known.state:
            put_into(comment, remark.state)
        self.origins.change(known, state=comment.state, digest=digest)
        index_comment(self.target.session, comment)
        return Outcome.UPDATED

    def _add(self, remark: Remark, post: Post, top: int | None) -> Comment:
        comment = Comment(
            post_id=post.id,
            parent_id=top,
            text=checked_text(remark.text),
            created_at=usable(remark.created_at) or post.created_at,
        )
        comment.author = self.accounts.account_of(remark.author) if remark.author else None
        if comment.author is None:
            comment.guest_name = clean(on_one_line(without_controls(remark.name)))[:NAME_LENGTH] or NOBODY
            comment.guest_email = email_key(remark.email) if remark.email else None
        put_into(comment, remark.state)
        self.target.session.add(comment)
        index_comment(self.target.session, comment)
        self.origins.add(
            "comment", remark.key, comment.id, state=comment.state, digest=_digest(remark), post_id=post.id
        )
        return comment


def _digest(remark: Remark) -> str:
    return digest_of(remark.text, str(remark.state))


def _tops(remarks: Sequence[Remark]) -> dict[str, str]:
    """Return the comment at the top of the thread of each comment; this blog has two levels."""
    parents = {remark.key: remark.parent for remark in remarks}
    tops: dict[str, str] = {}
    for key in parents:
        above, path = key, {key}
        while above not in tops and (parent := parents.get(above, "")) in parents and parent not in path:
            path.add(parent)
            above = parent
        top = tops.get(above, above)
        tops.update(dict.fromkeys(path, top))
    return tops
