"""`qingbo doctor`: is everything as it should be, and if not, what to do."""

import shlex
import shutil
import smtplib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import flask_rewind
from flask import Flask
from flask_rewind import RewindError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from qingbo import privacy
from qingbo.appearance.themes import faulty_themes
from qingbo.clock import now
from qingbo.config import Settings
from qingbo.errors import SetupError
from qingbo.extensions import db
from qingbo.home import DataFolder
from qingbo.mail.delivery import check_server
from qingbo.site_settings import current_settings

FREE_MEGABYTES = 200
CLOCK_SECONDS = 60

WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock can be right that is before this file was written."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. Without `remedy` it is well."""

    subject: str
    message: str
    remedy: str = ""


def examine(app: Flask) -> Iterator[Finding]:
    """Look at one thing after the other; one that is broken does not hide the next."""
    folder: DataFolder = app.extensions["qingbo_home"]
    settings: Settings = app.extensions["qingbo_settings"]
    yield Finding("settings", f"{folder.settings} and the environment are understood")
    yield _rights(folder)
    yield _secrets(folder, settings)
    yield _disk(folder)
    with app.app_context():
        yield _database()
        yield _schema()
        yield _attic()
        yield _clock()
        yield from _themes()
    yield _mail(settings)
    yield from _links(folder, settings)


def make_private(app: Flask) -> list[Finding]:
    """Make the blog's files private, and return what others can still see."""
    folder: DataFolder = app.extensions["qingbo_home"]
    database = privacy.sqlite_file(folder, app.extensions["qingbo_settings"])
    if stuck := privacy.tighten(folder, database):
        return [_exposed(stuck)]
    finding = _open_folder(folder, database)
    return [finding] if finding else []


def concerns(app: Flask) -> Iterator[Finding]:
    """Return what `serve` says before it serves, and `examine` too: findings that cost nothing to make."""
    yield from _links(app.extensions["qingbo_home"], app.extensions["qingbo_settings"])


def _links(folder: DataFolder, settings: Settings) -> Iterator[Finding]:
    if settings.sends_mail and not settings.address:
        yield Finding(
            "links in mails",
            "mail is set up, but address is not: mails with a link (new password, confirmation, invitation, replies) "
            "are not sent",
            f'Add the address of the blog to {folder.settings} and restart: address = "https://blog.example.com"',
        )


def _rights(folder: DataFolder) -> Finding:
    try:
        folder.require_writable()
    except SetupError as error:
        return Finding("data folder", error.message, error.hint)
    return Finding("data folder", f"{folder.path} can be written")


def _secrets(folder: DataFolder, settings: Settings) -> Finding:
    database = privacy.sqlite_file(folder, settings)
    if found := privacy.exposed(folder, database):
        return _exposed(found)
    return _open_folder(folder, database) or Finding("secrets", "no other user of this machine can read the files")


def _exposed(found: Sequence[privacy.Exposed]) -> Finding:
    reasons = sorted({each.reason for each in found if each.reason})
    why = f" and that cannot be changed ({'; '.join(reasons)})" if reasons else ""
    who = "As the owner of these files type: " if reasons else "Type: "
    names = ", ".join(str(each.path) for each in found)
    return Finding("secrets", f"others can read {names}{why}", who + "; ".join(each.remedy for each in found))


def _open_folder(folder: DataFolder, database: Path | None) -> Finding | None:
    remedy = f"Give the blog a folder of its own, or type: chmod go-w {shlex.quote(str(folder.path))}"
    match privacy.open_folder(folder, database):
        case "write":
            message = f"others can put files into {folder.path}, which holds other files too and is left as it is"
            return Finding("secrets", message, remedy)
        case "list":
            message = "no other user of this machine can read the files"
            return Finding("secrets", f"{message}, only their names: {folder.path} holds other files too")
    return None


def _disk(folder: DataFolder) -> Finding:
    free = shutil.disk_usage(folder.path).free // 1024**2
    if free < FREE_MEGABYTES:
        return Finding("disk", f"{free} MB are free", f"Make room: below {FREE_MEGABYTES} MB a move may not fit.")
    return Finding("disk", f"{free:,} MB are free")


def _database() -> Finding:
    name = db.engine.url.render_as_string()
    try:
        with db.engine.connect() as connection:
            connection.execute(select(1))
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        return Finding("database", f"{name} does not answer: {reason}", "Check that it runs, and database_url.")
    return Finding("database", f"{name} answers")


def _schema() -> Finding:
    try:
        (status,) = flask_rewind.status()
    except RewindError as error:
        return Finding("schema", f"cannot be read: {error.message}", error.hint)
    if status.is_at_head:
        return Finding("schema", f"at {', '.join(status.current)}, the newest revision")
    if status.unknown:
        return Finding("schema", f"newer than this code: {', '.join(status.unknown)}", "Run a newer version of Qingbo.")
    if status.unfinished:
        return Finding("schema", f"revision {status.unfinished.revision} is unfinished", "See: qingbo db status")
    return Finding("schema", f"{len(status.pending)} revisions are pending", "Type: qingbo db upgrade")


def _attic() -> Finding:
    try:
        kept = flask_rewind.attic()
    except RewindError as error:
        return Finding("attic", f"cannot be read: {error.message}", error.hint)
    if not kept:
        return Finding("attic", "nothing is kept in it")
    return Finding("attic", f"keeps {len(kept)} ({', '.join(each.place for each in kept)}); more: qingbo db attic")


def _clock() -> Finding:
    here = now()
    if here < WRITTEN:
        return Finding("clock", f"it says {here:%Y-%m-%d}", "Set the clock; posts are dated by it.")
    try:
        with db.engine.connect() as connection:
            there = connection.scalar(select(func.current_timestamp()))
    except SQLAlchemyError:
        return Finding("clock", f"{here:%Y-%m-%d %H:%M} UTC")
    offset = _seconds_apart(there, here)
    if offset > CLOCK_SECONDS:
        return Finding("clock", f"the database's is {offset:.0f} s off", "Set both clocks by a time server.")
    return Finding("clock", f"{here:%Y-%m-%d %H:%M} UTC, the database agrees")


def _seconds_apart(there: object, here: datetime) -> float:
    if not isinstance(there, datetime):
        return 0
    if there.tzinfo:
        return abs((there - here).total_seconds())
    # Without a zone it may be the server's local time: whole quarters of an hour are zones, not errors.
    apart = abs((there.replace(tzinfo=UTC) - here).total_seconds()) % 900
    return min(apart, 900 - apart)


def _themes() -> Iterator[Finding]:
    try:
        chosen = current_settings().theme
    except SQLAlchemyError:  # said of the database already
        return
    for name, problem in faulty_themes(chosen).items():
        effect = "; pages look like the default theme" if name == chosen else ""
        remedy = "Correct the file, or choose another theme under Studio → Appearance. How to write one: "
        yield Finding("themes", f"{problem}{effect}", f"{remedy}docs/reference/themes.md")


def _mail(settings: Settings) -> Finding:
    if not settings.mail_host:
        return Finding("mail", "not set up: links for new passwords and addresses are handed over by administrators")
    if not settings.mail_from:
        return Finding("mail", "mail_host is set and mail_from is not", "Set mail_from, the address mail comes from.")
    try:
        check_server(settings)
    except (OSError, smtplib.SMTPException) as error:
        place = f"{settings.mail_host} port {settings.mail_port} ({settings.mail_encryption})"
        remedy = "Check mail_host, mail_port, mail_encryption, mail_user and mail_password."
        return Finding("mail", f"{place} does not take mail: {error}", remedy)
    return Finding("mail", f"{settings.mail_host} takes mail")
