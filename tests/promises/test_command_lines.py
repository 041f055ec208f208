"""Every command line in the docs can be typed: its command, its options and the number of its arguments exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask_rewind.cli import commands as database_commands
from qingbo.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/*.md")])
BEFORE = re.compile(r"^(?:runuser -u qingbo -- |podman compose exec blog )")
COMMAND = re.compile(r"^(?:qingbo|flask|python manage\.py)(?= [a-z-])[^|;&>]*")
STEPS = re.compile(r"(?<= )-\d+(?= |$)")
"""Numbers of revisions, which click takes for options; Flask-Rewind's parser does not."""


def command_lines(text: str) -> Iterator[str]:
    """Yield the command lines in code spans and blocks, without comments, and up to an ellipsis."""
    blocks = re.compile(r"^```(\w*).*?\n(.*?)^```", re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks.finditer(text) if block[1] == "sh" for line in block[2].splitlines()]
    lines += re.findall(r"`([^`\n]+)`", blocks.sub("", text))
    for line in lines:
        if found := COMMAND.match(BEFORE.sub("", line.partition(" #")[0])):
            yield found[0].partition(" …")[0]


def parse(line: str) -> None:
    """Parse a command line as click does; values are not looked at.

    Raises:
        click.UsageError: if it cannot be typed.
    """
    program, *words = shlex.split(STEPS.sub("base", line.removeprefix("python ")))
    command: click.Command = main
    if program == "flask":
        words = words[words.index("db") :] if "db" in words else []
    while words:
        context = click.Context(command)
        _values, words, _order = command.make_parser(context).parse_args(words)
        if not isinstance(command, click.Group):
            if words:
                raise click.UsageError(f"too many arguments: {words}")
        elif words:
            name, *words = words
            inner = database_commands if name == "db" else command.get_command(context, name)
            if inner is None:
                raise click.UsageError(f"there is no {name!r}")
            command = inner


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_line_can_be_typed(page: Path) -> None:
    for line in command_lines(page.read_text(encoding="utf-8")):
        try:
            parse(line)
        except click.UsageError as error:
            raise AssertionError(f"{line}: {error.message}") from None


def test_command_lines_are_found_and_faults_seen() -> None:
    lines = [line for page in PAGES for line in command_lines(page.read_text(encoding="utf-8"))]
    assert len(lines) > 150
    for wrong in ("qingbo nope", "qingbo backup --nope", "flask db upgrade a b", "python manage.py db nope"):
        with pytest.raises(click.UsageError):
            parse(wrong)
