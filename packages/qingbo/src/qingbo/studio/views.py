"""Pages of the studio."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from flask_security.confirmable import generate_confirmation_token
from flask_security.recoverable import generate_reset_password_token
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from qingbo.accounts import queries as people
from qingbo.accounts import registration
from qingbo.accounts.access import administrator_required, author_required
from qingbo.accounts.forms import email_key, needs_approval, needs_confirmation
from qingbo.accounts.models import Invitation, User
from qingbo.addresses import site_url
from qingbo.arguments import asked_row, row_numbers
from qingbo.audit.trail import PAGE as EVENTS_PER_PAGE
from qingbo.audit.trail import newest_events, note
from qingbo.comments.finding import newest_comments
from qingbo.comments.models import State
from qingbo.comments.queries import QUEUE_PAGE, count_waiting, moderated_comments, queue
from qingbo.comments.views import VERDICTS, judge
from qingbo.config import MOST_LINKS
from qingbo.doctor import Finding, examine
from qingbo.errors import InputRefused
from qingbo.extensions import session
from qingbo.hints import for_pages
from qingbo.home import DataFolder
from qingbo.mail.outbox import put_mail
from qingbo.renderings import html_of_comments
from qingbo.search.terms import LONGEST, Query
from qingbo.site_settings import change_settings, changeable_settings, current_settings
from qingbo.studio import activity
from qingbo.studio.forms import ROLES, InvitationForm, SettingsForm
from qingbo.studio.health import newest_backups, waiting_mail

bp = Blueprint("studio", __name__, url_prefix="/studio")

Page = str | Response | tuple[str, int]

STATES = (State.HELD, State.SHOWN, State.HIDDEN, State.SPAM)


@bp.get("")
@login_required
def show_home() -> Page:
    """Redirect to the first page that this person may see."""
    return redirect(url_for("studio.list_posts" if current_user.is_author else "accounts.edit_profile"))


@bp.get("/comments")
@author_required
def list_comments() -> Page:
    """Show comments that wait for approval, or those that were moderated."""
    search = request.args.get("search", "")[:LONGEST].strip()
    try:
        state = State(asked) if (asked := request.args.get("state", "" if search else State.HELD)) else None
    except ValueError:
        abort(404)
    numbers = newest_comments(session(), Query.read(search), current_user) if search else None
    found = queue(session(), current_user, state, _before(), numbers)
    comments = found[:QUEUE_PAGE]
    html = html_of_comments(session(), {comment.text for comment in comments})
    older = comments[-1].id if len(found) > QUEUE_PAGE else None
    return studio_page("comments", comments=comments, html=html, state=state, states=STATES, older=older, search=search)


@bp.post("/comments")
@author_required
def update_comments() -> Page:
    """Set the state of the selected comments."""
    state = VERDICTS.get(request.form.get("verdict", "")) or abort(400)
    numbers = row_numbers(request.form.getlist("comment")[:QUEUE_PAGE])
    comments = moderated_comments(session(), current_user, numbers)
    if comments:
        judge(comments, state)
        session().commit()
        flash(_("Comments updated: %(count)s.", count=len(comments)), "done")
    else:
        flash(_("Select at least one comment."), "error")
    shown, search = (request.form.get(name) or None for name in ("state", "search"))
    return redirect(url_for("studio.list_comments", state=shown, search=search), 303)


@bp.get("/people")
@administrator_required
def list_people() -> Page:
    """Show the accounts, those that wait for approval first."""
    search = request.args.get("search", "")[:64]
    found = people.people_page(session(), search, asked_row("after"))
    shown = found[: people.PEOPLE_PER_PAGE]
    more = shown[-1].id if len(found) > people.PEOPLE_PER_PAGE else None
    waiting = people.waiting_people(session(), unconfirmed=not current_settings().mails_links)
    return studio_page("people", people=shown, waiting=waiting, needs_approval=needs_approval, search=search, more=more)


@bp.get("/people/<name>")
@administrator_required
def show_person(name: str) -> Page:
    """Show an account and the possible actions."""
    return _person_page(_require_person(name))


@bp.post("/people/<name>/role")
@administrator_required
def update_role(name: str) -> Page:
    """Give an account another role."""
    return _changed(name, "role", lambda user: registration.set_role(session(), user, request.form.get("role", "")))


@bp.post("/people/<name>/approve")
@administrator_required
def approve_person(name: str) -> Page:
    """Approve a waiting account, and tell the person by mail."""

    def approve(user: User) -> None:
        registration.approve(session(), user, confirm=not current_settings().mails_links)
        if user.email:
            text = render_template("accounts/mail/approved.txt", user=user)
            put_mail(session(), user.email, _("Your account has been approved"), text)

    return _changed(name, "approve", approve)


@bp.post("/people/<name>/switch")
@administrator_required
def switch_person(name: str) -> Page:
    """Disable an account, or enable it again."""
    if request.form.get("on") == "yes":
        return _changed(name, "switch-on", lambda user: registration.switch_on(session(), user))
    return _changed(name, "switch-off", lambda user: registration.switch_off(session(), user))


@bp.post("/people/<name>/link")
@administrator_required
def create_link(name: str) -> Page:
    """Make a link for an administrator to pass on: for a new password, or to confirm an address without mail."""
    user = _require_person(name)
    if request.form.get("kind") == "confirm" and needs_confirmation(user):
        link = _confirmation_link(user)
        note(session(), "confirmation-link", user.name)
    else:
        link = site_url("security.reset_password", token=generate_reset_password_token(user))  # type: ignore[no-untyped-call]
        note(session(), "password-link", user.name)
    session().commit()
    return _person_page(_require_person(name), link=link)


@bp.get("/invitations")
@administrator_required
def list_invitations() -> Page:
    """Show the invitations that can still be used, and a form for a new one."""
    return _invitations_page(InvitationForm())


@bp.post("/invitations")
@administrator_required
def create_invitation() -> Page:
    """Invite somebody by mail, if there is an address and a mail server, and by a link to pass on."""
    form = InvitationForm()
    email = email_key(form.email.data) if form.email.data else None
    if not form.validate() or (form.email.data and email is None):
        form.email.errors = [_("Enter a valid email address.")]
        return _invitations_page(form), 422
    _invitation, token = registration.invite(session(), form.role.data, email)
    link = site_url("accounts.new_account", token=token)
    note(session(), "invite", f"{form.role.data} {email or ''}".strip())
    if email and current_settings().mails_links:
        text = render_template("accounts/mail/invitation.txt", link=link)
        put_mail(session(), email, _("You’re invited to %(title)s", title=current_settings().title), text)
    session().commit()
    return _invitations_page(InvitationForm(MultiDict()), link=link, sent_to=email)


@bp.post("/invitations/<int:number>/delete")
@administrator_required
def delete_invitation(number: int) -> Page:
    """Revoke an invitation."""
    invitation = session().get(Invitation, number) if number.bit_length() <= 63 else None
    if invitation is None:
        abort(404)
    session().delete(invitation)
    note(session(), "invitation-taken-back", invitation.email or "")
    session().commit()
    return redirect(url_for("studio.list_invitations"), 303)


@bp.get("/settings")
@administrator_required
def edit_settings() -> Page:
    """Show the form for the settings."""
    return _settings_page(SettingsForm(obj=current_settings()))


@bp.post("/settings")
@administrator_required
def update_settings() -> Page:
    """Change the settings."""
    form = SettingsForm()
    allowed = [name for name in changeable_settings() if name in form]
    values = {name: form[name].data for name in allowed if form[name].data is not None}
    if all(form[name].validate(form) for name in allowed):
        try:
            changed = change_settings(session(), values)
        except ValidationError as error:
            for problem in error.errors():
                name = str(problem["loc"][0])
                form[name].errors = [_reason(name)]
        else:
            if changed:
                note(session(), "settings", ", ".join(changed))
            session().commit()
            flash(_("Settings saved."), "done")
            return redirect(url_for("studio.edit_settings"), 303)
    return _settings_page(form), 422


@bp.get("/health")
@administrator_required
def show_health() -> Page:
    """Show the findings of the health checks, and how to fix problems."""
    folder: DataFolder = current_app.extensions["qingbo_home"]
    findings = [
        Finding(each.subject, for_pages(each.message, folder), for_pages(each.remedy, folder))
        for each in examine(current_app)
    ]
    command = for_pages("qingbo doctor", folder)
    mails, backups = waiting_mail(session()), newest_backups(folder)
    return studio_page("health", findings=findings, command=command, mails=mails, backups=backups)


@bp.get("/log")
@administrator_required
def show_log() -> Page:
    """Show the activity log."""
    found = newest_events(session(), _before())
    events = found[:EVENTS_PER_PAGE]
    older = events[-1].id if len(found) > EVENTS_PER_PAGE else None
    return studio_page("log", events=events, activity=activity, older=older)


def studio_page(template: str, **values: Any) -> str:
    """Render a page of the studio."""
    waiting = count_waiting(session(), current_user)
    return render_template(f"studio/{template}.html", waiting_comments=waiting, roles=ROLES, **values)


def _confirmation_link(user: User) -> str:
    token = generate_confirmation_token(user)  # type: ignore[no-untyped-call]
    return site_url("security.confirm_email", token=token)


def _person_page(user: User, link: str = "") -> str:
    return studio_page(
        "person", person=user, link=link, unconfirmed=needs_confirmation(user), needs_approval=needs_approval(user)
    )


def _invitations_page(form: InvitationForm, link: str = "", sent_to: str | None = None) -> str:
    invitations = people.open_invitations(session())
    return studio_page("invitations", form=form, invitations=invitations, link=link, sent_to=sent_to)


def _settings_page(form: SettingsForm) -> str:
    return studio_page("settings", form=form, changeable=changeable_settings())


def _changed(name: str, action: str, change: Any) -> Page:
    user = _require_person(name)
    try:
        change(user)
    except InputRefused as error:
        session().rollback()
        flash(str(error), "error")
    else:
        note(session(), action, f"{user.name} {user.role}")
        session().commit()
        flash(_("Changes saved."), "done")
    return redirect(url_for("studio.show_person", name=name), 303)


def _require_person(name: str) -> User:
    return people.user_named(session(), name) or abort(404)


def _before() -> int | None:
    return asked_row("before") or None


def _reason(name: str) -> str:
    reasons = {
        "timezone": _("Enter a time zone such as Asia/Shanghai or Europe/Berlin."),
        "posts_per_page": _("Enter a number from 1 to 100."),
        "comment_links": _("Enter a number from 0 to 100."),
        "title": _("Enter 1 to 100 characters on one line."),
        "owner_links": _("Enter up to %(most)s URLs that start with https://, one per line.", most=MOST_LINKS),
    }
    return str(reasons.get(name) or _("This is too long."))
