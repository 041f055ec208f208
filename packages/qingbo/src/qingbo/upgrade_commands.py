"""The commands `upgrade` and `rollback`: what will move, a backup, the move, a check, and the way back."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

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
FIRST = "base"


@click.command()
@no_backup_option
@dry_run_option
@click.pass_obj
def upgrade(blog: ScriptInfo, no_backup: bool, dry_run: bool) -> None:
    """Bring the database to this version: back it up, move it, check it."""
    app = blog.load_app()
    with app.app_context(), writing(False):
        (status,) = flask_rewind.status()
        if status.unknown:
            serving.require_own_schema(app)  # says which version is needed
        if status.is_at_head:
            click.echo(f"Nothing to do: the database is at revision {status.heads[0]}, as Qingbo {__version__} needs.")
            return
        before = status.current
        if not _announced("head") or dry_run:
            return
        with _checked_move(app, None if no_backup or not before else place_for(_folder(app), BEFORE_MOVE)):
            flask_rewind.upgrade()
        flask_rewind.check()
        _say(f"The database is at revision {flask_rewind.status()[0].heads[0]}, and has the schema of this version.")
        if before:
            _say(f"To go back: qingbo rollback {before[0]}, then install {_maker(before[0])} again.")


@click.command()
@click.argument("revision", required=False)
@no_backup_option
@dry_run_option
@click.pass_obj
def rollback(blog: ScriptInfo, revision: str | None, no_backup: bool, dry_run: bool) -> None:
    """Take the database back to where it was before the last upgrade, or to REVISION. What is newer is hidden."""
    app = blog.load_app()
    with app.app_context(), writing(False):
        (status,) = flask_rewind.status()
        if status.unknown:
            serving.require_own_schema(app)
        target = revision or _before_the_last_upgrade()
        if not _announced(target) or dry_run:
            return
        with _checked_move(app, None if no_backup else place_for(_folder(app), BEFORE_MOVE)):
            flask_rewind.downgrade(revision=target)
        reached = flask_rewind.status()[0].current
        _say(f"The database is at revision {', '.join(reached) or FIRST}.")
        if hidden := ", ".join(each.place for each in flask_rewind.attic()):
            _say(f"Hidden, and back after the next upgrade: {hidden}.")
        if reached:
            _say(f"Now install {_maker(reached[0])}. To go forward again with this version: qingbo upgrade")


def _announced(target: str) -> bool:
    """Print what a move to a revision would do, and return whether there is something to do.

    Raises:
        MoveRefused: if the move would be refused.
    """
    planned = flask_rewind.plan(revision=target)
    for crossing in planned.crossings:
        steps = crossing.opaque or f"{len(crossing.steps)} steps"
        click.echo(f"  {crossing.direction:4} {crossing.revision}  {crossing.message} ({steps})")
    for warning in planned.warnings:
        _say(f"  note: {warning}")
    if planned.refused:
        raise MoveRefused(f"The move would be refused: {planned.refused}", "See each step: qingbo db plan")
    if not planned.crossings:
        click.echo(f"Nothing to do: the database is at {', '.join(*planned.before.values()) or FIRST}.")
    return bool(planned.crossings)


@contextmanager
def _checked_move(app: Flask, archive: Path | None) -> Iterator[None]:
    """Back the blog up, run the block, which moves it, and compare the numbers of rows."""
    if archive is not None:
        make_backup(archive, with_secrets=True, progress=partial(progress_over, title="Backing up"))
        click.echo(f"Wrote and verified {archive}.")
    before = _row_counts()
    try:
        with writing():
            yield
    except Exception:
        if archive is not None:
            _say(f"The blog as it was: qingbo restore --replace {archive}")
        raise
    after = _row_counts()
    common = sorted(before.keys() & after.keys() - {Release.__tablename__})
    for name in common:
        if before[name] != after[name]:
            click.echo(f"  {name}: {before[name]} rows before, {after[name]} now")
    same = sum(before[name] == after[name] for name in common)
    click.echo(f"Checked: {same} of {len(common)} tables have as many rows as before.")


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


def _say(text: str) -> None:
    click.echo(as_typed(text, click.get_current_context()))
