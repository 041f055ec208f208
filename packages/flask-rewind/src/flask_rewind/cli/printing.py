"""Print the output of commands: a sentence, results as text or JSON, the SQL of a script."""

import json
import sys
from typing import Any

import click
from flask import g

from flask_rewind import report
from flask_rewind.errors import BadRequest
from flask_rewind.generation.defaults import Question
from flask_rewind.generation.renamed_view import Rename
from flask_rewind.results import Move
from flask_rewind.typed import as_typed


def say(text: str) -> None:
    """Print a sentence, unless ``--quiet`` is given."""
    if text and not g.get("quiet"):
        click.echo(as_typed(text, click.get_current_context()))


def print_results(results: Any, text: str, as_json: bool) -> None:
    """Print results as JSON, or else as the given text."""
    if as_json:
        click.echo(json.dumps(report.as_data(results), ensure_ascii=False, indent=2))
    else:
        click.echo(as_typed(text, click.get_current_context()))


def ask(question: Question) -> str | None:
    """Ask a person at a terminal; return None where there is no terminal."""
    if not sys.stdin.isatty():
        return None
    click.echo(report.question(question))
    answer: str = click.prompt("Value as SQL", default=question.suggestion or None)
    return answer


def require_consent(question: str) -> None:
    """Ask before something is deleted.

    Raises:
        BadRequest: if the answer is no, or nobody answers.
    """
    try:
        click.confirm(question, abort=True)
    except click.Abort:
        if not sys.stdin.isatty():
            click.echo()  # nobody has ended the line of the question
        raise BadRequest("Nothing was deleted.", "To delete it without a question, add --yes.") from None


def ask_rename(rename: Rename) -> bool | None:
    """Ask a person at a terminal; where there is no terminal, print what looks like a rename and return None."""
    if sys.stdin.isatty():
        return click.confirm(report.rename_question(rename), default=False)
    click.echo(as_typed(report.possible_rename(rename), click.get_current_context()), err=True)
    return None


def print_move(move: Move, sql: bool) -> None:
    """Print the SQL of a move, or else a report of the move."""
    if sql:
        print_script(move.sql)
    else:
        say(report.moved(move))


def print_script(sql: str) -> None:
    """Print SQL unchanged."""
    click.echo(sql, nl=False)
