"""The forms of comments."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, EmailField, Form, HiddenField, StringField, TextAreaField

from qingbo.arguments import row_number


class CommentForm(Form):
    """Who, what, and to whom. What can be taken is said by `moderation`."""

    name = StringField(_("Your name"))
    email = EmailField(_("Email (optional, never shown)"))
    text = TextAreaField(_("Comment"))
    subscribe = BooleanField(_("Email me about replies"))
    parent = HiddenField()
    website = StringField(_("Leave this empty"))
    """A trap: people do not see it, programs fill it in."""
    started = HiddenField()
    """The pass: when the guest began (see `passes`)."""
    work = HiddenField()
    """The solved challenge."""

    @property
    def parent_id(self) -> int | None:
        """The number of the comment that is replied to."""
        return row_number(self.parent.data or "")

    def kept(self) -> dict[str, Any]:
        """Return what was filled in, for the page that asks once more."""
        names = ("name", "email", "text", "parent", "website")
        fields = {name: self[name].data or "" for name in names}
        return fields | ({"subscribe": "y"} if self.subscribe.data else {})


class EditForm(Form):
    """A comment's text, changed by who wrote it."""

    text = TextAreaField(_("Comment"))
