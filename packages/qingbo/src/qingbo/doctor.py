"""`qingbo doctor`: checks the installation, and says how to repair it.

The command line prints the findings in English, the health page in its own language. Reasons from the database, the
mail server and Flask-Rewind stay in English.
"""

import shlex
import shutil
import smtplib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import flask_rewind
from flask import Flask
from flask_babel import gettext as _
from flask_rewind import RewindError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from qingbo import privacy
from qingbo.appearance.themes import faulty_themes
from qingbo.backups.nightly import nightly_backups
from qingbo.clock import now
from qingbo.config import Settings
from qingbo.errors import SetupError
from qingbo.extensions import db, session
from qingbo.forwarding import unknown_proxy
from qingbo.home import DataFolder
from qingbo.mail.delivery import check_server
from qingbo.reindexing import count_missing
from qingbo.site_settings import current_settings

FREE_MEGABYTES = 200
CLOCK_SECONDS = 60
LATE = timedelta(days=2)
"""Age of the newest nightly backup that is reported."""

WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)
"""When this file was written; a clock that shows an earlier time is wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. An empty `remedy` means that it passed."""

    subject: str
    message: str
    remedy: str = ""


def examine(app: Flask) -> Iterator[Finding]:
    """Run the checks one after the other; a failed check does not stop the others."""
    folder: DataFolder = app.extensions["qingbo_home"]
    settings: Settings = app.extensions["qingbo_settings"]
    yield Finding(_("settings"), _("%(file)s and the environment variables are valid", file=folder.settings))
    yield _rights(folder)
    yield _secrets(folder, settings)
    yield _disk(folder)
    with app.app_context():
        yield _database()
        yield _schema()
        yield _attic()
        yield _search()
        yield _backups(folder, settings)
        yield _clock()
        yield from _themes()
    yield _mail(settings)
    yield from _links(folder, settings)
    yield from _proxy(folder, settings)


def make_private(app: Flask) -> list[Finding]:
    """Make the blog's files private, and return a finding if others can still read some."""
    folder: DataFolder = app.extensions["qingbo_home"]
    database = privacy.sqlite_file(folder, app.extensions["qingbo_settings"])
    if stuck := privacy.tighten(folder, database):
        return [_exposed(stuck)]
    finding = _open_folder(folder, database)
    return [finding] if finding else []


def concerns(app: Flask) -> Iterator[Finding]:
    """Return the findings that both `serve` and `examine` report, and that cost nothing."""
    folder, settings = app.extensions["qingbo_home"], app.extensions["qingbo_settings"]
    yield from _links(folder, settings)
    yield from _proxy(folder, settings)


def _links(folder: DataFolder, settings: Settings) -> Iterator[Finding]:
    if settings.sends_mail and not settings.address:
        yield Finding(
            _("links in emails"),
            _(
                "email is set up, but address isn’t: emails with links (password resets, confirmations, "
                "invitations, replies) can’t be sent"
            ),
            _(
                "Add the address of the blog to %(file)s and restart: %(line)s",
                file=folder.settings,
                line='address = "https://blog.example.com"',
            ),
        )


def _proxy(folder: DataFolder, settings: Settings) -> Iterator[Finding]:
    peer = "" if settings.trusted_proxies else unknown_proxy(folder)
    if peer:
        yield Finding(
            _("reverse proxy"),
            _(
                "requests with X-Forwarded-For come from %(address)s, but trusted_proxies is 0. All guests share "
                "one limit: the sixth comment in a minute is rejected, no matter who writes it",
                address=peer,
            ),
            _(
                "Add the number of proxies in front to %(file)s and restart: %(line)s",
                file=folder.settings,
                line="trusted_proxies = 1",
            ),
        )


def _rights(folder: DataFolder) -> Finding:
    subject = _("data folder")
    try:
        folder.require_writable()
    except SetupError as error:
        return Finding(subject, error.message, error.hint)
    return Finding(subject, _("%(folder)s is writable", folder=folder.path))


