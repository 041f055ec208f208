"""Flask-Security with our accounts: sessions, TOTP, passkeys, one-time links. Its pages use our templates."""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

from flask import Flask, abort, after_this_request, make_response, redirect, render_template, request
from flask import session as browser_session
from flask_login import current_user
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.mail_util import MailUtil
from flask_security.password_util import PasswordUtil
from flask_security.signals import (
    password_changed,
    password_reset,
    reset_password_instructions_sent,
    tf_disabled,
    tf_profile_changed,
    user_authenticated,
    user_confirmed,
    wan_deleted,
    wan_registered,
)
from flask_security.totp import Totp
from flask_security.utils import localize_callback
from flask_security.webauthn_util import WebauthnUtil
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from werkzeug.wrappers import Response

from qingbo.accounts import forms, passwords, throttling
from qingbo.accounts.messages import MESSAGES, SUBJECTS
from qingbo.accounts.models import Passkey, Role, User
from qingbo.accounts.names import key_of
from qingbo.accounts.notices import tell_of_change
from qingbo.accounts.queries import administrators
from qingbo.audit.trail import note
from qingbo.clock import now
from qingbo.config import Settings, cookie_name
from qingbo.extensions import commit_last, db, session
from qingbo.languages import CATALOGUES, DOMAIN
from qingbo.mail.outbox import put_mail
from qingbo.site_settings import current_settings, given_settings

FRESH_FOR = timedelta(hours=1)
"""How long after signing in a person may change their ways of signing in without entering the password again."""

REMEMBERED_FOR = timedelta(days=30)
LINKS_LAST = timedelta(days=1)
RECOVERY_CODES = 8
MOST_CREDENTIAL, MOST_LISTS = 20_000, 50
"""Limits on a browser's passkey answer: characters, and opening brackets."""


class _Accounts(SQLAlchemyUserDatastore):
    """Loads accounts together with their roles, so that nothing is loaded lazily later."""

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> User | None:
        """Return the account with the given column values."""
        found: User | None = session().scalar(select(User).filter_by(**wanted).options(selectinload(User.roles)))
        return found

    def commit(self) -> None:
        """Commit what a view of Flask-Security wrote. The view calls this when it is done."""
        commit_last()

    def tf_reset(self, user: Any) -> None:
        """Switch two-factor authentication off and delete the recovery codes."""
        user.tf_primary_method = user.tf_totp_secret = user.totp_counter = user.mf_recovery_codes = None
        self.put(user)  # type: ignore[no-untyped-call]


class _Codes(Totp):  # type: ignore[misc, unused-ignore]
    """One-time codes. A code, or an older one, does not work twice (RFC 6238, 5.2)."""

    def get_last_counter(self, user: Any) -> int | None:
        """Return the time step of the last code that was used."""
        counter: int | None = user.totp_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Store the time step of a code; the view commits."""
        user.totp_counter = tmatch.counter


class _Passwords(PasswordUtil):  # type: ignore[misc, unused-ignore]
    """Our password rules, the same on every page and on the command line."""

    def validate(self, password: str, is_register: bool, **known: Any) -> tuple[list[str] | None, str]:
        """Return what is wrong with a password, and the password."""
        user = known.get("user")
        problem = passwords.problem_with(password, *((user.name, user.email) if user else ()))
        return ([problem] if problem else None), password


class _Passkeys(WebauthnUtil):  # type: ignore[misc, unused-ignore]
    """Passkeys. They identify the account and verify the owner by fingerprint, face or PIN: two factors in one."""

    def origin(self) -> str:
        """Return the origin of the blog, as browsers send it."""
        return given_settings().origin or str(request.host_url).rstrip("/")

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        """Require a discoverable passkey that verifies its owner."""
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        )

    def user_verification(self, user: Any, usage: list[str]) -> UserVerificationRequirement:
        """Require the passkey to verify its owner each time."""
        return UserVerificationRequirement.REQUIRED


_NOTICES = {"accounts/mail/password_changed"}
"""Flask-Security's mails that contain no link. They are sent even if `address` is not set."""


