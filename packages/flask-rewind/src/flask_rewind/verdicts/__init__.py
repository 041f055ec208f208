"""The verdict of a planned step: what it means for the rows that are there. Pure."""

from flask_rewind.sql.statements import verb
from flask_rewind.steps import StepKind
from flask_rewind.verdicts.by_kind import OF_KIND
from flask_rewind.verdicts.by_words import by_words
from flask_rewind.verdicts.outcomes import HIDDEN_AGAIN, Verdict


def verdict_of(statement: str, kind: StepKind, dialect: str) -> Verdict:
    """Return the verdict of a statement, and how it is taken back."""
    first = verb(statement, dialect)
    if first == "UPDATE" and kind is StepKind.BRING_BACK:
        return "needs fill", HIDDEN_AGAIN[1]
    return OF_KIND.get(kind) or by_words(statement, first)
