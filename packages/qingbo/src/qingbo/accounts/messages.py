"""Our versions of Flask-Security's messages. English here, Chinese in the catalogue."""

from flask_security.utils import get_message


def _(text: str) -> str:
    """Mark a text for the catalogue; it is translated when it is shown."""
    return text


MESSAGES = {
    "API_ERROR": (_("Invalid request. Please start again."), "error"),
    "GENERIC_AUTHN_FAILED": (_("Wrong username or password."), "error"),
    "WAITING": (_("Your account is pending approval by an administrator."), "error"),
    "WAITING_WITHOUT_MAIL": (
        _("Your account is pending approval. You can contact %(names)s."),
        "error",
    ),
    "UNAUTHORIZED": (_("You don’t have permission to do this."), "error"),
    "UNAUTHENTICATED": (_("Please sign in"), "error"),
    "REAUTHENTICATION_REQUIRED": (_("Enter your password again to change how you sign in."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (_("Password confirmed."), "done"),
    "EMAIL_CONFIRMED": (_("Your email is confirmed. You can now sign in."), "done"),
    "ALREADY_CONFIRMED": (_("Your email is already confirmed."), "info"),
    "INVALID_CONFIRMATION_TOKEN": (_("This link is invalid or has expired. Request a new one."), "error"),
    "CONFIRMATION_EXPIRED": (_("This link expired after %(within)s. Request a new one."), "error"),
    "CONFIRMATION_REQUIRED": (
        _("Your email is not confirmed yet. Check your inbox, or request a new confirmation email."),
        "error",
    ),
    "CONFIRMATION_BY_HAND": (
        _("Your email is not confirmed yet. This blog doesn’t send email: ask %(names)s to confirm it."),
        "error",
    ),
    "CONFIRMATION_REQUEST": (_("If an account with %(email)s needs to be confirmed, a link has been sent."), "done"),
    "DISABLED_ACCOUNT": (_("This account is disabled."), "error"),
    "PASSWORD_RESET_REQUEST": (_("If there is an account with %(email)s, a link has been sent."), "done"),
    "PASSWORD_RESET_EXPIRED": (_("This link expired after %(within)s. Request a new one."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (_("This link is invalid or has expired. Request a new one."), "error"),
    "PASSWORD_RESET_NO_LOGIN": (
        _("Password changed. All devices have been signed out. Sign in with the new password."),
        "done",
    ),
    "PASSWORD_CHANGE": (_("Password changed. All other devices have been signed out."), "done"),
    "PASSWORD_IS_THE_SAME": (_("The new password must be different from the current one."), "error"),
    "PASSWORD_NOT_PROVIDED": (_("This field is required."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (_("The passwords don’t match."), "error"),
    "INVALID_INPUT": (_("Invalid request. Please start again."), "error"),
    "INVALID_PASSWORD": (_("Wrong password."), "error"),
    "INVALID_REDIRECT": (_("This URL isn’t on this blog."), "error"),
    "ANONYMOUS_USER_REQUIRED": (_("You are already signed in."), "info"),
    "FORGOT_PASSWORD": (_("Forgot your password?"), "info"),
    "TWO_FACTOR_INVALID_TOKEN": (_("This code is wrong or was already used. Wait for the next one."), "error"),
    "INVALID_RECOVERY_CODE": (_("This recovery code is wrong or was already used."), "error"),
    "NO_RECOVERY_CODES_SETUP": (_("You don’t have any recovery codes yet."), "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_("Welcome back!"), "done"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        _("Two-factor authentication is on. Next, create recovery codes."),
        "done",
    ),
    "TWO_FACTOR_PERMISSION_DENIED": (_("Sign in with your username and password first."), "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (_("Invalid request. Please start again."), "error"),
    "TWO_FACTOR_DISABLED": (_("Two-factor authentication was disabled."), "done"),
    "TWO_FACTOR_SETUP_EXPIRED": (_("This request expired after %(within)s. Please start again."), "error"),
    "WEBAUTHN_EXPIRED": (_("This request expired after %(within)s. Please start again."), "error"),
    "WEBAUTHN_NAME_REQUIRED": (_("This field is required."), "error"),
    "WEBAUTHN_NAME_INUSE": (_("You already have a passkey named %(name)s."), "error"),
    "WEBAUTHN_NAME_NOT_FOUND": (_("You don’t have a passkey named %(name)s."), "error"),
    "WEBAUTHN_NAME_DISALLOWED_CHARACTERS": (_("Passkey names can contain letters, digits, spaces, - and _."), "error"),
    "WEBAUTHN_CREDENTIAL_DELETED": (_("Passkey %(name)s removed."), "done"),
    "WEBAUTHN_REGISTER_SUCCESSFUL": (_("Passkey %(name)s added. You can now sign in with it."), "done"),
    "WEBAUTHN_CREDENTIAL_ID_INUSE": (_("This passkey has already been added."), "error"),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": (_("This passkey isn’t registered on this blog."), "error"),
    "WEBAUTHN_ORPHAN_CREDENTIAL_ID": (_("This passkey isn’t registered on this blog."), "error"),
    "WEBAUTHN_NO_VERIFY": (_("The passkey couldn’t be verified. Please try again."), "error"),
    "WEBAUTHN_CREDENTIAL_WRONG_USAGE": (_("This passkey can’t be used here."), "error"),
    "WEBAUTHN_MISMATCH_USER_HANDLE": (_("This passkey belongs to another account."), "error"),
}

SUBJECTS = {
    "SECURITY_EMAIL_SUBJECT_CONFIRM": _("Confirm your email"),
    "SECURITY_EMAIL_SUBJECT_PASSWORD_RESET": _("Reset your password"),
    "SECURITY_EMAIL_SUBJECT_PASSWORD_NOTICE": _("Your password was changed"),
    "SECURITY_EMAIL_SUBJECT_PASSWORD_CHANGE_NOTICE": _("Your password was changed"),
}


def text_of(name: str, **values: str) -> str:
    """Return one of the texts in the language of the page."""
    return str(get_message(name, **values)[0])