class _Mail(MailUtil):  # type: ignore[misc, unused-ignore]
    """Sends mail through the outbox, so that it is sent only if the change that it reports is committed."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,
        body: str | None,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        """Put a mail into the outbox, unless it needs a link and the setting `address` is missing."""
        if recipient and (template in _NOTICES or current_settings().mails_links):
            put_mail(session(), str(recipient), str(subject), body or "")
            after_this_request(_commit)  # not every view of Flask-Security commits


def _commit(response: Response) -> Response:
    session().commit()
    return response


def prepare_accounts(app: Flask, settings: Settings, secret: str) -> Security:
    """Bind Flask-Security to the app."""
    app.config.update(_configuration(settings, secret), **SUBJECTS, **_templates())
    app.config.update({f"SECURITY_MSG_{name}": value for name, value in MESSAGES.items()})
    security = Security(
        app,
        _Accounts(db, User, Role, Passkey),
        login_form=forms.LoginForm,
        verify_form=forms.VerifyForm,
        forgot_password_form=forms.ForgotPasswordForm,
        reset_password_form=forms.ResetPasswordForm,
        change_password_form=forms.ChangePasswordForm,
        send_confirmation_form=forms.SendConfirmationForm,
        two_factor_verify_code_form=forms.CodeForm,
        mf_recovery_form=forms.RecoveryForm,
        wan_register_form=forms.PasskeyForm,
        wan_signin_form=forms.PasskeySigninForm,
        wan_delete_form=forms.PasskeyDeleteForm,
        mail_util_cls=_Mail,
        password_util_cls=_Passwords,
        totp_cls=_Codes,
        webauthn_util_cls=_Passkeys,
        render_template=_render,
    )
    # Only the session identifies a person; tokens in headers or addresses are ignored.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    _listen(app)
    app.view_functions["security.confirm_email"] = _asked_first(app.view_functions["security.confirm_email"])
    app.before_request_funcs.setdefault("security", []).append(_limit)
    app.after_request_funcs.setdefault("security", []).append(_see_other)
    return security


def derived_key(secret: str, purpose: str) -> bytes:
    """Return 32 bytes derived from the blog's secret, different for each purpose."""
    return hmac.digest(secret.encode(), purpose.encode(), hashlib.sha256)


def _configuration(settings: Settings, secret: str) -> dict[str, Any]:
    is_https = bool(settings.address and settings.address.startswith("https://"))
    cookie = {"httponly": True, "secure": is_https, "samesite": "Lax"}
    return {
        "SECURITY_PASSWORD_SALT": secret,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2", "bcrypt"],
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2", "bcrypt"],
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": passwords.HASH_OPTIONS,
        "SECURITY_PASSWORD_NORMALIZE_FORM": None,
        # What it hashes is signed anyway. A slow hash would reveal by its time for which account a link was made.
        "SECURITY_HASHING_SCHEMES": ["hex_sha256"],
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"name_key": {"mapper": key_of}}, {"email": {"mapper": forms.email_key}}],
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_DATETIME_FACTORY": now,
        "SECURITY_I18N_DOMAIN": DOMAIN,
        "SECURITY_I18N_DIRNAME": [str(CATALOGUES)],
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_FRESHNESS": FRESH_FOR,
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=10),
        "SECURITY_RESET_PASSWORD_WITHIN": LINKS_LAST,
        "SECURITY_CONFIRM_EMAIL_WITHIN": timedelta(days=5),
        "SECURITY_CONFIRMABLE": True,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_POST_CHANGE_VIEW": "/account/security",
        "SECURITY_CHANGE_URL": "/account/password",
        "SECURITY_VERIFY_URL": "/login/again",
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "SECURITY_TWO_FACTOR_VALIDITY_COOKIE": cookie,
        "SECURITY_TWO_FACTOR_SETUP_URL": "/account/two-step",
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/login/code",
        "SECURITY_TWO_FACTOR_RESCUE_URL": "/login/help",
        "SECURITY_TWO_FACTOR_SELECT_URL": "/login/method",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/account/security",
        "SECURITY_TOTP_SECRETS": {"1": derived_key(secret, "totp").hex()},
        "SECURITY_TOTP_ISSUER": settings.title,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": RECOVERY_CODES,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [base64.urlsafe_b64encode(derived_key(secret, "recovery"))],
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/account/recovery-codes",
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/login/recovery",
        "SECURITY_WEBAUTHN": True,
        "SECURITY_WAN_RP_NAME": settings.title,
        "SECURITY_WAN_REGISTER_URL": "/account/passkeys",
        "SECURITY_WAN_DELETE_URL": "/account/passkeys/delete",
        "SECURITY_WAN_SIGNIN_URL": "/login/passkey",
        "SECURITY_WAN_ALLOW_AS_VERIFY": None,  # it compares e-mail addresses, and an account may have none
        "SECURITY_WAN_ALLOW_USER_HINTS": False,  # a list of an account's passkeys would reveal that the account exists
        "REMEMBER_COOKIE_NAME": cookie_name("qingbo_remember", settings),
        "REMEMBER_COOKIE_PATH": settings.path or "/",
        "REMEMBER_COOKIE_DURATION": REMEMBERED_FOR,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SECURE": is_https,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "SESSION_PROTECTION": None,  # a phone changes its IP address all day
    }


