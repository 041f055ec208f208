"""The command line: parse, call, print."""

import copy
import json
import sys
from collections.abc import Iterable
from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo, routes_command, shell_command
from flask_rewind import database_commands

from qingbo import demo, doctor, serving, supervising, tutorial_commands
from qingbo.accounts import registration
from qingbo.accounts.forms import email_key
from qingbo.accounts.names import clean
from qingbo.accounts.queries import all_users, user_with_email
from qingbo.accounts.roles import ADMINISTRATOR, AUTHOR, RANKED
from qingbo.app import create_app
from qingbo.audit.trail import note
from qingbo.backup_commands import backup, export, restore
from qingbo.clock import now
from qingbo.command_context import on_this_schema
from qingbo.config import HOME_VARIABLE
from qingbo.database import writing
from qingbo.errors import InputRefused, SetupError
from qingbo.extensions import session
from qingbo.hints import as_typed
from qingbo.home import DataFolder
from qingbo.imports.report import Item, Outcome
from qingbo.media.place import current_storage
from qingbo.media.renditions import finish
from qingbo.media.sweeping import all_unfinished
from qingbo.posts.addresses import path_of
from qingbo.posts.finding import Narrowing, Shown, Spot, find_posts, shown_results
from qingbo.posts.titles import title_of
from qingbo.progress import progress_over
from qingbo.reindexing import count_all, reindex
from qingbo.search.terms import Query
from qingbo.serve_lock import ServeLock
from qingbo.site_settings import current_settings
from qingbo.system_import_commands import import_commands
from qingbo.upgrade_commands import rollback, upgrade
from qingbo.version import __version__


class _Blog(ScriptInfo):
    """Creates the app for Flask's own commands."""

    def __init__(self, home: str | None) -> None:
        super().__init__(create_app=lambda: create_app(home))
        self.home = home


schema_commands = database_commands("db")


