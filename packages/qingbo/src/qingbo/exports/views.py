"""The page of the account on which people take their data. Adds its views to those of accounts."""

import tempfile

from flask import Response, render_template, send_file
from flask_login import current_user, login_required

from qingbo.accounts.queries import user_named
from qingbo.accounts.throttling import MAIL, count_form
from qingbo.accounts.views import bp
from qingbo.audit.trail import note
from qingbo.exports.personal import write_personal_data
from qingbo.extensions import session, stop_writing
from qingbo.media.place import current_storage


@bp.get("/account/data")
@login_required
def show_data() -> str:
    """Show what is in the download."""
    return render_template("accounts/data.html")


@bp.post("/account/data")
@login_required
def download_data() -> Response:
    """Send a zip file with everything that the person wrote."""
    count_form(MAIL)
    name = current_user.name
    note(session(), "data-download", name)
    session().commit()
    stop_writing()  # others may write while the file is made
    # Closed by the response; it has no name, so nothing is left if the process is killed.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    if (user := user_named(session(), name)) is not None:
        write_personal_data(session(), current_storage(), user, file)
    file.seek(0)
    answer = send_file(file, "application/zip", as_attachment=True, download_name=f"{name}.zip")
    answer.cache_control.no_store = True
    return answer
