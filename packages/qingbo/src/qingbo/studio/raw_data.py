"""The raw-data panel: Flask-Admin under ``/studio/data``, for administrators, with our own templates.

It is read-only unless the setting ``raw_data_writable`` is on, and never shows values that open an account.
"""

from typing import Any

from flask import Flask, abort, current_app
from flask_admin import Admin, AdminIndexView
from flask_admin.contrib.sqla import ModelView
from flask_babel import lazy_gettext as _
from flask_login import current_user
from sqlalchemy import LargeBinary, inspect
from sqlalchemy.exc import SQLAlchemyError

from qingbo.config import Settings
from qingbo.database import NO_ANSWER, Base
from qingbo.extensions import db, session

SECRETS = {
    "credential_id", "fs_uniquifier", "fs_webauthn_user_handle", "mf_recovery_codes", "password", "public_key",
    "salt", "tf_totp_secret", "token", "token_digest", "totp_counter", "unsubscribe_url",
}  # fmt: skip
WITHOUT_TEXT = {"outgoing_mails"}
"""Tables whose texts contain links that open an account."""

ONLY_ADDED_TO = {"audit_events"}
"""The audit log. Nobody may change it, because it also records what administrators do."""

ROWS = 50
MOST_PAGES = 1_000_000


class _ForAdministrators:
    def is_accessible(self) -> bool:
        """Return whether the person is an administrator."""
        return bool(current_user.is_authenticated and current_user.is_administrator)

    def inaccessible_callback(self, name: str, **values: Any) -> Any:
        """Ask the person to sign in, or answer 403."""
        return abort(403) if current_user.is_authenticated else current_app.login_manager.unauthorized()  # type: ignore[attr-defined]


class _Index(_ForAdministrators, AdminIndexView):  # type: ignore[misc, unused-ignore]
    """The list of tables."""


class _Table(_ForAdministrators, ModelView):  # type: ignore[misc, unused-ignore]
    """The rows of one table."""

    list_template = "studio/data/list.html"
    details_template = "studio/data/details.html"
    edit_template = create_template = "studio/data/edit.html"
    can_view_details = True
    can_export = False
    column_display_pk = True
    column_display_actions = False
    page_size = ROWS
    action_disallowed_list = ("delete",)

    def __init__(self, model: type[Base], *, writable: bool) -> None:
        columns = _shown_columns(model)
        self.column_list = self.column_details_list = columns
        self.column_sortable_list = columns
        self.form_columns = [name for name in columns if not inspect(model).columns[name].primary_key]
        name = model.__tablename__
        self.can_create = self.can_edit = self.can_delete = writable and name not in ONLY_ADDED_TO
        super().__init__(model, db, name=name, endpoint=f"raw_{name}", url=f"/studio/data/{name}")

    def get_list(self, page: int | None, *args: Any, **options: Any) -> Any:
        """Return the rows of a page; the page number is capped before it reaches the database."""
        return super().get_list(min(max(page or 0, 0), MOST_PAGES), *args, **options)

    def get_one(self, id: Any) -> Any:  # noqa: A002 - Flask-Admin's name
        """Return a row, or None if its key is invalid."""
        try:
            return super().get_one(id)
        except NO_ANSWER:
            raise
        except (SQLAlchemyError, ValueError, TypeError):
            session().rollback()
            return None


def app_with_panel(settings: Settings) -> Flask:
    """Return an app with nothing but the panel, from which `panel` copies it."""
    app = Flask("qingbo", static_folder=None)
    index = _Index(name=_("Raw data"), endpoint="raw_data", url="/studio/data", template="studio/data/index.html")
    admin = Admin(app, name="raw", index_view=index)
    for mapper in sorted(Base.registry.mappers, key=lambda mapper: str(mapper.local_table.name)):  # type: ignore[attr-defined]
        admin.add_view(_Table(mapper.class_, writable=settings.raw_data_writable))
    return app


def _shown_columns(model: type[Base]) -> list[str]:
    hidden = SECRETS | ({"text"} if model.__tablename__ in WITHOUT_TEXT else set())
    columns = inspect(model).columns
    return [name for name, column in columns.items() if name not in hidden and not isinstance(column.type, LargeBinary)]