def _templates() -> dict[str, str]:
    pages = {
        "LOGIN_USER": "login", "VERIFY": "verify", "FORGOT_PASSWORD": "forgot", "RESET_PASSWORD": "reset",
        "CHANGE_PASSWORD": "password", "SEND_CONFIRMATION": "send_confirmation", "TWO_FACTOR_SETUP": "two_step",
        "TWO_FACTOR_VERIFY_CODE": "code", "TWO_FACTOR_SELECT": "method",
        "MULTI_FACTOR_RECOVERY_CODES": "recovery_codes",
        "MULTI_FACTOR_RECOVERY": "recovery", "WAN_REGISTER": "passkeys", "WAN_SIGNIN": "passkey",
    }  # fmt: skip
    mails = {
        "EMAIL_TEMPLATE_CONFIRM": "confirm", "EMAIL_TEMPLATE_PASSWORD_RESET": "reset",
        "EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": "password_changed",
        "EMAIL_TEMPLATE_PASSWORD_CHANGE_NOTICE": "password_changed",
    }  # fmt: skip
    named = {f"SECURITY_{name}_TEMPLATE": f"accounts/{page}.html" for name, page in pages.items()}
    return named | {f"SECURITY_{name}": f"accounts/mail/{mail}" for name, mail in mails.items()}


def _render(template: str, **values: Any) -> Any:
    """Render a template. Answer 422 if a form was refused; Flask-Security would answer 200."""
    if template in _SAYING_WHOM_TO_ASK:
        values["administrators"] = administrators(session())
    text = render_template(template, **values)
    is_page = template.endswith(".html")
    refused = any(getattr(value, "errors", None) for name, value in values.items() if name.endswith("_form"))
    return make_response(text, 422) if is_page and refused and request.method == "POST" else text


def _see_other(response: Response) -> Response:
    if response.status_code == 302 and request.method == "POST":
        response.status_code = 303
    return response


def _asked_first(view: Any) -> Any:
    """Make a link in a mail show a button first: mail scanners follow links, people press the button."""

    def confirm(token: str) -> Any:
        if request.method != "POST":
            return render_template("accounts/confirm.html")
        return view(token=token)

    return confirm


def _limit() -> Any:
    endpoint = str(request.endpoint).removeprefix("security.")
    if endpoint == "two_factor_rescue":  # it would mail somebody who cannot help; our page says who can
        abort(404)
    if endpoint == "two_factor_token_validation" and current_user.is_authenticated:
        return redirect("/")  # the view would sign the person out, and a picture in a post can request its address
    if request.method != "POST":
        return None
    if endpoint in _BY_MAIL and not current_settings().mails_links:
        return _render(_BY_MAIL[endpoint]), 422
    credential = request.form.get("credential", "")
    if len(credential) > MOST_CREDENTIAL or credential.count("[") > MOST_LISTS:
        abort(400)
    if limit := _LIMITS.get(endpoint):
        throttling.count_form(limit)
    return None


_BY_MAIL = {"forgot_password": "accounts/forgot.html", "send_confirmation": "accounts/send_confirmation.html"}
"""Forms that send a link by mail. If the blog cannot send links, their pages say whom to contact."""

_SAYING_WHOM_TO_ASK = {*_BY_MAIL.values(), "accounts/recovery.html"}

_LIMITS = {
    "forgot_password": throttling.MAIL, "send_confirmation": throttling.MAIL, "reset_password": throttling.GUESS,
    "two_factor_token_validation": throttling.GUESS, "mf_recovery": throttling.GUESS, "verify": throttling.GUESS,
    "wan_signin": throttling.GUESS, "wan_signin_response": throttling.GUESS, "change_password": throttling.GUESS,
}  # fmt: skip
"""Limits of forms, by endpoint. Signing in has its own limits."""


def _listen(app: Flask) -> None:
    user_authenticated.connect(_signed_in, app)
    for signal, action in _NOTED.items():
        signal.connect(action, app)


def _signed_in(app: Flask, user: User, authn_via: list[str] | None = None, **_rest: Any) -> None:
    browser_session.pop("csrf_token", None)  # tokens from before signing in are invalid now
    throttling.remember_device(user)
    note(session(), "sign-in", ", ".join(authn_via or ()) or "second step", actor=user)


def _noted(action: str, told: str = "") -> Any:
    def receive(app: Flask, user: Any, **_rest: Any) -> None:
        note(session(), action, user.name, actor=user)
        if told and user.email:
            tell_of_change(session(), user, user.email, str(localize_callback(told)))

    return receive


def _confirmed_by_reset(app: Flask, user: Any, **_rest: Any) -> None:
    # The link was sent to this address, so the address belongs to this person, whoever chose the old password.
    user.confirmed_at = user.confirmed_at or now()
    note(session(), "password-reset", user.name, actor=user)


def _(text: str) -> str:
    """Mark a text for the catalogue; it is translated when it is sent."""
    return text


_NOTED = {
    password_changed: _noted("password-change"),  # Flask-Security sends the mail itself
    password_reset: _confirmed_by_reset,
    reset_password_instructions_sent: _noted("password-reset-asked"),
    tf_profile_changed: _noted("two-step-on", _("Two-factor authentication was enabled.")),
    tf_disabled: _noted("two-step-off", _("Two-factor authentication was disabled.")),
    user_confirmed: _noted("e-mail-confirmed"),
    wan_registered: _noted("passkey-added", _("A passkey was added.")),
    wan_deleted: _noted("passkey-removed", _("A passkey was removed.")),
}
"""Kept in a module variable because signals reference their receivers weakly."""
