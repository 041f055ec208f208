"""The commands `upgrade` and `rollback`: what will move, a backup, the move, a check, and the way back."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import click
import flask_rewind
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import func, select

from qingbo import serving
from qingbo.backups.making import make_backup
from qingbo.backups.places import BEFORE_MOVE, place_for
from qingbo.backups.tables import content_tables
from qingbo.database import writing
from qingbo.errors import MoveRefused
from qingbo.extensions import db
from qingbo.hints import as_typed
from qingbo.home import DataFolder
from qingbo.progress import progress_over
from qingbo.releases import Release, writer_of
from qingbo.version import __version__

no_backup_option = click.option("--no-backup", is_flag=True, help="Do not back the blog up first.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would move; change nothing.")
json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")
FIRST = "base"


@dataclass
class _Report:
    """What a command says: line by line for people, or at its end as JSON for programs."""

    as_json: bool
    facts: dict[str, Any] = field(default_factory=dict)

    def say(self, line: str, **facts: Any) -> None:
        """Print a line, and keep what it says for programs."""
        self.facts |= facts
        if not self.as_json:
            click.echo(_typed(line))

    def end(self) -> None:
        """Print the JSON."""
        if self.as_json:
            click.echo(json.dumps(self.facts, ensure_ascii=False, indent=2))


@click.command()
@no_backup_option
@dry_run_option
@json_option
@click.pass_obj
def upgrade(blog: ScriptInfo, no_backup: bool, dry_run: bool, as_json: bool) -> None:
    """Bring the database to this version: back it up, move it, check it."""
    app, report = blog.load_app(), _Report(as_json)
    with app.app_context(), writing(False):
        (status,) = flask_rewind.status()
        if status.unknown:
            serving.require_own_schema(app)  # says which version is needed
        report.facts["before"] = report.facts["after"] = list(status.current)
        if status.is_at_head:
            report.say(f"Nothing to do: the database is at revision {status.heads[0]}, as Qingbo {__version__} needs.")
        elif _announced(report, "head") and not dry_run:
            _upgrade(app, report, status.current, no_backup=no_backup)
    report.end()


def _upgrade(app: Flask, report: _Report, before: Sequence[str], *, no_backup: bool) -> None:
    with _checked_move(app, report, no_backup=no_backup or not before):
        flask_rewind.upgrade()
    flask_rewind.check()
    after = flask_rewind.status()[0].current
    report.say(f"The database is at revision {after[0]}, and has the schema of this version.", after=list(after))
    if before:
        maker = _maker(before[0])
        report.say(f"To go back: qingbo rollback {before[0]}, then install {maker} again.", back_to=before[0])


@click.command()
@click.argument("revision", required=False)
@no_backup_option
@dry_run_option
@json_option
@click.pass_obj
def rollback(blog: ScriptInfo, revision: str | None, no_backup: bool, dry_run: bool, as_json: bool) -> None:
    """Take the database back to where it was before the last upgrade, or to REVISION. What is newer is hidden.

    Run it with the newer version, then install the older one. If the older one is installed already, it goes back by
    the journal in the database.
    """
    app, report = blog.load_app(), _Report(as_json)
    with app.app_context(), writing(False):
        (status,) = flask_rewind.status()
        report.facts["before"] = report.facts["after"] = list(status.current)
        unknown = next(iter(status.unknown), "")
        target = revision or (status.heads[0] if unknown else _before_the_last_upgrade())
        if unknown:
            _require_journal(unknown, target, leads_back=status.journal_leads_back, backs_up=not (no_backup or dry_run))
            _announce_journal(report, unknown, target)
        if (unknown or _announced(report, target)) and not dry_run:
            with _checked_move(app, report, no_backup=no_backup or bool(unknown)):
                flask_rewind.downgrade(revision=target, from_journal=bool(unknown))
            _say_where(report)
    report.end()


def _say_where(report: _Report) -> None:
    (status,) = flask_rewind.status()
    reached = status.current
    report.say(f"The database is at revision {', '.join(reached) or FIRST}.", after=list(reached))
    hidden = [each.place for each in flask_rewind.attic()]
    report.facts["hidden"] = hidden
    if hidden:
        report.say(f"Hidden, and back after the next upgrade: {', '.join(hidden)}.")
    if reached and not status.is_at_head:
        report.say(f"Now install {_maker(reached[0])}. To go forward again with this version: qingbo upgrade")


def _announced(report: _Report, target: str) -> bool:
    """Print what a move to a revision would do, and return whether there is something to do.

    Raises:
        MoveRefused: if the move would be refused.
    """
    planned = flask_rewind.plan(revision=target)
    crossings: list[dict[str, Any]] = []
    for crossing in planned.crossings:
        steps = crossing.opaque or f"{len(crossing.steps)} steps"
        crossings.append({"direction": crossing.direction, "revision": crossing.revision, "message": crossing.message})
        report.say(f"  {crossing.direction:4} {crossing.revision}  {crossing.message} ({steps})", crossings=crossings)
    report.facts["warnings"] = list(planned.warnings)
    for warning in planned.warnings:
        report.say(f"  note: {warning}")
    if planned.refused:
        raise MoveRefused(f"The move would be refused: {planned.refused}", "See each step: qingbo db plan")
    if not planned.crossings:
        report.say(f"Nothing to do: the database is at {', '.join(*planned.before.values()) or FIRST}.")
    return bool(planned.crossings)


def _require_journal(unknown: str, target: str, *, leads_back: bool, backs_up: bool) -> None:
    """Refuse to go back from a revision that this program does not know.

    Raises:
        MoveRefused: if the journal does not lead back, or a backup is wanted: this program does not know which tables
            the newer one has. A SQLite file is copied by Flask-Rewind.
    """
    maker = _maker(unknown)
    where = f"The database is at revision {unknown}, which {maker} wrote"
    install = f"Install {maker} again and go back with it: qingbo rollback {target}"
    if not leads_back:
        raise MoveRefused(f"{where}, and its journal does not say how to go back.", install)
    if backs_up and db.engine.dialect.name != "sqlite":
        hint = f"{install}; or dump the database with the tools of its server, then: qingbo rollback --no-backup"
        raise MoveRefused(f"{where}. Qingbo {__version__} cannot back that up.", hint)


def _announce_journal(report: _Report, unknown: str, target: str) -> None:
    report.say(
        f"The database is at revision {unknown}, which {_maker(unknown)} wrote. Qingbo {__version__} has no script for "
        f"the way back to {target}, and goes by the journal. Changes that the upgrade made to rows are not undone."
    )


@contextmanager
def _checked_move(app: Flask, report: _Report, *, no_backup: bool) -> Iterator[None]:
    """Back the blog up, run the block, which moves it, and compare the numbers of rows."""
    archive = None if no_backup else place_for(_folder(app), BEFORE_MOVE)
    report.facts["backup"] = None
    if archive is not None:
        make_backup(archive, with_secrets=True, progress=partial(progress_over, title="Backing up"))
        report.say(f"Wrote and verified {archive}.", backup=str(archive))
    before = _row_counts()
    try:
        with writing():
            yield
    except Exception:
        if archive is not None:
            click.echo(_typed(f"The blog as it was: qingbo restore --replace {archive}"), err=report.as_json)
        raise
    after = _row_counts()
    common = sorted(before.keys() & after.keys() - {Release.__tablename__})
    differing = {name: [before[name], after[name]] for name in common if before[name] != after[name]}
    for name, (then, now) in differing.items():
        report.say(f"  {name}: {then} rows before, {now} now")
    same = len(common) - len(differing)
    report.say(f"Checked: {same} of {len(common)} tables have as many rows as before.", differing_rows=differing)


def _row_counts() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            each.name: connection.scalar(select(func.count()).select_from(each)) or 0
            for each in content_tables(connection)
        }


def _before_the_last_upgrade() -> str:
    """Return the revision at which the last upgrade began.

    Raises:
        MoveRefused: if there was none, or it made the first tables.
    """
    last = next((move for move in flask_rewind.log() if move.crossings and move.outcome == "done"), None)
    if last is None or last.crossings[-1].direction != "up":
        raise MoveRefused(
            "The last move was no upgrade.",
            "Name the revision to go back to: qingbo rollback REVISION; see: qingbo db log",
        )
    if not last.before:
        raise MoveRefused(
            "The last upgrade made the first tables; before it there was nothing.",
            "Name the revision to go back to: qingbo rollback REVISION; see: qingbo db history",
        )
    return last.before[0]


def _maker(revision: str) -> str:
    with db.engine.connect() as connection:
        version = writer_of(connection, revision)
    return f"Qingbo {version}" if version and version != __version__ else "the version of Qingbo that ran before"


def _folder(app: Flask) -> DataFolder:
    folder: DataFolder = app.extensions["qingbo_home"]
    return folder


def _typed(text: str) -> str:
    return as_typed(text, click.get_current_context())
