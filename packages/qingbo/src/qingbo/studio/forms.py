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
    return IntegerField(label, [InputRequired(_("Please give a number."))])


class SettingsForm(FlaskForm):
    """The settings that can be changed here. Which values can be is said by `config.Settings`."""

    title = StringField(_("Name of the blog"))
    description = TextAreaField(_("One sentence about it"))
    language = SelectField(_("Language of the blog"), choices=choices(LANGUAGES))
    timezone = StringField(_("Time zone"))
    posts_per_page = _number(_("Posts on a page"))
    link_previews = BooleanField(_("Fetch the titles of pages that posts link to"))
    typographic_quotes = BooleanField(_("Typographic quotes and dashes"))
    registration = SelectField(
        _("Who may make an account"),
        choices=choices(
            {
                "open": _("Everybody"),
                "approval": _("Everybody, after an administrator's approval"),
                "invitation": _("Whoever has an invitation"),
                "closed": _("Nobody"),
            }
        ),
    )
    registration_role = SelectField(
        _("What a new account may do"),
        choices=choices({"reader": _("Comment"), "author": _("Comment and write posts")}),
    )
    guest_comments = BooleanField(_("People without an account may comment"))
    comment_hold = SelectField(
        _("Comments of guests that wait for approval"),
        choices=choices({"first": _("The first of each guest"), "all": _("All"), "none": _("Only suspicious ones")}),
    )
    comment_links = _number(_("Links that a guest's comment may have without waiting"))
    comment_words = TextAreaField(_("Words that make a guest's comment wait"))
    comment_challenge = BooleanField(_("A guest's browser has to do some work first"))


def _without_returns(text: str | None) -> str | None:
    return text.replace("\r\n", "\n") if text else text


class AppearanceForm(FlaskForm):
    """How the blog looks. Which values can be is said by `config.Settings` and `studio.appearance`."""

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
    """Whom to invite, as what."""

    email = EmailField(_("E-mail address (optional)"), [Length(max=EMAIL_LENGTH)])
    role = SelectField(_("Role"), choices=choices(ROLES), default=AUTHOR)
