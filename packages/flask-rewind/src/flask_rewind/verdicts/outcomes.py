"""Verdicts that more than one rule gives, each with what takes the step back."""

Verdict = tuple[str, str]
"""The verdict, and what takes the step back."""

NOTHING_CHANGED: Verdict = ("lossless", "not needed: nothing is lost")
HIDDEN_AGAIN: Verdict = ("lossless", "the opposite crossing hides it again")
BY_JOURNAL = "the journal recorded what it changed"
