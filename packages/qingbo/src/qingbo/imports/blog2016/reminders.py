"""Reminders of the blog of 2016: mails to be sent at a time. Those to come wait in the outbox."""

from collections.abc import Sequence
from datetime import tzinfo

from qingbo.accounts.forms import email_key
from qingbo.clock import now
from qingbo.imports.blog2016.entries import moment_of
from qingbo.imports.report import Item, Outcome, Topic
from qingbo.imports.systems.databases import Row
from qingbo.imports.systems.importing import SystemImport
from qingbo.mail.models import OutgoingMail
from qingbo.mail.outbox import SUBJECT_LENGTH
from qingbo.rendering.characters import on_one_line, without_controls
from qingbo.site_settings import current_settings

SUBJECT = "Reminder"


def take_reminders(run: SystemImport, rows: Sequence[Row], zone: tzinfo) -> None:
    """Put the reminders to come into the outbox, each once. Commits."""
    known = run.origins.known("reminder", [str(row["id"]) for row in rows])
    for row in rows:
        if str(row["id"]) in known:
            run.report.count(Item.REMINDER, Outcome.UNCHANGED)
        else:
            _take(run, row, zone)
    run.target.keep()


def _take(run: SystemImport, row: Row, zone: tzinfo) -> None:
    source, due = f"{run.source}, reminder {row['id']}", moment_of(row["date"], zone)
    recipient = email_key(str(row["email"] or ""))
    if due is None or due <= now():
        run.report.count(Item.REMINDER, Outcome.SKIPPED)
        run.report.note(Topic.SKIPPED, source, "it was due before this import")
    elif recipient is None:
        run.report.leave_out(Item.REMINDER, source, f"{row['email']} is no e-mail address")
    elif not current_settings().sends_mail:
        run.report.leave_out(
            Item.REMINDER, source, "this blog sends no mail", hint="set mail_host and mail_from, and import again"
        )
    else:
        text = without_controls(str(row["text"] or "")).strip()
        mail = OutgoingMail(recipient=recipient, text=f"{text}\n", due_at=due)
        mail.subject = on_one_line(text.partition("\n")[0])[:SUBJECT_LENGTH] or SUBJECT
        run.target.session.add(mail)
        run.target.session.flush()
        run.origins.add("reminder", str(row["id"]), mail.id)
        run.report.count(Item.REMINDER, Outcome.NEW)
