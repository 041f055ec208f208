"""A progress bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

LINES = 10
"""About how many plain lines a piece of work prints."""


@contextmanager
def progress_over(total: int, title: str) -> Iterator[Callable[[str], None]]:
    """Show how far a piece of work of `total` steps is; call what it yields after each, with what was done."""
    if sys.stderr.isatty():
        yield from _bar(total, title)
    else:
        yield from _lines(total, title)


def _bar(total: int, title: str) -> Iterator[Callable[[str], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[name]}"), console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=total, name="")
        yield lambda name: bar.update(task, advance=1, name=name)


def _lines(total: int, title: str) -> Iterator[Callable[[str], None]]:
    done = 0
    every = max(1, total // LINES)

    def step(name: str) -> None:
        nonlocal done
        done += 1
        if done % every == 0 or done == total:
            click.echo(f"{title}: {done} of {total} ({name})", err=True)

    yield step