class _Group(click.Group):
    """Shows a user's mistake as a message."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InputRefused as error:
            raise click.ClickException(str(error)) from error
        except SetupError as error:
            error.hint = as_typed(error.hint, ctx)
            raise
        except UnicodeEncodeError as error:
            raise click.ClickException("What was typed is not UTF-8.") from error


@click.group("qingbo", cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="Qingbo")
@click.option("--home", help=f"The data folder (default: {HOME_VARIABLE}, else ./qingbo-data).")
@click.pass_context
def main(ctx: click.Context, home: str | None) -> None:
    """Qingbo (轻博), a light blog."""
    ctx.obj = _Blog(home)
    if ctx.invoked_subcommand == schema_commands.name:
        ctx.with_resource(writing())


@main.command()
@click.pass_obj
def init(blog: _Blog) -> None:
    """Make the data folder, with settings to look at, and the schema of a SQLite database."""
    is_new = not DataFolder.find(blog.home).is_there
    folder = _create(blog)
    folder.require_writable()
    app = blog.load_app()
    if is_new:
        click.echo(serving.what_is_where(app))
    if done := serving.bring_to_head(app):
        click.echo(done)
    _say(doctor.make_private(app))
    is_server = app.extensions["qingbo_settings"].database_url is not None
    click.echo(f"Settings: {folder.settings}")
    typed = click.get_current_context()
    if is_server:
        click.echo(as_typed("Then: qingbo upgrade", typed))
    click.echo(as_typed("Then: qingbo serve", typed))


@main.command()
@click.option("--host", default=serving.DEFAULT_HOST, show_default=True, help="Where to listen; 0.0.0.0 is everywhere.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Processes that answer (default: one for each core, at most 4)."
)
@click.option(
    "--drain", "drain_seconds", default=0, type=click.IntRange(0, 3600), metavar="SECONDS",
    help="How long to go on answering after SIGTERM, while /healthz/ready says that it stops.",
)  # fmt: skip
@click.option("--no-upgrade", is_flag=True, help="Leave a SQLite database as it is.")
@click.option("--demo", "with_demo", is_flag=True, help="Fill a blog that is new with a small sample.")
@click.pass_obj
def serve(
    blog: _Blog, host: str, port: int, workers: int | None, drain_seconds: int, no_upgrade: bool, with_demo: bool
) -> None:
    """Serve the blog; make what is missing first."""
    address = serving.Address(host, port)
    folder = DataFolder.find(blog.home)
    lock = ServeLock(folder.serve_lock)
    if not (is_new := not folder.is_there):
        lock.take(address.url)
    serving.require_free_port(address)
    _create(blog).require_writable()
    lock.take(address.url)
    app = blog.load_app()
    if is_new:
        click.echo(serving.what_is_where(app))
    _say(doctor.make_private(app))
    if not no_upgrade and (done := serving.bring_to_head(app)):
        click.echo(done)
    serving.require_own_schema(app)
    if is_new and with_demo:
        _fill(app)
    click.echo(f"Qingbo {__version__} serves {address.url} (stop: Ctrl-C)")
    _say(doctor.concerns(app))
    if link := serving.setup_link(app, address):
        click.echo(f"Nobody administers this blog yet. Begin here, once: {link}")
    sys.stdout.flush()
    supervising.serve(app, address, workers or supervising.usual_workers(), drain_seconds)


server = copy.copy(serve)
server.name, server.short_help = "server", "The same as serve: the word of the tutorial."
main.add_command(server)


@main.command("demo")
@click.pass_obj
def fill_demo(blog: _Blog) -> None:
    """Fill the blog with a small sample in Chinese and English."""
    app = blog.load_app()
    serving.require_own_schema(app)
    _fill(app)


@main.command("doctor")
@click.pass_obj
def examine(blog: _Blog) -> None:
    """Look whether everything is as it should be, and say what to do."""
    if not _say(doctor.examine(blog.load_app())):
        raise click.exceptions.Exit(1)


def _say(findings: Iterable[doctor.Finding]) -> bool:
    """Print findings and return whether all is well."""
    well = True
    context = click.get_current_context()
    for finding in findings:
        well = well and not finding.remedy
        message = as_typed(finding.message, context)
        click.echo(f"{'!!' if finding.remedy else 'ok'}  {finding.subject}: {message}")
        if finding.remedy:
            click.echo(f"      {as_typed(finding.remedy, context)}")
    return well


main.add_command(backup)
main.add_command(restore)
main.add_command(export)
main.add_command(upgrade)
main.add_command(rollback)
main.add_command(schema_commands)
main.add_command(shell_command)
main.add_command(routes_command)
for command in (tutorial_commands.show_urls, tutorial_commands.clean, tutorial_commands.assets):
    main.add_command(command)


@main.group()
def user() -> None:
    """Make accounts and change them."""


@user.command("create")
@click.argument("name", required=False)
@click.option("--role", default=AUTHOR, show_default=True, type=click.Choice(RANKED), help="What it may do.")
@click.option("--admin", is_flag=True, help="May do everything: the role administrator.")
@click.option("--email", help="Its e-mail address, taken as confirmed.")
@click.option("--password", help="Asked for where it is missing.")
@on_this_schema()
def create_user(name: str | None, role: str, admin: bool, email: str | None, password: str | None) -> None:
    """Make an account."""
    name = name or _ask("Name")
    registration.refuse_taken_name(session(), clean(name))
    address = _free_address(email) if email else None
    role = ADMINISTRATOR if admin else role
    made = registration.create_user(session(), name, password or _ask_password(), role=role, email=address)
    made.confirmed_at = now()
    note(session(), "user-create", f"{made.name} {role}")
    session().commit()
    click.echo(f"Made the account {made.name}, {'an' if role[0] in 'ae' else 'a'} {role}.")


@user.command("list")
@on_this_schema(is_reading=True)
def list_users() -> None:
    """List the accounts."""
    for each in all_users(session()):
        state = "waiting" if each.waiting_since else "" if each.active else "inactive"
        notes = [text for text in (each.role, state) if text]
        click.echo(f"{each.name} ({', '.join(notes)})" if notes else each.name)


@user.command("promote")
@click.argument("name")
@on_this_schema()
def promote(name: str) -> None:
    """Make an account an administrator's."""
    promoted = registration.promote(session(), name)
    note(session(), "role", f"{promoted.name} {promoted.role}")
    session().commit()
    click.echo(f"{promoted.name} is an administrator.")


