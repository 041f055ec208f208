"""The commands that import a blog. Each parses its options, calls an importer, and prints the same report."""

import codecs
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from qingbo.accounts.models import User
from qingbo.accounts.queries import user_named
from qingbo.command_context import on_this_schema
from qingbo.errors import SetupError
from qingbo.extensions import session
from qingbo.imports import report_text
from qingbo.imports.exported.blog import steps_of
from qingbo.imports.generators.recognition import GENERATORS
from qingbo.imports.last_report import keep_report
from qingbo.imports.listing import SUFFIXES, list_files
from qingbo.imports.markdown_folder import import_folder
from qingbo.imports.options import DateFrom, Options
from qingbo.imports.report import Report
from qingbo.progress import progress_over
from qingbo.site_settings import current_zone


@click.group("import")
def import_commands() -> None:
    """Bring posts in from elsewhere."""


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every importer has."""
    command = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")(command)
    return click.option("--dry-run", "is_dry", is_flag=True, help="Print the report, but change nothing.")(command)


def _known_encoding(_context: object, _option: object, name: str | None) -> str | None:
    try:
        return codecs.lookup(name).name if name else None
    except LookupError:
        raise click.BadParameter(f"{name} is no encoding. They are called utf-16, gb18030, big5 …") from None


@import_commands.command("markdown")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--author", required=True, help="Whose posts they become.")
@click.option(
    "--overwrite",
    is_flag=True,
    help="Take the file where its post was changed here since, or was read differently by an older version.",
)
@click.option(
    "--from", "generator", type=click.Choice(sorted(GENERATORS)),
    help="What made the site; recognised if not given.",
)  # fmt: skip
@click.option("--permalink", default="", help="The addresses of its posts, such as :year/:month/:title/, to redirect.")
@click.option("--encoding", callback=_known_encoding, help="Of files that are not UTF-8; recognised if not given.")
@click.option(
    "--date-from", type=click.Choice([each.value for each in DateFrom]),
    help="The date of posts without one: when the file changed, or now. Otherwise they become drafts.",
)  # fmt: skip
@report_options
@on_this_schema()
def import_markdown(
    folder: Path,
    author: str,
    generator: str | None,
    permalink: str,
    encoding: str | None,
    date_from: str | None,
    overwrite: bool,
    is_dry: bool,
    as_json: bool,
) -> None:
    """Import a folder of Markdown files, again as often as you like."""
    writer = require_author(author)
    listing = list_files(folder, generator or "")
    listing.site.generator.pattern = permalink
    if not listing.files:
        raise SetupError(f"There are no Markdown files in {folder}.", f"They end in {', '.join(sorted(SUFFIXES))}.")
    options = Options(overwrite, is_dry, encoding, DateFrom(date_from) if date_from else None)
    with progress_over(len(listing.files) + steps_of(listing), "Importing") as step:
        report = import_folder(
            session(), listing, writer, current_zone(), options, progress=lambda path: step(path.name)
        )
    print_report(report, str(folder.resolve()), as_json=as_json)


def require_author(name: str) -> User:
    """Return the account for new posts.

    Raises:
        SetupError: if there is none with that name.
    """
    author = user_named(session(), name)
    if author is None:
        raise SetupError(f"There is no account named {name}.", f"Make it: qingbo user create {shlex.quote(name)}")
    return author


def print_report(report: Report, source: str, *, as_json: bool) -> None:
    """Print a report, and keep it for the studio; the exit code is 1 if something was left out.

    Args:
        report: of an import.
        source: what was imported, as the studio shows it: without passwords.
        as_json: print JSON instead of lines.
    """
    keep_report(session(), report, source)
    session().commit()
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        for line in report_text.lines(report):
            click.echo(line, err=True)
        for line in report_text.summary(report):
            click.echo(line)
    if not report.is_complete:
        raise click.exceptions.Exit(1)
