"""The form of a post."""

from flask_babel import lazy_gettext as _
from wtforms import Form, StringField, TextAreaField


class PostForm(Form):
    """Title, Markdown, tags. What can be taken is said by `publishing`, to people and importers alike."""

    title = StringField(_("Title"))
    text = TextAreaField(_("Text"))
    tags = StringField(_("Tags"))
