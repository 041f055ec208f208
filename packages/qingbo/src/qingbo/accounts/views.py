"""Pages of accounts that Flask-Security does not have: the first administrator, registering, one's own account."""

import hmac

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from flask_security import login_user
from flask_security.confirmable import send_confirmation_instructions
from flask_security.decorators import auth_required
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from qingbo.accounts import profiles, registration
from qingbo.accounts.forms import EmailForm, ProfileForm, RegisterForm, SetupForm, email_key
from qingbo.accounts.models import Invitation, User
from qingbo.accounts.notices import tell_of_change
from qingbo.accounts.queries import administrators, has_administrator, invitation_of, picture, user_with_email
from qingbo.accounts.roles import ADMINISTRATOR
from qingbo.accounts.throttling import MAIL, SETUP, UPLOAD, count_form, may_mail
from qingbo.addresses import site_url
from qingbo.audit.trail import note
from qingbo.clock import now
from qingbo.errors import InputRefused
from qingbo.extensions import session
from qingbo.home import DataFolder
from qingbo.mail.outbox import put_mail
from qingbo.site_settings import current_settings

bp = Blueprint("accounts", __name__)

Page = str | AnyResponse | tuple[str, int]

EMAIL_LINK_SECONDS = 24 * 3600


@bp.get("/logout")
def edit_session() -> Page:
    """Show the button to sign out."""
    if not current_user.is_authenticated:
        return redirect(url_for("site.show_home"))
    return render_template("accounts/logout.html")


@bp.get("/setup/<token>")
def new_administrator(token: str) -> Page:
    """Show the form for the first administrator."""
    _require_setup(token)
    return render_template("accounts/setup.html", form=SetupForm())


@bp.post("/setup/<token>")
def create_administrator(token: str) -> Page:
    """Make the first administrator and sign in. The link is valid for one account."""
    count_form(SETUP)
    folder = _require_setup(token)
    form = SetupForm()
    if form.validate():
        try:
            user = registration.create_user(session(), form.name.data, form.password.data, role=ADMINISTRATOR)
        except InputRefused as error:
            form.name.errors = [str(error)]
        else:
            if not folder.use_setup_token():
                abort(404)
            note(session(), "setup", user.name, actor=user)
            login_user(user, authn_via=["setup"])
            session().commit()
            return redirect(url_for("studio.edit_settings"), 303)
    return render_template("accounts/setup.html", form=form), 422


@bp.get("/register", defaults={"token": ""})
@bp.get("/register/<token>")
def new_account(token: str) -> Page:
    """Show the registration form, or why there is none."""
    if current_user.is_authenticated:
        return redirect(url_for("site.show_home"))
    invitation = invitation_of(session(), token) if token else None
    return _register_page(RegisterForm(email=invitation.email if invitation else ""), token, invitation)


@bp.post("/register", defaults={"token": ""})
@bp.post("/register/<token>")
def create_account(token: str) -> Page:
    """Make an account if the settings or the invitation allow it."""
    count_form(MAIL)
    invitation = invitation_of(session(), token) if token else None
    form = RegisterForm()
    if not _may_register(token, invitation):
        return _register_page(form, token, invitation), 422
    if form.validate():
        if email := email_key(form.email.data):
            try:
                return _registered(form, email, invitation)
            except InputRefused as error:
                session().rollback()
                form.name.errors = [str(error)]
        else:
            form.email.errors = [_("Enter a valid email address.")]
    return _register_page(form, token, invitation), 422


@bp.get("/register/done")
def show_registered() -> Page:
    """Show the next steps; the same page whether or not the address had an account."""
    return render_template("accounts/registered.html", administrators=administrators(session()))


@bp.get("/account")
@login_required
def edit_profile() -> Page:
    """Show the form for one's profile."""
    return render_template("accounts/profile.html", form=ProfileForm(obj=current_user))


@bp.post("/account")
@login_required
def update_profile() -> Page:
    """Change one's profile."""
    count_form(UPLOAD)
    form = ProfileForm()
    if form.validate():
        try:
            _change_profile(form)
        except InputRefused as error:
            session().rollback()
            form.form_errors.append(str(error))
        else:
            session().commit()
            flash(_("Profile saved."), "done")
            return redirect(url_for("accounts.edit_profile"), 303)
    return render_template("accounts/profile.html", form=form), 422


@bp.get("/account/security")
@login_required
def show_security() -> Page:
    """Show the ways of signing in, and how to change them."""
    return render_template("accounts/security.html", form=EmailForm(obj=current_user))


@bp.get("/account/email")
@login_required
def edit_email() -> Page:
    """Redirect to the form for the e-mail address: people arrive here after they enter their password again."""
    return redirect(url_for("accounts.show_security"))


@bp.post("/account/email")
@auth_required("session", within=60, grace=10)
def update_email() -> Page:
    """Change one's e-mail address, by a link to the new one if the blog can send mail."""
    count_form(MAIL)
    form = EmailForm()
    email = email_key(form.email.data or "")
    if not form.validate() or email is None:
        form.email.errors = [_("Enter a valid email address.")]
        return render_template("accounts/security.html", form=form), 422
    if not current_settings().mails_links:
        if _set_email(_myself(), email):
            flash(_("Email changed."), "done")
        else:
            flash(_("This email can’t be used. Enter another one."), "error")
    else:
        _send_email_link(current_user, email)
        flash(_("We sent a link to %(email)s. Open it to change your email.", email=email), "done")
    session().commit()
    return redirect(url_for("accounts.show_security"), 303)


