"""The form of a post."""

from flask_babel import lazy_gettext as _
from wtforms import Form, HiddenField, SelectField, StringField, TextAreaField

from qingbo.choices import choices
from qingbo.rendering.languages import NAMES


class PostForm(Form):
    """Title, Markdown, tags. What can be taken is said by `publishing`, to people and importers alike."""

    title = StringField(_("Title"))
    text = TextAreaField(_("Text"))
    tags = StringField(_("Tags"))
    language = SelectField(_("Written in"), choices=choices({"": _("Detect automatically"), **NAMES}), default="")
    version = HiddenField()
    """Of the post that the form began with; see `versions`."""