def _secrets(folder: DataFolder, settings: Settings) -> Finding:
    database = privacy.sqlite_file(folder, settings)
    if found := privacy.exposed(folder, database):
        return _exposed(found)
    private = _("other users on this server can’t read the files")
    return _open_folder(folder, database) or Finding(_("file permissions"), private)


def _exposed(found: Sequence[privacy.Exposed]) -> Finding:
    reasons = "; ".join(sorted({each.reason for each in found if each.reason}))
    names = ", ".join(str(each.path) for each in found)
    commands = "; ".join(each.remedy for each in found)
    if not reasons:
        return Finding(
            _("file permissions"),
            _("other users can read %(names)s", names=names),
            _("Run: %(command)s", command=commands),
        )
    message = _(
        "other users can read %(names)s, and the permissions can’t be changed (%(reasons)s)",
        names=names,
        reasons=reasons,
    )
    return Finding(_("file permissions"), message, _("As the owner of these files, run: %(command)s", command=commands))


def _open_folder(folder: DataFolder, database: Path | None) -> Finding | None:
    command = f"chmod go-w {shlex.quote(str(folder.path))}"
    remedy = _("Move the blog to a folder of its own, or run: %(command)s", command=command)
    match privacy.open_folder(folder, database):
        case "write":
            message = _(
                "other users can write to %(folder)s. It also contains other files, so its permissions were "
                "not changed",
                folder=folder.path,
            )
            return Finding(_("file permissions"), message, remedy)
        case "list":
            message = _(
                "other users on this server can’t read the files, but can see their names: %(folder)s also "
                "contains other files",
                folder=folder.path,
            )
            return Finding(_("file permissions"), message)
    return None


def _disk(folder: DataFolder) -> Finding:
    free = shutil.disk_usage(folder.path).free // 1024**2
    message = _("%(number)s MB free", number=f"{free:,}")
    if free < FREE_MEGABYTES:
        remedy = _(
            "Free some space. With less than %(number)s MB, upgrading or downgrading the database may fail.",
            number=FREE_MEGABYTES,
        )
        return Finding(_("disk"), message, remedy)
    return Finding(_("disk"), message)


def _database() -> Finding:
    subject = _("database")
    name = db.engine.url.render_as_string()
    try:
        with db.engine.connect() as connection:
            connection.execute(select(1))
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        message = _("Can’t connect to %(name)s: %(reason)s", name=name, reason=reason)
        return Finding(subject, message, _("Check that the database is running and that database_url is correct."))
    return Finding(subject, _("Connected to %(name)s", name=name))


def _schema() -> Finding:
    subject = _("database schema")
    try:
        (status,) = flask_rewind.status()
    except RewindError as error:
        return _unreadable(subject, error)
    if status.is_at_head:
        revision = ", ".join(status.current)
        return Finding(subject, _("up to date (revision %(revision)s)", revision=revision))
    if status.unknown:
        message = _("newer than this version of Qingbo: %(revision)s", revision=", ".join(status.unknown))
        return Finding(
            subject, message, _("Upgrade Qingbo; or go back to this version: %(command)s", command="qingbo rollback")
        )
    if status.unfinished:
        message = _(
            "the upgrade or downgrade of revision %(revision)s was interrupted", revision=status.unfinished.revision
        )
        return Finding(subject, message, _("Run: %(command)s", command="qingbo db resume"))
    message = _("pending revisions: %(number)s", number=len(status.pending))
    return Finding(subject, message, _("Run: %(command)s", command="qingbo upgrade"))


def _attic() -> Finding:
    subject = _("hidden data")
    try:
        kept = flask_rewind.attic()
    except RewindError as error:
        return _unreadable(subject, error)
    if not kept:
        return Finding(subject, _("no hidden columns or tables"))
    names = ", ".join(each.place for each in kept)
    message = _(
        "%(number)s hidden (%(names)s). For details, run: %(command)s",
        number=len(kept),
        names=names,
        command="qingbo db attic",
    )
    return Finding(subject, message)


