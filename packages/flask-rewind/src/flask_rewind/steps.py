"""The purpose of each statement of a crossing, as a value that code compares; `report` puts it into words."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from enum import StrEnum


class StepKind(StrEnum):
    """What a statement is for."""

    SCRIPT = "script"
    """It is the script's own statement."""
    LEFT_OUT = "left out"
    """It is the script's own statement and is not executed: it names one of Rewind's tables or something hidden."""
    MOVE_ROWS = "move rows"
    """It moves the rows of a SQLite table into the rebuilt table."""
    REBUILD = "rebuild"
    """It rebuilds a SQLite table, because SQLite has no statement for the change that the script makes."""
    HIDE = "hide"
    DROP_DERIVED = "drop derived"
    """It drops a derived table or column (``REWIND_DERIVED``), which returns empty."""
    BRING_BACK = "bring back"
    BRING_VALUES_BACK = "bring values back"
    """It copies the values of a column from a hidden table."""
    COPY_ROWS = "copy rows"
    """It copies rows from a hidden table into one that has other columns."""
    KEEP_VALUES = "keep values"
    """It protects values that returned against a data statement of the script."""
    FILL = "fill"
    """It gives rows without a value the value of ``--fill``."""
    MOVE_OUT = "move out"
    """It moves a hidden column from its table into a side table."""
    MOVE_IN = "move in"
    """It moves a hidden column from its side table back into its table."""
    MAKE_ROOM = "make room"
    """It makes hidden columns take less room in the rows of a full table."""
    MAKE_WAY = "make way"
    """It drops the empty table that the script just created, because the hidden one returns."""
    LEAVE_HIDDEN_OUT = "leave hidden out"
    """It drops hidden columns from a copy of their table."""
    FREE_TRIGGER = "free trigger"
    """It drops a trigger of a hidden table, so that the script can use its name."""
    MAKE_AGAIN = "make again"
    """It recreates an index, constraint or trigger that was dropped with a hidden column or table."""
    NAME_AGAIN = "name again"
    """It gives something its former name, which was taken when it returned."""
    NAME_INDEX = "name index"
    """It gives the index of a foreign key its former name."""
    LEAVE_INDEX = "leave index"
    """It creates another index for a foreign key, so that the script can drop the present one."""
    PUT_DEFAULT_BACK = "put default back"
    """It restores a default that the script's downgrade() leaves out."""
    PUT_COMMENT_BACK = "put comment back"
    """It restores a comment that the script's downgrade() leaves out."""
    TAKE_BACK = "take back"
    """It undoes what a crossing changed, by the journal."""
    CLEAN_UP = "clean up"
    """It drops markers that are only needed to take a failed crossing back, or leftovers of an interrupted one."""
    EARLIER = "earlier"
    """It comes from a journal of layout 1, which stored the purpose as a sentence: `Purpose.place` has it."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a statement is for, and for which table, column or entry."""

    kind: StepKind
    place: str = ""
    """The table, or ``table.column``, that it is for; empty if there is none."""
    entry: str = ""
    """The hidden name, side table or trigger that it concerns; empty if there is none."""

    def as_text(self) -> str:
        """Return it as the journal stores it: empty for the script's own statements, else JSON."""
        return "" if self == OF_SCRIPT else json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> "Purpose":
        """Return the purpose that a row of the journal stores, in any layout."""
        if not text:
            return OF_SCRIPT
        if not text.startswith("{"):
            return cls(StepKind.EARLIER, text)
        found = json.loads(text)
        return cls(StepKind(found["kind"]), found["place"], found["entry"])


OF_SCRIPT = Purpose(StepKind.SCRIPT)
_current: ContextVar[Purpose] = ContextVar("rewind_purpose", default=OF_SCRIPT)


@dataclass(frozen=True, slots=True)
class Effect:
    """The parameters of an executed data statement, as a digest, and the driver's results."""

    digest: str
    """A digest of the parameters."""
    rows: int
    last_id: int | None
    """The key that the database gave to its last new row."""

    def as_text(self) -> str:
        """Return it as the journal stores it."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str | None) -> "Effect | None":
        """Return the effect that `as_text` wrote."""
        return cls(**json.loads(text)) if text else None


@dataclass(slots=True)
class Step:
    """One statement of a crossing."""

    number: int
    statement: str
    purpose: Purpose = OF_SCRIPT
    milliseconds: int = 0
    effect: Effect | None = None
    """Set for a data statement of the script, on an engine that may commit it before the crossing ends."""

    @property
    def is_of_script(self) -> bool:
        """Whether it is the script's own statement."""
        return self.purpose.kind is StepKind.SCRIPT

    @property
    def is_left_out(self) -> bool:
        """Whether it was not executed."""
        return self.purpose.kind is StepKind.LEFT_OUT


def current_purpose() -> Purpose:
    """Return the purpose of the statements that are executed now."""
    return _current.get()


@contextmanager
def serving(purpose: Purpose) -> Iterator[None]:
    """Give the statements of a block a purpose."""
    token = _current.set(purpose)
    try:
        yield
    finally:
        _current.reset(token)
