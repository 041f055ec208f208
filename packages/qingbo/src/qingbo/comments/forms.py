"""The form of a comment."""

from flask_babel import lazy_gettext as _
from wtforms import Form, StringField, TextAreaField


class CommentForm(Form):
    """A name, for guests, and a text."""

    name = StringField(_("Your name"))
    text = TextAreaField(_("Comment"))