def _search() -> Finding:
    subject = _("search")
    try:
        missing = count_missing(session())
        session().rollback()
    except SQLAlchemyError:  # the check of the database reports it
        return Finding(subject, _("the search index can’t be read"), _("Run: %(command)s", command="qingbo upgrade"))
    if missing:
        message = _("posts and comments missing from the index: %(number)s", number=missing)
        return Finding(subject, message, _("Run: %(command)s", command="qingbo reindex"))
    return Finding(subject, _("all posts and comments can be found"))


def _backups(folder: DataFolder, settings: Settings) -> Finding:
    subject = _("backups")
    if not settings.nightly_backups:
        return Finding(subject, _("nightly backups are off"))
    newest = next(iter(nightly_backups(folder)), None)
    if now() - (newest.made_at if newest else folder.made_at) > LATE:
        message = _("no nightly backup for two days")
        return Finding(subject, message, _("To see why, run: %(command)s", command="qingbo backup --nightly"))
    if newest is None:
        return Finding(subject, _("the first one is made tonight, while the blog is served"))
    return Finding(subject, _("last one: %(time)s UTC", time=f"{newest.made_at:%Y-%m-%d %H:%M}"))


def _unreadable(subject: str, error: RewindError) -> Finding:
    return Finding(subject, _("can’t be read: %(reason)s", reason=error.message), error.hint)


def _clock() -> Finding:
    subject = _("clock")
    here = now()
    if here < WRITTEN:
        message = _("set to %(day)s", day=f"{here:%Y-%m-%d}")
        return Finding(subject, message, _("Set the server’s clock. Post dates depend on it."))
    time = f"{here:%Y-%m-%d %H:%M} UTC"
    try:
        with db.engine.connect() as connection:
            there = connection.scalar(select(func.current_timestamp()))
    except SQLAlchemyError:
        return Finding(subject, time)
    offset = _seconds_apart(there, here)
    if offset > CLOCK_SECONDS:
        message = _("the database clock differs by %(number)s seconds", number=f"{offset:.0f}")
        return Finding(subject, message, _("Synchronize both clocks with a time server."))
    return Finding(subject, _("%(time)s, same as the database", time=time))


def _seconds_apart(there: object, here: datetime) -> float:
    if not isinstance(there, datetime):
        return 0
    if there.tzinfo:
        return abs((there - here).total_seconds())
    # A value without a zone may be the server's local time. Zones differ by whole quarters of an hour, so ignore those.
    apart = abs((there.replace(tzinfo=UTC) - here).total_seconds()) % 900
    return min(apart, 900 - apart)


def _themes() -> Iterator[Finding]:
    try:
        chosen = current_settings().theme
    except SQLAlchemyError:  # the check of the database reports it
        return
    for name, problem in faulty_themes(chosen).items():
        message = _("%(problem)s (pages use the default theme)", problem=problem) if name == chosen else problem
        remedy = _("Fix the file, or choose another theme in Studio → Appearance. Rules: docs/reference/themes.md")
        yield Finding(_("themes"), message, remedy)


def _mail(settings: Settings) -> Finding:
    subject = _("email")
    if not settings.mail_host:
        return Finding(
            subject, _("not set up: administrators pass on the links for password resets and email confirmations")
        )
    if not settings.mail_from:
        message = _("mail_host is set, but mail_from isn’t")
        return Finding(subject, message, _("Set mail_from to the sender’s email address."))
    try:
        check_server(settings)
    except (OSError, smtplib.SMTPException) as error:
        place = f"{settings.mail_host} port {settings.mail_port} ({settings.mail_encryption})"
        message = _("Can’t send email through %(place)s: %(reason)s", place=place, reason=error)
        return Finding(subject, message, _("Check mail_host, mail_port, mail_encryption, mail_user and mail_password."))
    return Finding(subject, _("%(place)s accepts email", place=settings.mail_host))
