"""The words of Flask-Security as this blog says them. English here, Chinese in the catalogue."""

from flask_security.utils import get_message


def _(text: str) -> str:
    """Mark a text for the catalogue; it is translated when it is shown."""
    return text


MESSAGES = {
    "API_ERROR": (_("That was not understood. Please begin anew."), "error"),
    "GENERIC_AUTHN_FAILED": (_("Name and password do not belong together."), "error"),
    "WAITING": (_("Your account waits for an administrator's approval."), "error"),
    "WAITING_WITHOUT_MAIL": (
        _("Your account waits for an administrator's approval. You can ask %(names)s."),
        "error",
    ),
    "UNAUTHORIZED": (_("You may not do this."), "error"),
    "UNAUTHENTICATED": (_("Please sign in"), "error"),
    "REAUTHENTICATION_REQUIRED": (_("Please give your password once more: this changes how you sign in."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (_("Thank you. Go on."), "done"),
    "EMAIL_CONFIRMED": (_("Your address is confirmed. You can sign in now."), "done"),
    "ALREADY_CONFIRMED": (_("Your address was confirmed before."), "info"),
    "INVALID_CONFIRMATION_TOKEN": (_("This link is not valid, or not any more. Have a new one sent."), "error"),
    "CONFIRMATION_EXPIRED": (_("This link was valid for %(within)s. Have a new one sent."), "error"),
    "CONFIRMATION_REQUIRED": (
        _("Your e-mail address is not confirmed yet. Look for our mail, or have a new one sent."),
        "error",
    ),
    "CONFIRMATION_BY_HAND": (
        _("Your e-mail address is not confirmed yet. This blog sends no mail: ask %(names)s to confirm it."),
        "error",
    ),
    "CONFIRMATION_REQUEST": (_("If an account with %(email)s waits for it, a link is on its way."), "done"),
    "DISABLED_ACCOUNT": (_("This account is switched off."), "error"),
    "PASSWORD_RESET_REQUEST": (_("If there is an account with %(email)s, a link is on its way."), "done"),
    "PASSWORD_RESET_EXPIRED": (_("This link was valid for %(within)s. Have a new one sent."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (_("This link is not valid, or not any more. Have a new one sent."), "error"),
    "PASSWORD_RESET_NO_LOGIN": (
        _("Your password is changed, and every session has ended. Sign in with the new one."),
        "done",
    ),
    "PASSWORD_CHANGE": (_("Your password is changed, and every other session has ended."), "done"),
    "PASSWORD_IS_THE_SAME": (_("That is the password you have."), "error"),
    "PASSWORD_NOT_PROVIDED": (_("Please fill this in."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (_("The two passwords are not the same."), "error"),
    "INVALID_INPUT": (_("That was not understood. Please begin anew."), "error"),
    "INVALID_PASSWORD": (_("That is not your password."), "error"),
    "INVALID_REDIRECT": (_("That place is not on this site."), "error"),
    "ANONYMOUS_USER_REQUIRED": (_("You are signed in already."), "info"),
    "FORGOT_PASSWORD": (_("Forgot the password?"), "info"),
    "TWO_FACTOR_INVALID_TOKEN": (_("That is not the code, or it was used before. Wait for the next one."), "error"),
    "INVALID_RECOVERY_CODE": (_("That is none of your codes, or it was used before."), "error"),
    "NO_RECOVERY_CODES_SETUP": (_("You have no codes yet."), "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_("Welcome back."), "done"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        _("From now on signing in asks for a code of the app. Make recovery codes next."),
        "done",
    ),
    "TWO_FACTOR_PERMISSION_DENIED": (_("Please begin with your name and password."), "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (_("That was not understood. Please begin anew."), "error"),
    "TWO_FACTOR_DISABLED": (_("Signing in asks for no code any more."), "done"),
    "TWO_FACTOR_SETUP_EXPIRED": (_("That took longer than %(within)s. Please begin anew."), "error"),
    "WEBAUTHN_EXPIRED": (_("That took longer than %(within)s. Please begin anew."), "error"),
    "WEBAUTHN_NAME_REQUIRED": (_("Please fill this in."), "error"),
    "WEBAUTHN_NAME_INUSE": (_("You have a passkey named %(name)s already."), "error"),
    "WEBAUTHN_NAME_NOT_FOUND": (_("You have no passkey named %(name)s."), "error"),
    "WEBAUTHN_NAME_DISALLOWED_CHARACTERS": (_("A passkey's name has letters, digits, spaces, - and _."), "error"),
    "WEBAUTHN_CREDENTIAL_DELETED": (_("The passkey %(name)s is removed."), "done"),
    "WEBAUTHN_REGISTER_SUCCESSFUL": (_("The passkey %(name)s is added. You can sign in with it."), "done"),
    "WEBAUTHN_CREDENTIAL_ID_INUSE": (_("That passkey is known already."), "error"),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": (_("That passkey is not known here."), "error"),
    "WEBAUTHN_ORPHAN_CREDENTIAL_ID": (_("That passkey is not known here."), "error"),
    "WEBAUTHN_NO_VERIFY": (_("The passkey could not be checked. Please try again."), "error"),
    "WEBAUTHN_CREDENTIAL_WRONG_USAGE": (_("That passkey is not for this."), "error"),
    "WEBAUTHN_MISMATCH_USER_HANDLE": (_("That passkey belongs to another account."), "error"),
}

SUBJECTS = {
    "SECURITY_EMAIL_SUBJECT_CONFIRM": _("Confirm your e-mail address"),
    "SECURITY_EMAIL_SUBJECT_PASSWORD_RESET": _("A new password"),
    "SECURITY_EMAIL_SUBJECT_PASSWORD_NOTICE": _("Your password was changed"),
    "SECURITY_EMAIL_SUBJECT_PASSWORD_CHANGE_NOTICE": _("Your password was changed"),
}


def text_of(name: str, **values: str) -> str:
    """Return one of the texts in the language of the page."""
    return str(get_message(name, **values)[0])
