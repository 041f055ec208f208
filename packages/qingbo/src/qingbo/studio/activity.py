"""The activity log's texts in the language of the page: labels for its codes and for some of its targets.

The database stores codes and targets untranslated. Every new code needs a label here.
"""

from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from qingbo.audit.models import AuditEvent
from qingbo.studio.forms import ROLES, AppearanceForm, SettingsForm

LABELS = {
    "appearance": _("Changed appearance"),
    "approve": _("Approved account"),
    "comment-deleted": _("Deleted comment"),
    "comment-held": _("Held comment for approval"),
    "comment-hidden": _("Hid comment"),
    "comment-shown": _("Approved comment"),
    "comment-spam": _("Marked comment as spam"),
    "confirmation-link": _("Created email confirmation link"),
    "e-mail-changed": _("Changed email"),
    "e-mail-confirmed": _("Confirmed email"),
    "invitation-taken-back": _("Revoked invitation"),
    "invite": _("Invited user"),
    "media-deleted": _("Deleted file"),
    "passkey-added": _("Added passkey"),
    "passkey-removed": _("Removed passkey"),
    "password-change": _("Changed password"),
    "password-link": _("Created password reset link"),
    "password-reset": _("Reset password"),
    "password-reset-asked": _("Requested password reset"),
    "post-deleted": _("Moved post to trash"),
    "series-changed": _("Changed series"),
    "series-ordered": _("Reordered series"),
    "series-deleted": _("Deleted series"),
    "tag-changed": _("Changed tag"),
    "post-published": _("Published post"),
    "post-restored": _("Restored post"),
    "post-tagged": _("Tagged post"),
    "post-unpublished": _("Unpublished post"),
    "registered": _("Signed up"),
    "role": _("Changed role"),
    "sessions-ended": _("Signed out of all devices"),
    "account-deleted": _("Deleted own account"),
    "data-download": _("Personal data downloaded"),
    "restore": _("Blog restored from a backup"),
    "settings": _("Changed settings"),
    "setup": _("Created first administrator"),
    "sign-in": _("Signed in"),
    "sign-in-failed": _("Failed sign-in"),
    "switch-off": _("Disabled account"),
    "switch-on": _("Enabled account"),
    "two-step-off": _("Disabled two-factor authentication"),
    "two-step-on": _("Enabled two-factor authentication"),
    "user-create": _("Created user"),
}

_WAYS = {
    "password": _("Password"),
    "second step": _("Two-factor authentication"),
    "webauthn": _("Passkey"),
}
"""Ways of signing in."""


def label_of(event: AuditEvent) -> str:
    """Return the label of an action; an unknown code of another release is returned unchanged."""
    return str(LABELS.get(event.action, event.action))


def target_of(event: AuditEvent) -> str:
    """Return the target of an action."""
    match event.action:
        case "sign-in":
            return _each_named(event.subject, _WAYS)
        case "settings" | "appearance":
            form = SettingsForm(MultiDict()) if event.action == "settings" else AppearanceForm(MultiDict())
            return _each_named(event.subject, {field.name: field.label.text for field in form})
        case "invite":
            role, space, email = event.subject.partition(" ")
            return f"{ROLES.get(role, role)}{space}{email}"
        case "approve" | "role" | "switch-off" | "switch-on" | "user-create":
            name, space, role = event.subject.partition(" ")
            return f"{name}{space}{ROLES.get(role, role)}"
    return event.subject


def place_of(event: AuditEvent) -> str:
    """Return the place from which the action came."""
    return str(_("Command line")) if event.address == "command line" else event.address


def _each_named(subject: str, names: dict[str, object]) -> str:
    return ", ".join(str(names.get(each, each)) for each in subject.split(", "))
