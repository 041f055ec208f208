"""Forms of accounts. Flask-Security's forms get our texts; their validation is unchanged unless stated here."""

import re
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _
from flask_security import forms as theirs
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.webauthn import WebAuthnDeleteForm, WebAuthnRegisterForm, WebAuthnSigninForm
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from qingbo.accounts import passwords, throttling
from qingbo.accounts.asking import names_to_ask
from qingbo.accounts.messages import text_of
from qingbo.accounts.models import BIO_LENGTH, EMAIL_LENGTH, NAME_LENGTH, User
from qingbo.accounts.queries import user_signing_in, user_with_email
from qingbo.audit.trail import note
from qingbo.choices import choices
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.languages import LANGUAGES
from qingbo.site_settings import current_settings

PASSWORD = _("Password")
FILL_IN = _("This field is required.")
NOT_THE_SAME = _("The passwords don’t match.")


def email_key(address: str) -> str | None:
    """Return an e-mail address in the form in which it is stored and compared, or None if it is not one."""
    try:
        return validate_email(address.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def _required(most: int) -> list[Any]:
    return [InputRequired(FILL_IN), Length(max=most)]


def _password_field(label: Any = PASSWORD, autocomplete: str = "current-password") -> Any:
    return PasswordField(label, _required(passwords.MAX_LENGTH), render_kw={"autocomplete": autocomplete})


def _repeated_field(other: str = "password") -> Any:
    return PasswordField(
        _("Confirm password"),
        [InputRequired(FILL_IN), EqualTo(other, NOT_THE_SAME)],
        render_kw={"autocomplete": "new-password"},
    )


class _StaysHere:
    """A form with a `next` address, which has to be on this site."""

    def validate_next(self, field: Any) -> None:
        """Clear `next` if it is not on this site."""
        if field.data and not is_own_path(field.data):
            field.data = ""


class LoginForm(_StaysHere, theirs.LoginForm):  # type: ignore[misc, unused-ignore]
    """Name or e-mail address, and password. The same message for every wrong combination."""

    email = StringField(
        _("Username or email"), _required(EMAIL_LENGTH), name="name", render_kw={"autocomplete": "username"}
    )
    password = _password_field()
    remember = BooleanField(_("Keep me signed in"))

    def validate(self, **_options: Any) -> bool:
        """Return whether this person may sign in; sets `user`."""
        if not FlaskForm.validate(self):
            return False
        name = self.email.data or ""
        throttling.count_sign_in(name)
        user = _owner(name, self.password.data or "")
        if user is None:
            self.form_errors.append(text_of("GENERIC_AUTHN_FAILED"))
            note(session(), "sign-in-failed", name)
            session().commit()
            return False
        self.user = user
        self.user_authenticated = True
        if problem := _obstacle(user):
            self.form_errors.append(problem)
        return not self.form_errors


def _owner(name: str, password: str) -> User | None:
    """Return the account if name and password match.

    Hashing the password is slow, so it happens between two transactions: no other writer has to wait for it.
    """
    session().rollback()
    with writing(False):
        found = user_signing_in(session(), name)
        stored = found.password if found else None
        session().rollback()
    if not passwords.is_right(stored, password):
        return None
    renewed = passwords.hash_password(password) if stored and passwords.is_bcrypt(stored) else None
    user = user_signing_in(session(), name)
    if user is None or user.password != stored:
        return None
    user.password = renewed or stored
    return user


def _obstacle(user: Any) -> str:
    by_mail = current_settings().mails_links
    if user.waiting_since:
        return text_of("WAITING") if by_mail else text_of("WAITING_WITHOUT_MAIL", names=names_to_ask())
    if not user.active:
        return text_of("DISABLED_ACCOUNT")
    if not needs_confirmation(user):
        return ""
    return text_of("CONFIRMATION_REQUIRED") if by_mail else text_of("CONFIRMATION_BY_HAND", names=names_to_ask())


def needs_confirmation(user: User) -> bool:
    """Return whether the e-mail address is still unconfirmed; an account without an address needs no confirmation."""
    return user.email is not None and user.confirmed_at is None


def needs_approval(user: User) -> bool:
    """Return whether an administrator has to approve: the settings require it, or no mail can confirm the address."""
    return user.waiting_since is not None or (
        user.active and needs_confirmation(user) and not current_settings().mails_links
    )


class VerifyForm(_StaysHere, theirs.VerifyForm):  # type: ignore[misc, unused-ignore]
    """Asks for the password again before a sensitive change."""

    password = _password_field()


class _ByMailForm(theirs.Form):  # type: ignore[misc, unused-ignore]
    """An address to send a link to. The answer does not reveal whether a link is sent."""

    email = EmailField(_("Email"), _required(EMAIL_LENGTH), render_kw={"autocomplete": "email"})

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user: User | None = None
        self.requires_confirmation = False  # Flask-Security's views read it

    def validate(self, **options: Any) -> bool:
        """Return whether a link goes out; sets `user`."""
        if not super().validate(**options):
            return False
        address = email_key(self.email.data)
        user = user_with_email(session(), address) if address else None
        if user is None or not self.suits(user) or not throttling.may_mail(type(self).__name__, str(address)):
            self.email.errors = ["-"]  # the view removes it, and the answer looks the same as after success
            return False
        self.user = user
        return True

    def suits(self, user: User) -> bool:
        """Return whether this kind of link may be sent to the account."""
        raise NotImplementedError


class ForgotPasswordForm(_ByMailForm):
    """Requests a link for a new password."""

    def suits(self, user: User) -> bool:
        """Return whether the account is active or waits for approval. The link also confirms the address."""
        return user.active or user.waiting_since is not None

    def validate(self, **options: Any) -> bool:
        """Return whether a link is sent. If so, hash a password: the view does it otherwise, and both take as long."""
        goes_out = super().validate(**options)
        if goes_out:
            passwords.hash_password("as long")
        return goes_out


class SendConfirmationForm(_ByMailForm):
    """Requests the confirmation link for an address again."""

    def suits(self, user: User) -> bool:
        """Return whether the address is still unconfirmed."""
        return user.confirmed_at is None


class ResetPasswordForm(theirs.ResetPasswordForm):  # type: ignore[misc, unused-ignore]
    """A new password, set through a link."""

    password = _password_field(_("New password"), "new-password")
    password_confirm = _repeated_field()


class ChangePasswordForm(theirs.ChangePasswordForm):  # type: ignore[misc, unused-ignore]
    """A new password, set with the old one."""

    password = _password_field(_("Current password"))
    new_password = _password_field(_("New password"), "new-password")
    new_password_confirm = _repeated_field("new_password")


class CodeForm(theirs.TwoFactorVerifyCodeForm):  # type: ignore[misc, unused-ignore]
    """The six digits of an authenticator app."""

    code = StringField(
        _("Verification code"), _required(20), render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"}
    )


class RecoveryForm(MfRecoveryForm):  # type: ignore[misc, unused-ignore]
    """One of the recovery codes, for people who have lost their phone."""

    code = StringField(
        _("Recovery code"),
        _required(40),
        filters=[lambda typed: _as_made(typed or "")],
        render_kw={"autocomplete": "off"},
    )


def _as_made(typed: str) -> str:
    """Return a recovery code in its original form, however it was typed: 12 hexadecimal digits in three groups."""
    digits = re.sub("[^0-9a-f]", "", typed.lower())
    return "-".join((digits[:4], digits[4:8], digits[8:]))


class PasskeyForm(WebAuthnRegisterForm):  # type: ignore[misc, unused-ignore]
    """The name of a new passkey."""

    name = StringField(_("Passkey name"), _required(64))
    usage = HiddenField(default="first")

    def validate(self, **options: Any) -> bool:
        """Return whether the name is valid. Every passkey is for signing in, whatever the form sends as `usage`."""
        self.usage.data = "first"
        return bool(super().validate(**options))


class PasskeyDeleteForm(WebAuthnDeleteForm):  # type: ignore[misc, unused-ignore]
    """Which passkey to remove."""

    name = HiddenField(validators=_required(64))


class PasskeySigninForm(_StaysHere, WebAuthnSigninForm):  # type: ignore[misc, unused-ignore]
    """Starts signing in with a passkey; the passkey identifies the account."""

    identity = HiddenField()
    remember = BooleanField(_("Keep me signed in"))


class SetupForm(FlaskForm):
    """The first administrator."""

    name = StringField(_("Username"), _required(NAME_LENGTH), render_kw={"autocomplete": "username"})
    password = _password_field(autocomplete="new-password")
    repeated = _repeated_field()


class RegisterForm(FlaskForm):
    """A new account."""

    name = StringField(_("Username"), _required(NAME_LENGTH), render_kw={"autocomplete": "username"})
    email = EmailField(_("Email"), _required(EMAIL_LENGTH), render_kw={"autocomplete": "email"})
    password = _password_field(autocomplete="new-password")
    repeated = _repeated_field()


class ProfileForm(FlaskForm):
    """A person's public profile, and the language in which they see the blog."""

    display_name = StringField(_("Display name"), [Length(max=NAME_LENGTH)], render_kw={"autocomplete": "nickname"})
    bio = TextAreaField(_("Bio"), [Length(max=BIO_LENGTH)])
    links = TextAreaField(_("Links"))
    language = SelectField(_("Language"), choices=choices({"": _("Same as browser"), **LANGUAGES}))
    avatar = FileField(_("Profile picture"))
    remove_avatar = BooleanField(_("Remove profile picture"))


class EmailForm(FlaskForm):
    """A new e-mail address."""

    email = EmailField(_("Email"), [Optional(), Length(max=EMAIL_LENGTH)], render_kw={"autocomplete": "email"})


def is_own_path(target: str | None) -> bool:
    """Return whether a target is a path on this site: a sign-in page must not redirect to other sites."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return False
    return not any(ord(each) < 32 for each in target)
