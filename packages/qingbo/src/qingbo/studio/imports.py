"""The studio's page about imports: how to start one, and the report of the last one."""

from flask import current_app
from flask_babel import lazy_gettext as _

from qingbo.accounts.access import administrator_required
from qingbo.extensions import session
from qingbo.hints import for_pages
from qingbo.home import DataFolder
from qingbo.imports.last_report import last_report
from qingbo.imports.report import Item, Outcome, Topic
from qingbo.imports.report_text import sentence_of
from qingbo.studio import views
from qingbo.studio.views import bp

ITEMS = {
    Item.POST: _("Posts"), Item.PAGE: _("Pages"), Item.TAG: _("Tags"), Item.CATEGORY: _("Categories"),
    Item.SERIES: _("Series"), Item.COMMENT: _("Comments"), Item.USER: _("Users"), Item.PICTURE: _("Images"),
    Item.ATTACHMENT: _("Attachments"), Item.REDIRECT: _("Redirects"), Item.REMINDER: _("Reminders"),
    Item.FILE: _("Files"),
}  # fmt: skip
OUTCOMES = {
    Outcome.NEW: _("New"), Outcome.UPDATED: _("Updated"), Outcome.UNCHANGED: _("Unchanged"),
    Outcome.DELETED_HERE: _("Deleted here"), Outcome.LEFT_OUT: _("Not imported"), Outcome.SKIPPED: _("Skipped"),
}  # fmt: skip
TOPICS = {
    Topic.LEFT_OUT: _("Not imported"), Topic.CHECK: _("Please check"), Topic.MISSING: _("Missing files"),
    Topic.DRAFT: _("Saved as drafts"), Topic.SCHEDULED: _("Scheduled"), Topic.SKIPPED: _("Skipped"),
}  # fmt: skip
"""Headings of the remarks, those first that need attention most."""


@bp.get("/import")
@administrator_required
def show_import() -> views.Page:
    """Show the report of the last import."""
    folder: DataFolder = current_app.extensions["qingbo_home"]
    command = for_pages("qingbo import --help", folder)
    labels = {"items": ITEMS, "outcomes": OUTCOMES, "topics": TOPICS}
    report = last_report(session())
    return views.studio_page("import", report=report, command=command, sentence_of=sentence_of, **labels)
