"""The commands that import a blog of another system. Each parses its options, calls an importer, prints its report."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from qingbo.accounts.models import User
from qingbo.command_context import on_this_schema
from qingbo.errors import SetupError
from qingbo.extensions import session
from qingbo.import_commands import import_commands, print_report, report_options, require_author
from qingbo.imports.bad_file import BadFile
from qingbo.imports.blog2016.importing import count_posts, import_blog2016
from qingbo.imports.ghost import importing as ghost
from qingbo.imports.report import Item, Report
from qingbo.imports.systems.databases import old_database
from qingbo.imports.systems.importing import Choices
from qingbo.imports.typecho.importing import count_entries, import_typecho, tables_of
from qingbo.imports.wordpress.importing import import_wordpress, read_overview
from qingbo.progress import progress_over
from qingbo.site_settings import current_zone

__all__ = ["import_commands"]

Command = Callable[..., Any]


def system_options(command: Command) -> Command:
    """Add the options that every importer of a system has."""
    for option in (
        click.option("--author", help="Whose posts they all become; without it, each author gets an account."),
        click.option(
            "--map", "pairs", multiple=True, metavar="THERE=HERE",
            help="Whose posts the posts of THERE (a name or an e-mail address) become. Can be repeated.",
        ),
        click.option("--fetch", is_flag=True, help="Fetch pictures and files from the old blog."),
        click.option("--overwrite", is_flag=True, help="Take a post as it is there, if it changed there and here."),
        report_options,
    ):  # fmt: skip
        command = option(command)
    return command


def choices_of(author: str | None, pairs: Iterable[str], *, fetch: bool, overwrite: bool, is_dry: bool) -> Choices:
    """Return what the options say.

    Raises:
        SetupError: if an account does not exist, or a pair is not one.
    """
    everyone = require_author(author) if author else None
    return Choices(everyone, dict(map(_pair, pairs)), fetch, overwrite, is_dry)


def _pair(text: str) -> tuple[str, User]:
    there, mark, here = text.rpartition("=")
    if not (there and mark and here):
        raise SetupError(f"--map {text} has no “=”.", "Write the name there, =, and the name here: --map wpadmin=ann")
    return there, require_author(here)


def site_option(command: Command) -> Command:
    """Add the option for the old blog's address."""
    return click.option(
        "--site", default="", metavar="URL", help="The address of the old blog, for pictures with relative addresses."
    )(command)


def refused(path: Path, error: BadFile, *, is_dry: bool) -> Report:
    """Return the report about a file that is refused as a whole."""
    report = Report(is_dry)
    report.leave_out(Item.FILE, path, str(error), error.line, error.hint)
    return report


@import_commands.command("wordpress")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@system_options
@on_this_schema()
def import_wordpress_file(
    file: Path, author: str | None, pairs: tuple[str, ...], fetch: bool, overwrite: bool, is_dry: bool, as_json: bool
) -> None:
    """Import an export file of WordPress (Tools, Export), again as often as you like."""
    choices = choices_of(author, pairs, fetch=fetch, overwrite=overwrite, is_dry=is_dry)
    try:
        overview = read_overview(file)
        with progress_over(overview.total, "Importing") as step:
            report = import_wordpress(session(), file, overview, current_zone(), choices, progress=step)
    except BadFile as error:
        report = refused(file, error, is_dry=is_dry)
    print_report(report, str(file.resolve()), as_json=as_json)


@import_commands.command("blog2016")
@click.argument("url", metavar="URL")
@site_option
@system_options
@on_this_schema()
def import_blog2016_database(
    url: str, site: str, author: str | None, pairs: tuple[str, ...], fetch: bool, overwrite: bool, is_dry: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Import the light blog of 2016 (blog-web-application) from its database, again as often as you like."""
    choices = choices_of(author, pairs, fetch=fetch, overwrite=overwrite, is_dry=is_dry)
    with old_database(url) as database, progress_over(count_posts(database), "Importing") as step:
        report = import_blog2016(session(), database, current_zone(), choices, site=site, progress=step)
    print_report(report, database.name, as_json=as_json)


@import_commands.command("ghost")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--images", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder content/images of Ghost; its pictures are brought.",
)  # fmt: skip
@click.option(
    "--routes", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Ghost's routes.yaml, if the blog has its own: its old addresses redirect.",
)  # fmt: skip
@site_option
@system_options
@on_this_schema()
def import_ghost_file(
    file: Path, images: Path | None, routes: Path | None, site: str, author: str | None, pairs: tuple[str, ...],
    fetch: bool, overwrite: bool, is_dry: bool, as_json: bool,
) -> None:  # fmt: skip
    """Import a JSON export of Ghost (Settings, Import/Export), again as often as you like."""
    choices = choices_of(author, pairs, fetch=fetch, overwrite=overwrite, is_dry=is_dry)
    try:
        overview = ghost.read_overview(file, routes)
        with progress_over(overview.total, "Importing") as step:
            report = ghost.import_ghost(session(), file, overview, choices, images=images, site=site, progress=step)
    except BadFile as error:
        report = refused(file, error, is_dry=is_dry)
    print_report(report, str(file.resolve()), as_json=as_json)


@import_commands.command("typecho")
@click.argument("url", metavar="URL")
@click.option("--prefix", help="The prefix of its tables, if the database has those of several blogs.")
@site_option
@system_options
@on_this_schema()
def import_typecho_database(
    url: str, prefix: str | None, site: str, author: str | None, pairs: tuple[str, ...], fetch: bool, overwrite: bool,
    is_dry: bool, as_json: bool,
) -> None:  # fmt: skip
    """Import Typecho from its database, again as often as you like."""
    choices = choices_of(author, pairs, fetch=fetch, overwrite=overwrite, is_dry=is_dry)
    with old_database(url) as database:
        tables = tables_of(database, prefix)
        with progress_over(count_entries(database, tables), "Importing") as step:
            report = import_typecho(session(), database, tables, choices, site=site, progress=step)
    print_report(report, database.name, as_json=as_json)
