"""The forms of comments."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, EmailField, Form, HiddenField, StringField, TextAreaField

from qingbo.arguments import row_number


class CommentForm(Form):
    """A new comment or reply. `moderation` validates it."""

    name = StringField(_("Your name"))
    email = EmailField(_("Email (optional, never shown)"))
    text = TextAreaField(_("Comment"))
    subscribe = BooleanField(_("Email me about replies"))
    parent = HiddenField()
    website = StringField(_("Leave this empty"))
    """A trap: people do not see this field, bots fill it in."""
    started = HiddenField()
    """The pass: when the guest began to write (see `passes`)."""
    work = HiddenField()
    """The solved challenge."""

    @property
    def parent_id(self) -> int | None:
        """The number of the comment to reply to."""
        return row_number(self.parent.data or "")

    def kept(self) -> dict[str, Any]:
        """Return the fields for the page that shows the form again."""
        names = ("name", "email", "text", "parent", "website")
        fields = {name: self[name].data or "" for name in names}
        return fields | ({"subscribe": "y"} if self.subscribe.data else {})


class EditForm(Form):
    """The text of a comment, for its writer to change."""

    text = TextAreaField(_("Comment"))
