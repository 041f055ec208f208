"""`Rewind`, the extension: it takes the same arguments as Flask-Migrate's `Migrate`, and replaces it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click
from flask import Flask, g
from flask.cli import with_appcontext

from flask_rewind.config import read_settings
from flask_rewind.errors import RewindError
from flask_rewind.state import RewindState

if TYPE_CHECKING:
    from flask_rewind.revisions import Config


class Rewind:
    """Schema moves for a Flask app.

    Args:
        app: the app, or None to call `init_app` later.
        db: the Flask-SQLAlchemy object (anything with ``engine`` or ``get_engine``, and ``metadata``).
        directory: where the revision scripts are, absolute or from the current folder.
        command: the name of the command group.
        compare_type: whether `migrate` and `check` compare column types.
        render_as_batch: whether `migrate` writes batch blocks, which SQLite needs.
        alembic_configure_kwargs: anything else that Alembic's ``context.configure`` takes.
    """

    def __init__(
        self,
        app: Flask | None = None,
        db: Any = None,
        directory: str = "migrations",
        command: str = "db",
        compare_type: Any = True,
        render_as_batch: bool = True,
        **alembic_configure_kwargs: Any,
    ) -> None:
        self.db = db
        self.directory = str(directory)
        self.command = command
        self.configure_callbacks: list[Callable[[Any], Any]] = []
        self.alembic_ctx_kwargs = alembic_configure_kwargs | {
            "compare_type": compare_type,
            "render_as_batch": render_as_batch,
        }
        if app is not None and db is not None:
            self.init_app(app)

    def init_app(
        self,
        app: Flask,
        db: Any = None,
        directory: str | None = None,
        command: str | None = None,
        compare_type: Any = None,
        render_as_batch: bool | None = None,
        **alembic_configure_kwargs: Any,
    ) -> None:
        """Register with `app`; an argument that is omitted keeps its value from the constructor.

        Raises:
            BadSetting: if ``app.config`` has an unknown or bad ``REWIND_…`` setting.
        """
        self.db = db if db is not None else self.db
        self.directory = str(directory or self.directory)
        self.command = command or self.command
        given = {"compare_type": compare_type, "render_as_batch": render_as_batch}
        self.alembic_ctx_kwargs |= alembic_configure_kwargs
        self.alembic_ctx_kwargs |= {key: value for key, value in given.items() if value is not None}
        settings = read_settings(app.config)
        app.extensions["migrate"] = RewindState(self, self.db, settings, dict(self.alembic_ctx_kwargs))
        app.cli.add_command(database_commands(self.command))

    def configure(self, callback: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Register a function that gets each command's Alembic `Config` and returns the one to use."""
        self.configure_callbacks.append(callback)
        return callback

    def call_configure_callbacks(self, config: Any) -> Any:
        """Pass `config` through the registered functions."""
        for callback in self.configure_callbacks:
            config = callback(config)
        return config

    def get_config(
        self,
        directory: str | None = None,
        x_arg: str | Iterable[str] | None = None,
        opts: Iterable[str] | None = None,
    ) -> "Config":
        """Return the Alembic `Config` of a command, after the registered callbacks.

        Args:
            directory: where the scripts are; by default the extension's directory.
            x_arg: values for env.py, besides those of the command line.
            opts: names of attributes that are True in ``config.cmd_opts``.
        """
        from flask_rewind.revisions import make_config  # Alembic is loaded with the first command, not with the app

        return make_config(self, directory, x_arg, opts)


_ONLY_HELP = "flask_rewind.only_help"
"""Whether a command is only to print its help, which needs no app. A key of Click's ``meta``."""


class _CommandsOnDemand(click.Group):
    """A group whose commands, and Alembic with them, are imported when one is needed."""

    moves_databases = True
    """`typed.is_database_group` reads it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return self._group().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self._group().get_command(ctx, cmd_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        before = args[: args.index("--")] if "--" in args else args
        ctx.meta[_ONLY_HELP] = not {*ctx.help_option_names}.isdisjoint(before)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RewindError as error:
            if ctx.params["raiseerr"]:
                raise RuntimeError(error.format_message()) from error
            raise

    def _group(self) -> click.Group:
        from flask_rewind.cli import commands

        return commands


def database_commands(name: str = "db") -> click.Group:
    """Return the command group, to add to an app's own command line. `Rewind` adds it to ``flask``."""

    @click.group(name=name, cls=_CommandsOnDemand)
    @click.option("-d", "--directory", help="Where the revision scripts are (default: the app's setting).")
    @click.option("-x", "--x-arg", multiple=True, help="A value that env.py reads; may be repeated.")
    @click.option("-n", "--name", help="The section of alembic.ini to read (default: alembic).")
    @click.option("-q", "--quiet", is_flag=True, help="Print results only.")
    @click.option("--raiseerr", is_flag=True, help="Show the whole traceback of an error.")
    @click.pass_context
    def group(ctx: click.Context, /, **options: Any) -> None:
        """Move the database schema up and down through its revisions."""
        if not ctx.meta.get(_ONLY_HELP):
            with_appcontext(_remember)(**options)

    return group


def _remember(directory: str | None, x_arg: tuple[str, ...], name: str | None, quiet: bool, raiseerr: bool) -> None:
    """Keep the options of the group for its commands."""
    g.directory = directory
    g.x_arg = x_arg
    g.ini_section = name
    g.quiet = quiet
