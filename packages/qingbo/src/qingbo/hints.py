"""Rewrites the commands in messages so that the reader can type them, in a terminal or from a page of the studio.

Messages contain ``qingbo …``. The program may not be on the reader's PATH, and the blog may be in another folder.
"""

import re
import shlex
import shutil
import sys
from pathlib import Path

import click
from flask_rewind import typed_command

from qingbo.home import DataFolder

_COMMAND = re.compile(r"(?<![\w./-])(?:qingbo|flask(?= db )) (?=[a-z]|--home )")


def as_typed(text: str, context: click.Context) -> str:
    """Return a message with its commands written like the command of `context`."""
    root = context.find_root()
    return _with(text, typed_command(root, options=False), typed_command(root))


def for_pages(text: str, folder: DataFolder) -> str:
    """Return a message for a page, with commands that work in any folder of the server."""
    program = shlex.quote(_installed_program())
    return _with(text, program, f"{program} --home {shlex.quote(str(folder.path))}")


def _with(text: str, program: str, for_this_blog: str) -> str:
    def typed(found: re.Match[str]) -> str:
        return f"{program if text.startswith('--home', found.end()) else for_this_blog} "

    return _COMMAND.sub(typed, text)


def _installed_program() -> str:
    program = Path(sys.executable).with_name("qingbo")
    found = shutil.which("qingbo")
    return "qingbo" if found and Path(found).absolute() == program.absolute() else str(program.absolute())
