"""Pages of accounts: signing in and out, and the first administrator."""

import hmac

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from qingbo.accounts.forms import LoginForm, SetupForm
from qingbo.accounts.queries import has_administrator
from qingbo.accounts.registration import create_user
from qingbo.accounts.sessions import sign_in
from qingbo.errors import InputRefused
from qingbo.extensions import limiter, session
from qingbo.home import DataFolder

bp = Blueprint("accounts", __name__)

Page = str | Response | tuple[str, int]


@bp.get("/login")
def new_session() -> Page:
    """Show the form to sign in."""
    if current_user.is_authenticated:
        return redirect(url_for("site.show_home"))
    return render_template("accounts/login.html", form=LoginForm(), next=_own_path(request.args.get("next")))


@bp.post("/login")
@limiter.limit("10 per minute; 100 per hour")
def create_session() -> Page:
    """Sign in."""
    form = LoginForm(request.form)
    target = _own_path(request.form.get("next"))
    if form.validate() and sign_in(session(), form.name.data, form.password.data):
        return redirect(target or url_for("site.show_home"), 303)
    problem = "" if form.errors else _("Name and password do not belong together.")
    return render_template("accounts/login.html", form=form, next=target, problem=problem), 422


@bp.get("/logout")
def edit_session() -> Page:
    """Show the button to sign out."""
    if not current_user.is_authenticated:
        return redirect(url_for("site.show_home"))
    return render_template("accounts/logout.html")


@bp.post("/logout")
def delete_session() -> Page:
    """Sign out."""
    logout_user()
    return redirect(url_for("site.show_home"), 303)


@bp.get("/setup/<token>")
def new_administrator(token: str) -> Page:
    """Show the form for the first administrator."""
    _require_setup(token)
    return render_template("accounts/setup.html", form=SetupForm())


@bp.post("/setup/<token>")
@limiter.limit("20 per minute")
def create_administrator(token: str) -> Page:
    """Make the first administrator and sign in. The link is good for one."""
    folder = _require_setup(token)
    form = SetupForm(request.form)
    if form.validate():
        try:
            user = create_user(session(), form.name.data, form.password.data, administrator=True)
        except InputRefused as error:
            form.name.errors = [str(error)]
        else:
            if not folder.use_setup_token():
                abort(404)
            session().commit()
            login_user(user)
            return redirect(url_for("posts.new_post"), 303)
    return render_template("accounts/setup.html", form=form), 422


def _require_setup(token: str) -> DataFolder:
    folder: DataFolder = current_app.extensions["qingbo_home"]
    wanted = folder.setup_token()
    if wanted is None or not hmac.compare_digest(wanted.encode(), token.encode()) or has_administrator(session()):
        abort(404)
    return folder


def _own_path(target: str | None) -> str:
    """Return a path on this site, or nothing: a login page must not send people elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return ""
    return "" if any(ord(each) < 32 for each in target) else target
