"""The commands `backup`, `restore` and `export`: parse, call, print."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click
import flask_rewind
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy.orm import Session

from qingbo import serving
from qingbo.audit.trail import note
from qingbo.backups import restoring
from qingbo.backups.archive import Archive
from qingbo.backups.making import make_backup, snapshot
from qingbo.backups.manifest import SECRET_KEY, SETTINGS, Manifest
from qingbo.backups.nightly import make_nightly
from qingbo.backups.places import BEFORE_RESTORE, BY_HAND, is_backup, new_name, place_for
from qingbo.backups.settings_files import bring_back
from qingbo.database import writing
from qingbo.errors import BackupFailed, RestoreRefused, SchemaDiffers
from qingbo.exports.folder import export_blog
from qingbo.extensions import db, session
from qingbo.hints import as_typed
from qingbo.home import DataFolder, write_private
from qingbo.media.place import current_storage
from qingbo.progress import progress_over
from qingbo.serve_lock import ServeLock

LESS_URGENT = 10
"""Added to the niceness of a nightly backup, so that it does not slow the answers down."""

json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--with-secrets", is_flag=True, help="Also passwords of the settings, and the key that signs sessions.")
@click.option("--overwrite", is_flag=True, help="Replace an older backup of that name.")
@click.option("--nightly", is_flag=True, help="As the server does every night: into backups/; delete the oldest ones.")
@json_option
@click.pass_obj
def backup(
    blog: ScriptInfo, file: Path | None, with_secrets: bool, overwrite: bool, nightly: bool, as_json: bool
) -> None:
    """Write the whole blog into one archive, also while it is served."""
    if nightly and (file or with_secrets):
        raise click.UsageError("--nightly takes neither FILE nor --with-secrets.")
    app = blog.load_app()
    folder: DataFolder = app.extensions["qingbo_home"]
    with app.app_context():
        require_readable_schema(app)
        if nightly:
            os.nice(LESS_URGENT)
            made = make_nightly(folder, app.extensions["qingbo_settings"].nightly_backups)
            click.echo(f"Wrote and verified {made}." if made else "Another process has just made it.")
            return
        path = place_for(folder, BY_HAND) if file is None else _checked(file, overwrite=overwrite)
        manifest = make_backup(path, with_secrets=with_secrets, progress=partial(progress_over, title="Backing up"))
    if as_json:
        click.echo(json.dumps(_summary(path, manifest), ensure_ascii=False, indent=2))
        return
    click.echo(f"Wrote and verified {path}: {_counted(manifest)}, {path.stat().st_size / 1e6:,.1f} MB.")
    for name in manifest.missing:
        click.echo(f"missing: the file {name} is in the database, but not in the storage", err=True)
    if manifest.places:
        click.echo(f"Hidden data is in it, too: {', '.join(manifest.places)}.")
    if not with_secrets:
        click.echo("Without secrets: keep a copy of the file secret_key and of your passwords, or add --with-secrets.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace the posts and people of this blog; they are backed up first.")
@click.option("--no-backup", is_flag=True, help="With --replace: do not back this blog up first.")
@click.option("--dry-run", is_flag=True, help="Verify the archive and say what is in it; change nothing.")
@json_option
@click.pass_context
def restore(context: click.Context, file: Path, replace: bool, no_backup: bool, dry_run: bool, as_json: bool) -> None:
    """Fill an empty blog from a backup, on any database."""
    home: str | None = context.find_root().params["home"]
    with Archive(file) as archive:
        with progress_over(len(archive.manifest.members), "Verifying") as step:
            archive.verify(step)
        restoring.check_revision(archive.manifest)
        if dry_run:
            _print_content(file, archive.manifest, as_json=as_json)
            return
        with _not_served(DataFolder.find(home)) as folder:
            app: Flask = context.obj.load_app()
            with app.app_context():
                kept = _prepare(app, archive, replace=replace, no_backup=no_backup)
                done = restoring.restore(archive, progress=partial(progress_over, title="Restoring"))
                _note_restored(file)
            added, different = _bring_settings_back(folder, archive)
    _print_restored(folder, done, kept, added, different, as_json=as_json)


@contextmanager
def _not_served(folder: DataFolder) -> Iterator[DataFolder]:
    """Create the data folder if it is missing, and keep others from serving it during the block."""
    lock = ServeLock(folder.serve_lock)
    lock.take("restore")
    if folder.create():
        click.echo(f"Made the data folder {folder.path}.", err=True)
    try:
        folder.require_writable()
        lock.take("restore")
        yield folder
    finally:
        lock.release()


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def export(blog: ScriptInfo, folder: Path, as_json: bool) -> None:
    """Write the posts as Markdown files that Hexo, Hugo and our own import read, with pictures and comments."""
    app = blog.load_app()
    serving.require_own_schema(app)
    with app.app_context(), snapshot(db.engine) as connection, Session(connection) as reading:
        progress = partial(progress_over, title="Exporting")
        done = export_blog(reading, current_storage(), folder.absolute(), progress)
    if as_json:
        click.echo(json.dumps(asdict(done), ensure_ascii=False, indent=2))
        return
    for address in done.missing:
        click.echo(f"missing: {address} is in the database, but not in the storage", err=True)
    click.echo(
        f"Wrote {done.posts} posts, {done.pages} pages, {done.media} media files, {done.comments} comments and "
        f"{done.redirects} redirects into {folder}."
    )


def require_readable_schema(app: Flask) -> None:
    """Refuse to back up a database that is newer than this code, empty, or in the middle of a move.

    Raises:
        SchemaDiffers: with the command to type.
    """
    (status,) = flask_rewind.status()
    if status.unknown or status.unfinished:
        serving.require_own_schema(app)
    if not status.current:
        raise SchemaDiffers("The database has no tables yet.", "Create them: qingbo upgrade")


def _checked(file: Path, *, overwrite: bool) -> Path:
    path = (file / new_name(BY_HAND) if file.is_dir() else file).absolute()
    if not path.parent.is_dir():
        raise BackupFailed(f"There is no folder {path.parent}.", "Make it, or name another one.")
    if path.exists() and not (overwrite and is_backup(path)):
        hint = "Name another file." if overwrite else "Name another file, or add --overwrite."
        reason = "and is no backup" if overwrite else ""
        raise BackupFailed(f"{path} exists {reason}".rstrip() + ".", hint)
    return path


def _prepare(app: Flask, archive: Archive, *, replace: bool, no_backup: bool) -> Path | None:
    """Check the blog, and back it up if it is not empty. Return the path of that backup."""
    folder: DataFolder = app.extensions["qingbo_home"]
    is_empty = restoring.check_target()
    if not is_empty and not replace:
        raise RestoreRefused(
            f"The blog in {folder.path} is not empty.",
            "Restore into another folder: qingbo --home FOLDER restore …; or replace this blog: add --replace",
        )
    restoring.require_room(archive.manifest)
    if is_empty or no_backup:
        return None
    path = place_for(folder, BEFORE_RESTORE)
    make_backup(path, with_secrets=True, progress=partial(progress_over, title="Backing up"))
    return path


def _note_restored(file: Path) -> None:
    with writing():
        session().rollback()
        note(session(), "restore", file.name)
        session().commit()


def _bring_settings_back(folder: DataFolder, archive: Archive) -> tuple[list[str], list[str]]:
    if archive.manifest.has_secrets:
        write_private(folder.path / "secret_key", archive.text(SECRET_KEY))
    return bring_back(folder, archive.text(SETTINGS))


def _counted(manifest: Manifest) -> str:
    def of(table: str) -> int:
        return manifest.tables[table].rows if table in manifest.tables else 0

    return f"{of('posts')} posts, {of('comments')} comments, {of('users')} accounts, {len(manifest.media)} media files"


def _summary(path: Path, manifest: Manifest) -> dict[str, Any]:
    about = manifest.model_dump(include={"version", "made_at", "engine", "revision", "has_secrets", "missing"})
    rows = {name: table.rows for name, table in manifest.tables.items()}
    return {"file": str(path), **about, "rows": rows, "media": len(manifest.media), "hidden": list(manifest.places)}


def _print_content(file: Path, manifest: Manifest, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_summary(file, manifest), ensure_ascii=False, indent=2))
        return
    click.echo(f"{file} is whole: {_counted(manifest)}.")
    secrets = "with" if manifest.has_secrets else "without"
    click.echo(
        f"Made {manifest.made_at} by Qingbo {manifest.version} on {manifest.engine}, "
        f"schema {manifest.revision}, {secrets} secrets."
    )


def _print_restored(
    folder: DataFolder, done: restoring.Restored, kept: Path | None, added: list[str], different: list[str], *,
    as_json: bool,
) -> None:  # fmt: skip
    if as_json:
        facts = {
            "rows": done.rows, "media": done.media, "upgraded": done.upgraded,
            "hidden": list(done.hidden), "still_hidden": list(done.still_hidden),
            "left_in_archive": list(done.left_in_archive), "why_left_in_archive": done.why_left,
            "settings_added": added, "settings_kept": different,
            "backup_of_the_replaced_blog": str(kept) if kept else None, "accounts_with_codes": done.code_users,
        }  # fmt: skip
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    context = click.get_current_context()
    for line in _report(folder, done, kept, added, different):
        click.echo(as_typed(line, context))


def _report(
    folder: DataFolder, done: restoring.Restored, kept: Path | None, added: list[str], different: list[str]
) -> Iterator[str]:
    yield f"Restored {_counted(done.manifest)}, as of {done.manifest.made_at}."
    if done.upgraded:
        yield f"The database was brought to revision {done.upgraded[-1]}."
    if kept:
        yield f"The blog that was here is in {kept}."
    if added:
        yield f"Settings added to {folder.settings}: {', '.join(added)}."
    if different:
        yield f"Settings that differ in the backup, left as they are here: {', '.join(different)}."
    if done.manifest.missing:
        yield f"Files that were missing already when the backup was made: {', '.join(done.manifest.missing)}."
    yield from _report_of_hidden(done)
    if done.code_users:
        yield (
            f"{done.code_users} accounts sign in with codes from an app. Their codes work only with the secret_key of "
            f"the old blog: put it into {folder.path}."
        )
    yield "Then: qingbo serve"


def _report_of_hidden(done: restoring.Restored) -> Iterator[str]:
    if done.hidden:
        yield f"Hidden data was restored, too: {', '.join(done.hidden)}."
    if done.still_hidden:
        yield f"Of this, still hidden: {', '.join(done.still_hidden)}. List it: qingbo db attic"
    if done.left_in_archive:
        yield f"Hidden data stays in the archive, because {done.why_left}: {', '.join(done.left_in_archive)}."
