"""Forms of the studio."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from qingbo.accounts.models import EMAIL_LENGTH
from qingbo.accounts.roles import AUTHOR
from qingbo.choices import choices
from qingbo.languages import LANGUAGES

ROLES = {
    "administrator": _("Administrator"),
    "editor": _("Editor"),
    "author": _("Author"),
    "reader": _("Reader"),
}


def _number(label: Any) -> IntegerField:
    return IntegerField(label, [InputRequired(_("Enter a number."))])


def _without_returns(text: str | None) -> str | None:
    return text.replace("\r\n", "\n") if text else text


class SettingsForm(FlaskForm):
    """The settings that can be changed in the studio. `config.Settings` validates them."""

    title = StringField(_("Blog name"))
    description = TextAreaField(_("Blog description"))
    language = SelectField(_("Default language"), choices=choices(LANGUAGES))
    timezone = StringField(_("Time zone"))
    posts_per_page = _number(_("Posts per page"))
    feed_content = SelectField(
        _("RSS feeds contain"),
        choices=choices({"full": _("Full posts"), "excerpt": _("Excerpts only")}),
        default="full",
    )
    ai_crawlers = SelectField(
        _("AI crawlers"),
        choices=choices({"allow": _("Allow"), "refuse": _("Ask them to stay away")}),
        default="allow",
    )
    owner_links = TextAreaField(_("Your other pages"), filters=[_without_returns])
    link_previews = BooleanField(_("Show link previews"))
    typographic_quotes = BooleanField(_("Smart quotes and dashes"))
    view_counts = BooleanField(_("Count views"))
    registration = SelectField(
        _("Who can sign up"),
        choices=choices(
            {
                "open": _("Anyone"),
                "approval": _("Anyone, with approval"),
                "invitation": _("Invited people only"),
                "closed": _("No one"),
            }
        ),
    )
    registration_role = SelectField(
        _("New users can"),
        choices=choices({"reader": _("Comment only"), "author": _("Comment and write posts")}),
    )
    guest_comments = BooleanField(_("Allow guests to comment"))
    comment_hold = SelectField(
        _("Guest comments that need approval"),
        choices=choices(
            {"first": _("Each guest’s first comment"), "all": _("All"), "none": _("Suspicious comments only")}
        ),
    )
    comment_links = _number(_("Links allowed per guest comment (more need approval)"))
    comment_words = TextAreaField(_("Words that require approval"))
    comment_challenge = BooleanField(_("Spam check for guest comments"))


class AppearanceForm(FlaskForm):
    """The look of the blog. `config.Settings` and `studio.appearance` validate it."""

    theme = StringField(_("Theme"))
    accent = StringField(_("Accent color"))
    logo = StringField(_("Logo"))
    cover = StringField(_("Cover image"))
    favicon = StringField(_("Site icon"))
    home_layout = SelectField(
        _("Home layout"),
        choices=choices({"stream": _("Stream"), "cards": _("Cards"), "titles": _("Titles only")}),
    )
    footer_text = TextAreaField(_("Footer text"), filters=[_without_returns])
    custom_css = TextAreaField(_("Custom CSS"), filters=[_without_returns])


class InvitationForm(FlaskForm):
    """An invitation: an e-mail address and a role."""

    email = EmailField(_("Email (optional)"), [Length(max=EMAIL_LENGTH)])
    role = SelectField(_("Role"), choices=choices(ROLES), default=AUTHOR)
