"""Forms of accounts."""

from flask_babel import lazy_gettext as _
from wtforms import Form, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from qingbo.accounts.models import NAME_LENGTH
from qingbo.accounts.passwords import MAX_LENGTH, MIN_LENGTH


class LoginForm(Form):
    """Name and password."""

    name = StringField(_("Name"), [InputRequired(_("Please fill this in.")), Length(max=255)])
    password = PasswordField(_("Password"), [InputRequired(_("Please fill this in.")), Length(max=MAX_LENGTH)])


class SetupForm(Form):
    """The first administrator."""

    name = StringField(_("Name"), [InputRequired(_("Please fill this in.")), Length(max=NAME_LENGTH)])
    password = PasswordField(
        _("Password"),
        [
            InputRequired(_("Please fill this in.")),
            Length(MIN_LENGTH, MAX_LENGTH, _("A password has %(min)d to %(max)d characters.")),
        ],
    )
    repeated = PasswordField(_("Password again"), [EqualTo("password", _("The two passwords are not the same."))])