@bp.get("/account/email/<token>")
@login_required
def confirm_email(token: str) -> Page:
    """Ask for a click: mail scanners follow links, too."""
    return render_template("accounts/confirm.html")


@bp.post("/account/email/<token>")
@login_required
def update_confirmed_email(token: str) -> Page:
    """Change one's e-mail address, confirmed by the link."""
    try:
        uniquifier, email = _email_links().loads(token, max_age=EMAIL_LINK_SECONDS)
    except BadSignature:
        uniquifier, email = "", ""
    if uniquifier == current_user.fs_uniquifier and _set_email(_myself(), email):
        flash(_("Email changed."), "done")
    else:
        flash(_("This link is invalid or has expired. Request a new one."), "error")
    session().commit()
    return redirect(url_for("accounts.show_security"), 303)


@bp.post("/account/sessions/end")
@login_required
def delete_sessions() -> Page:
    """End every session of the account on every device."""
    registration.end_sessions(session(), current_user)
    note(session(), "sessions-ended", current_user.name)
    session().commit()
    flash(_("You have been signed out of all devices."), "done")
    return redirect(url_for("security.login"), 303)


@bp.get("/avatars/<digest>.webp")
def show_avatar(digest: str) -> Page:
    """Show an uploaded picture. Its address contains the digest of its content, so it never changes."""
    data = picture(session(), digest) or abort(404)
    answer = Response(data, mimetype="image/webp")
    answer.cache_control.public = answer.cache_control.immutable = True
    answer.cache_control.max_age = 365 * 24 * 3600
    return answer


def _require_setup(token: str) -> DataFolder:
    folder: DataFolder = current_app.extensions["qingbo_home"]
    wanted = folder.setup_token()
    if wanted is None or not hmac.compare_digest(wanted.encode(), token.encode()) or has_administrator(session()):
        abort(404)
    return folder


def _may_register(token: str, invitation: Invitation | None) -> bool:
    if invitation is not None:
        return True
    return not token and current_settings().registration in {"open", "approval"}


def _register_page(form: RegisterForm, token: str, invitation: Invitation | None) -> str:
    may = _may_register(token, invitation)
    return render_template(
        "accounts/register.html",
        form=form,
        may=may,
        invited=bool(invitation),
        bad_link=bool(token) and not invitation,
        administrators=() if may else administrators(session()),
    )


def _registered(form: RegisterForm, email: str, invitation: Invitation | None) -> Page:
    settings = current_settings()
    role = invitation.role_name if invitation else settings.registration_role
    approve = invitation is None and settings.registration == "approval"
    user = registration.register(session(), form.name.data, form.password.data, email, role, approve=approve)
    if user is None:
        _tell_who_is_here_already(email)
    else:
        _welcome(user, invitation)
    session().commit()
    return redirect(url_for("accounts.show_registered", invited="yes" if invitation else None), 303)


def _welcome(user: User, invitation: Invitation | None) -> None:
    note(session(), "registered", user.name, actor=user)
    if invitation:
        registration.use_invitation(session(), invitation, user)
    if not current_settings().mails_links:
        if invitation:
            user.confirmed_at = now()  # an administrator invited the person, and no link can be sent
    else:
        send_confirmation_instructions(user)  # type: ignore[no-untyped-call]


def _tell_who_is_here_already(email: str) -> None:
    if may_mail("existing", email):
        put_mail(session(), email, _("You already have an account"), render_template("accounts/mail/existing.txt"))


def _change_profile(form: ProfileForm) -> None:
    profiles.change_profile(
        session(), current_user, display_name=form.display_name.data or "", bio=form.bio.data or "",
        links=form.links.data or "", language=form.language.data or "",
    )  # fmt: skip
    if form.remove_avatar.data:
        profiles.remove_avatar(session(), current_user)
    elif form.avatar.data:
        profiles.set_avatar(session(), current_user, form.avatar.data.read(profiles.MOST_BYTES + 1))


def _myself() -> User:
    # Not the proxy: login_user stores the object it gets as the current user.
    user: User = current_user._get_current_object()
    return user


def _set_email(user: User, email: str) -> bool:
    owner = user_with_email(session(), email)
    if owner is not None and owner.id != user.id:
        return False
    if user.email and user.email != email:
        tell_of_change(session(), user, user.email, _("Your email was changed."))
    user.email, user.confirmed_at = email, now()
    # This also invalidates the links that were sent to the old address.
    registration.end_sessions(session(), user)
    login_user(user, authn_via=["e-mail-changed"])
    note(session(), "e-mail-changed", user.name)
    return True


def _send_email_link(user: User, email: str) -> None:
    # If another account has the address, nothing is sent, and the answer is the same: it reveals nothing.
    if user_with_email(session(), email) or not may_mail("change", email):
        return
    token = _email_links().dumps([user.fs_uniquifier, email])
    link = site_url("accounts.confirm_email", token=token)
    put_mail(session(), email, _("Confirm your email"), render_template("accounts/mail/email.txt", link=link))


def _email_links() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="e-mail")
