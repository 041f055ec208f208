"""A progress bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click

LINES = 10
"""The approximate number of plain lines to print."""


class Step(Protocol):
    """Reports finished steps."""

    def __call__(self, name: str, count: int = 1) -> None:
        """Report `count` steps; `name` describes the last one."""


@contextmanager
def progress_over(total: int, title: str) -> Iterator[Step]:
    """Show the progress of `total` steps; call the yielded function after each."""
    if sys.stderr.isatty():
        yield from _bar(total, title)
    else:
        yield from _lines(total, title)


def _bar(total: int, title: str) -> Iterator[Step]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[name]}"), console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=total, name="")
        yield lambda name, count=1: bar.update(task, advance=count, name=name)


def _lines(total: int, title: str) -> Iterator[Step]:
    done = 0
    every = max(1, total // LINES)

    def step(name: str, count: int = 1) -> None:
        nonlocal done
        before, done = done, done + count
        if done // every > before // every or done == total:
            click.echo(f"{title}: {done} of {total} ({name})", err=True)

    yield step
