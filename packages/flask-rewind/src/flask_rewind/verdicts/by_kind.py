"""The verdicts of steps whose kind decides: Rewind's own."""

from flask_rewind.steps import StepKind
from flask_rewind.verdicts.outcomes import BY_JOURNAL, HIDDEN_AGAIN, NOTHING_CHANGED, Verdict

OF_KIND: dict[StepKind, Verdict] = {
    StepKind.LEFT_OUT: NOTHING_CHANGED,
    StepKind.FREE_TRIGGER: ("lossless", "the trigger is created again when its table returns"),
    StepKind.KEEP_VALUES: NOTHING_CHANGED,
    StepKind.DROP_DERIVED: ("one-way", "nothing: it comes back empty"),
    StepKind.PUT_DEFAULT_BACK: ("lossless", "the next upgrade() sets it again"),
    StepKind.PUT_COMMENT_BACK: ("lossless", "the next upgrade() sets it again"),
    StepKind.MAKE_WAY: NOTHING_CHANGED,
    StepKind.MAKE_ROOM: ("lossless", "a hidden column gets its own type back when it returns"),
    StepKind.LEAVE_HIDDEN_OUT: NOTHING_CHANGED,
    StepKind.FILL: ("needs fill", "nothing: the rows keep these values"),
    StepKind.COPY_ROWS: ("lossless", "the rows it copies stay in the attic"),
    StepKind.BRING_VALUES_BACK: ("lossless", "the values it copies stay in the attic"),
    StepKind.BRING_BACK: HIDDEN_AGAIN,
    StepKind.MOVE_IN: HIDDEN_AGAIN,
    StepKind.HIDE: ("lossless", "it returns from the attic"),
    StepKind.MOVE_OUT: ("lossless", "it returns from the attic"),
    StepKind.CLEAN_UP: NOTHING_CHANGED,
    StepKind.MOVE_ROWS: ("lossless", BY_JOURNAL),
}
"""Verdict and undo of steps, by kind; for other kinds the words of the statement decide."""
