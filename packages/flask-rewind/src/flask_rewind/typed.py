"""Write the commands in messages as the user can type them.

Messages contain ``flask db …``. The user may have typed ``.venv/bin/flask --app blog db``, ``python manage.py db`` or
the command of another program; then the message shows that instead.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path

import click
from click.core import ParameterSource
from flask.cli import AppGroup

WRITTEN = "flask db"
"""The command group in messages, before it is replaced."""


def as_typed(text: str, context: click.Context | None) -> str:
    """Return a message with its commands as a user can type them who ran the command of `context`."""
    if context is None or WRITTEN not in text:
        return text
    return text.replace(f"{WRITTEN} ", f"{_database_group(context)} ")


def typed_command(context: click.Context, *, options: bool = True) -> str:
    """Return the start of the command line, as it was typed, up to the command of `context`; a subcommand can follow.

    Args:
        context: the context of the command; its root tells which program runs.
        options: whether to repeat the options that were given before the subcommand.
    """
    words: list[str] = []
    for each in _chain(context):
        words += [each.info_name or ""] if each.parent else _program(each)
        words += _given_options(each) if options else []
    return shlex.join(words)


def _database_group(context: click.Context) -> str:
    chain = _chain(context)
    group = next((each for each in chain if is_database_group(each.command)), None)
    if group is None:
        names = [name for name, each in getattr(chain[0].command, "commands", {}).items() if is_database_group(each)]
        return f"{typed_command(chain[0])} {names[0] if names else 'db'}"
    directory = [] if group is context else _given_options(context, {"directory"})
    return " ".join([typed_command(group), *map(shlex.quote, directory)])


def is_database_group(command: click.Command) -> bool:
    """Return whether a command is the group of `database_commands`."""
    return getattr(command, "moves_databases", False)


def _chain(context: click.Context) -> list[click.Context]:
    chain = [context]
    while (parent := chain[0].parent) is not None:
        chain.insert(0, parent)
    return chain


def _program(root: click.Context) -> list[str]:
    name = root.info_name or ""
    if name.startswith("python") or Path(sys.argv[0]).name == name:
        return _running_program()
    # Not called from a command line, but for example by a test.
    return ["flask"] if isinstance(root.command, AppGroup) else [name]


def _running_program() -> list[str]:
    started = sys.argv[0]
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is not None and Path(started).name == "__main__.py":
        return [_shown(Path(sys.executable)), "-m", spec.name.removesuffix(".__main__")]
    if started.endswith(".py"):
        return [_shown(Path(sys.executable)), _below_here(Path(started))]
    return [_shown(Path(started))]


def _shown(program: Path) -> str:
    """Return the name of a program if the PATH finds it, else its path."""
    found = shutil.which(program.name)
    if found and Path(found).absolute() == program.absolute():
        return program.name
    path = _below_here(program)
    return path if "/" in path else f"./{path}"


def _below_here(path: Path) -> str:
    relative = os.path.relpath(path.absolute())
    return str(path.absolute()) if relative.startswith(os.pardir) else relative


def _given_options(context: click.Context, names: set[str] | None = None) -> list[str]:
    words: list[str] = []
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if not given or not isinstance(parameter, click.Option) or parameter.is_flag or (names and name not in names):
            continue
        for value in _values(context, name):
            words += [max(parameter.opts, key=len), str(value)]
    return words


def _values(context: click.Context, name: str) -> list[object]:
    # Flask stores the value of --app outside the parameters.
    value = context.params.get(name) or (getattr(context.obj, "app_import_path", None) if name == "app" else None)
    return list(value) if isinstance(value, tuple) else [value] if value is not None else []