@user.command("password")
@click.argument("name")
@click.option("--password", help="Asked for where it is missing.")
@on_this_schema()
def change_password(name: str, password: str | None) -> None:
    """Give an account a new password; its sessions end."""
    registration.require_user(session(), name)
    changed = registration.change_password(session(), name, password or _ask_password())
    note(session(), "password-change", changed.name)
    session().commit()
    click.echo(f"{changed.name} has a new password.")


main.add_command(import_commands)


@main.command("reindex")
@on_this_schema()
def make_index() -> None:
    """Make anew what posts and comments are found by."""
    total = count_all(session())
    session().rollback()
    with progress_over(total, "Indexing") as step:
        reindex(session(), step)
    click.echo(f"Indexed {total} posts and comments.")


@main.command("search")
@click.argument("text")
@click.option("--newest", is_flag=True, help="The newest first, instead of the best.")
@click.option("--most", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@on_this_schema(is_reading=True)
def search_posts(text: str, newest: bool, most: int, as_json: bool) -> None:
    """Find public posts by their words."""
    query = Query.read(text)
    found = find_posts(session(), query, Narrowing(), Spot(), most, newest_first=newest)
    shown = shown_results(session(), query, [number for number, _spot in found.spots])
    if as_json:
        click.echo(json.dumps([_as_json(each) for each in shown], ensure_ascii=False, indent=2))
        return
    for each in shown:
        day = f"{each.post.published_at:%Y-%m-%d}" if each.post.published_at else ""
        click.echo(f"{day}  {title_of(each.post)}  {path_of(each.post.slug)}")
    if not shown:
        click.echo("Nothing found.", err=True)


@main.group()
def media() -> None:
    """Look after pictures and files."""


@media.command("make")
@on_this_schema()
def make_media() -> None:
    """Make the smaller pictures that are missing; the server does it by itself, too."""
    missing = all_unfinished(session())
    failed = []
    with progress_over(len(missing), "Making pictures") as step:
        for number in missing:
            try:
                if not finish(session(), current_storage(), number):
                    failed.append(f"media {number}: another process is making it")
            except (OSError, ValueError) as error:
                session().rollback()
                failed.append(f"media {number}: {error}")
            step(str(number))
    for line in failed:
        click.echo(f"left out: {line}", err=True)
    click.echo(f"{len(missing) - len(failed)} made." if missing else "Nothing is missing.")
    if failed:
        raise click.exceptions.Exit(1)


def _as_json(found: Shown) -> dict[str, Any]:
    post = found.post
    return {
        "id": post.id,
        "title": post.title,
        "slug": post.slug,
        "path": path_of(post.slug),
        "kind": post.kind,
        "published_at": post.published_at.isoformat() if post.published_at else None,
        "author": post.author.name,
        "tags": [tag.name for tag in post.tags],
        "snippet": "".join(piece.text for piece in found.text),
    }


def _create(blog: _Blog) -> DataFolder:
    folder = DataFolder.find(blog.home)
    if folder.create():
        click.echo(f"Made the data folder {folder.path}.")
    return folder


def _fill(app: Flask) -> None:
    with app.app_context(), writing():
        report = demo.fill(session(), current_settings().timezone)
    new = report.counts[Item.POST][Outcome.NEW]
    click.echo(f"Wrote a sample of {new} posts." if new else "The sample is there already.")


def _ask(question: str) -> str:
    if not sys.stdin.isatty():
        raise SetupError(f"{question} is missing, and there is no terminal to ask on.", "Give it on the command line.")
    answer: str = click.prompt(question)
    return answer


def _free_address(email: str) -> str:
    address = email_key(email)
    if address is None:
        raise SetupError(f"{email} is no e-mail address.", "They look like ann@example.com.")
    if user_with_email(session(), address):
        raise SetupError(f"There is already an account with {address}.", "See them: qingbo user list")
    return address


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise SetupError("The password is missing, and there is no terminal to ask on.", "Give it: --password …")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer
