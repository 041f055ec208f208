"""What the statements of a crossing are for: a value that machines decide on, and `report` puts into words."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from enum import StrEnum


class StepKind(StrEnum):
    """What a statement does, and for whom."""

    SCRIPT = "script"
    """It is the script's own."""
    LEFT_OUT = "left out"
    """It is the script's own and is not executed, since it names a table of Rewind's or something hidden."""
    MOVE_ROWS = "move rows"
    """It moves the rows of a table of SQLite into one that is made anew."""
    REBUILD = "rebuild"
    """It makes a table of SQLite anew, which the script changes in a way that SQLite has no statement for."""
    HIDE = "hide"
    DROP_DERIVED = "drop derived"
    """It drops what is derived from other data (``REWIND_DERIVED``), and comes back empty."""
    BRING_BACK = "bring back"
    BRING_VALUES_BACK = "bring values back"
    """It copies the values of a column from a table that is hidden."""
    COPY_ROWS = "copy rows"
    """It copies rows from a hidden table into one that has other columns."""
    KEEP_VALUES = "keep values"
    """It protects values that came back from a data statement of the script."""
    FILL = "fill"
    """It gives rows without a value what ``--fill`` says."""
    MOVE_OUT = "move out"
    """It moves a hidden column from its table into a side table."""
    MOVE_IN = "move in"
    """It moves a hidden column from its side table back into its table."""
    MAKE_ROOM = "make room"
    """It shortens the rows of a full table by what is hidden in it."""
    MAKE_WAY = "make way"
    """It drops the empty table that the script just made, for the one that comes back."""
    LEAVE_SCHEMA = "leave schema"
    """It moves something hidden out of a schema that the script drops."""
    ENTER_SCHEMA = "enter schema"
    """It moves something hidden back into a schema that the script makes again."""
    LEAVE_HIDDEN_OUT = "leave hidden out"
    """It drops hidden columns from a copy of their table."""
    FREE_TRIGGER = "free trigger"
    """It drops a trigger of a hidden table, so that the script can use its name."""
    MAKE_AGAIN = "make again"
    """It makes an index, constraint or trigger again that went with what was hidden."""
    NAME_AGAIN = "name again"
    """It gives something back its name, which was taken when it came back."""
    NAME_INDEX = "name index"
    """It gives the index of a foreign key its former name."""
    LEAVE_INDEX = "leave index"
    """It makes another index for a foreign key, so that the script can drop the present one."""
    PUT_DEFAULT_BACK = "put default back"
    """It sets a default that the script's downgrade() leaves out."""
    PUT_COMMENT_BACK = "put comment back"
    """It sets a comment that the script's downgrade() leaves out."""
    TAKE_BACK = "take back"
    """It takes back what a crossing changed, as the journal has it."""
    CLEAN_UP = "clean up"
    """It drops what only the way back through a failed crossing needs."""
    EARLIER = "earlier"
    """It stands in a journal of layout 1, which says in words what it is for: `Purpose.place` has these words."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a statement is for."""

    kind: StepKind
    place: str = ""
    """The table, or ``table.column``, that it serves; empty where it serves none by name."""
    entry: str = ""
    """The name in the attic, or of a side table or trigger, that it has to do with."""

    def as_text(self) -> str:
        """Return it as the journal keeps it: empty for the script's own statements, else JSON."""
        return "" if self == OF_SCRIPT else json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> "Purpose":
        """Return what a row of the journal says, of layout 1 too."""
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
    """What tells an executed data statement from another one with the same text, and what its driver answered."""

    digest: str
    """Of its parameters."""
    rows: int
    last_id: int | None
    """The key that the database gave to its last new row."""

    def as_text(self) -> str:
        """Return it as the journal keeps it."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str | None) -> "Effect | None":
        """Return what `as_text` wrote."""
        return cls(**json.loads(text)) if text else None


@dataclass(slots=True)
class Step:
    """One statement of a crossing."""

    number: int
    statement: str
    purpose: Purpose = OF_SCRIPT
    milliseconds: int = 0
    effect: Effect | None = None
    """Of a data statement of the script, on an engine that commits it before the crossing ends."""

    @property
    def is_of_script(self) -> bool:
        """Whether it is the script's own statement."""
        return self.purpose.kind is StepKind.SCRIPT

    @property
    def is_left_out(self) -> bool:
        """Whether it was not executed."""
        return self.purpose.kind is StepKind.LEFT_OUT


def current_purpose() -> Purpose:
    """Return what the statements are for that are executed now."""
    return _current.get()


@contextmanager
def serving(purpose: Purpose) -> Iterator[None]:
    """Let the statements of a block be executed for a purpose."""
    token = _current.set(purpose)
    try:
        yield
    finally:
        _current.reset(token)
