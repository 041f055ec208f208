"""The studio's appearance page: a form, a preview for its administrator only, and saving."""

from typing import Any
from urllib.parse import urlsplit

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from pydantic import ValidationError

from qingbo.accounts.access import administrator_required
from qingbo.appearance import NAMES
from qingbo.appearance.pictures import NAMES as PICTURES
from qingbo.appearance.pictures import site_picture
from qingbo.appearance.preview import discard_draft, draft_of, hide_draft, keep_draft, show_draft
from qingbo.appearance.refusals import reason_of
from qingbo.appearance.themes import OURS, theme_named, theme_names
from qingbo.audit.trail import note
from qingbo.config import Settings
from qingbo.extensions import session
from qingbo.media.addresses import address_of
from qingbo.media.queries import picture_at
from qingbo.posts.attachments import files_sent, take_files
from qingbo.site_settings import change_settings, changeable_settings, given_settings, saved_settings
from qingbo.studio import views
from qingbo.studio.forms import AppearanceForm
from qingbo.studio.views import bp
from qingbo.styling.colours import is_colour
from qingbo.styling.custom_css import CssRefused

OUR_ACCENT = "#0f605b"
"""The colour field's value if none is chosen: --accent of css/theme.css in the light variant."""


@bp.get("/appearance")
@administrator_required
def edit_appearance() -> views.Page:
    """Show the form with this administrator's draft, or with the saved look."""
    draft = draft_of(session(), current_user.id)
    return _page(AppearanceForm(data=saved_settings().model_dump() | (draft or {})), has_draft=draft is not None)


@bp.post("/appearance")
@administrator_required
def update_appearance() -> views.Page:
    """Store the form as a draft and preview the blog with it, or save it for everybody."""
    form = AppearanceForm()
    allowed = [name for name in changeable_settings() if name in NAMES]
    form.accent.data = _accent()
    pictured = [_take_picture(form, name) for name in PICTURES if name in allowed]  # all, even after a refused one
    values = {name: form[name].data for name in allowed if form[name].data is not None}
    if not (_are_understood(form, values) and all(pictured)):
        return _page(form), 422
    if request.form.get("do") == "preview":
        keep_draft(session(), current_user.id, values)
        session().commit()
        show_draft(current_user.id)
        return redirect(url_for("site.show_home"), 303)
    return _saved(values)


@bp.post("/appearance/draft")
@administrator_required
def update_draft() -> views.Page:
    """Save the draft for everybody, or discard it."""
    draft = draft_of(session(), current_user.id)
    if draft is not None and request.form.get("do") == "save":
        try:
            return _saved(draft)
        except ValidationError:  # stored by another release
            flash(_("These changes can’t be saved. Review them, then save again."), "error")
            return redirect(url_for("studio.edit_appearance"), 303)
    discard_draft(session(), current_user.id)
    session().commit()
    hide_draft()
    flash(_("Changes discarded."), "done")
    return redirect(url_for("studio.edit_appearance"), 303)


def _saved(values: dict[str, Any]) -> views.Page:
    changed = change_settings(session(), values)
    if changed:
        note(session(), "appearance", ", ".join(changed))
    discard_draft(session(), current_user.id)
    session().commit()
    hide_draft()
    flash(_("Saved. Everyone now sees the new appearance."), "done")
    return redirect(url_for("studio.edit_appearance"), 303)


def _page(form: AppearanceForm, *, has_draft: bool = False) -> str:
    accent = form.accent.data or ""
    return views.studio_page(
        "appearance",
        form=form,
        changeable=changeable_settings(),
        themes=_themes(str(form.theme.data or "")),
        picked=accent if is_colour(accent) else OUR_ACCENT,
        pictures={name: site_picture(form[name].data or "") for name in PICTURES},
        has_draft=has_draft,
    )


def _themes(chosen: str) -> dict[str, tuple[str, str]]:
    """Return title and description of the themes, by name."""
    ours = {
        "default": (_("Default"), _("Sans-serif type on a warm background")),
        "serif": (_("Serif"), _("A book typeface for long reads")),
        "pictures": (_("Images"), _("Neutral colors that let photos stand out")),
    }
    names = theme_names()
    names += [chosen] if chosen and chosen not in names else []
    found = {}
    for name in names:
        about = _("From the themes folder")
        if name not in OURS and theme_named(name).error:
            about = _("The file is missing or has an error. See Health for details.")
        found[name] = ours.get(name, (name, about))
    return found


def _accent() -> str | None:
    """Return the typed colour, or the picked one if only that was changed."""
    typed, before, picked = (request.form.get(name) for name in ("accent", "accent_before", "accent_picked"))
    if typed is None:
        return None
    shown = before if before and is_colour(before) else OUR_ACCENT
    return picked if picked and typed == before and picked != shown else typed.strip()


def _take_picture(form: AppearanceForm, name: str) -> bool:
    """Put the address of an uploaded or chosen picture into its field, and return whether it is valid."""
    field = form[name]
    if files := files_sent(f"{name}_file"):
        taken, refused = take_files(files[:1])
        if refused:
            field.errors = refused
            return False
        field.data = address_of(taken[0])
    elif request.form.get(f"{name}_remove"):
        field.data = ""
    if not field.data:
        return True
    media = picture_at(session(), _path_of(field.data))
    if media is None:
        field.errors = [_("No uploaded image has this URL. Upload one, or copy a URL from Media.")]
        return False
    field.data = address_of(media)
    return True


def _path_of(address: str) -> str:
    """Return the path of an address on this site that was pasted with its host, or an empty string."""
    own = {request.host, urlsplit(saved_settings().address or "").netloc}
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return parts.path.removeprefix(given_settings().path) if parts.netloc in {"", *own} else ""


def _are_understood(form: AppearanceForm, values: dict[str, Any]) -> bool:
    """Return whether all values are valid, and add an error to each field that is not."""
    if "theme" in values and values["theme"] not in {*theme_names(), saved_settings().theme}:
        form.theme.errors = [_("This theme doesn’t exist. Choose another one.")]
    try:
        Settings.model_validate(saved_settings().model_dump() | values)
    except ValidationError as error:
        for problem in error.errors():
            name = str(problem["loc"][0])
            form[name].errors = form[name].errors or [_reason(name, problem)]
    return not any(form[name].errors for name in NAMES)


def _reason(name: str, problem: Any) -> str:
    refused = problem.get("ctx", {}).get("error")
    if isinstance(refused, CssRefused):
        return reason_of(refused)
    if name == "accent":
        return str(_("Enter a color like %(example)s.", example=OUR_ACCENT))
    return str(_("This is too long.") if problem["type"] == "string_too_long" else _("Choose one of the options."))
