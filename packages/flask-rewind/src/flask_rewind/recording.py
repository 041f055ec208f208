"""The statements of a crossing as they reach the database: looked at before, timed, and written into the journal."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, event

from flask_rewind.acting import is_bookkeeping, rewind_acts
from flask_rewind.committed_statements import CommittedStatements, effect_of
from flask_rewind.engines.postgresql.inserted_rows import InsertedRow
from flask_rewind.interrupts import statement_begins, statement_ends
from flask_rewind.journal import Journal
from flask_rewind.sql.statement import Statement
from flask_rewind.sql.statements import COMMITTING, COMMITTING_BY_THEMSELVES, DATA, DDL, NOTHING, READING, verb
from flask_rewind.sql.tokenizer import one_line
from flask_rewind.steps import Effect, Purpose, Step, current_purpose
from flask_rewind.transactions import begin_own, end_own, is_autocommit

_NONE: Any = object()
_NOTHING_MANY_TIMES = "DELETE FROM rewind_moves WHERE 1 = 0"
"""Executed in place of `NOTHING` with a list of parameters, with which SQLite's driver takes no SELECT."""


def as_it_is(statement: Statement) -> Statement:
    """Return the statement."""
    return statement


class Probe(Protocol):
    """Looks at a statement of a plan while it is tried."""

    def run(self, step: Step, statement: str) -> bool:
        """Execute a statement in a way that shows what it needs; return False to leave it to the caller."""

    def look(self, step: Step) -> None:
        """Look at what the statement did."""


class Recorder:
    """The statements of one crossing that change something, and how far they were committed."""

    def __init__(
        self,
        connection: Connection,
        journal: Journal,
        crossing: int,
        *,
        each_ddl_commits: bool,
        former: Sequence[Step] = (),
        committed: Sequence[Step] = (),
    ) -> None:
        """Record a crossing.

        Args:
            connection: to the database.
            journal: where to write.
            crossing: its number in the journal.
            each_ddl_commits: whether the engine commits with each DDL statement.
            former: its steps that are in the journal already.
            committed: the data statements that the script is going to execute again, and which are done.
        """
        self._last_number = max((step.number for step in former), default=0)
        self._done_before = CommittedStatements(committed)
        self._goes_on = bool(committed)
        self._connection = connection
        self._journal = journal
        self._crossing = crossing
        self._each_ddl_commits = each_ddl_commits
        self._running: dict[int, _Running] = {}
        self._seen: list[Step] = []
        self._effects: list[tuple[Step, Callable[[], Effect]]] = []
        self._written = 0
        self._committed = 0
        self.rewrite: Callable[[Statement], Statement] = as_it_is
        """What is to be executed instead of a statement of the script."""
        self.probe: Probe | None = None
        self.before_commit: Callable[[], None] = self.write
        """Called before a statement of the script that may commit what was executed so far."""
        self.is_through = False
        """Whether the script has ended: what is executed from then on is Alembic's, or of a hook, and no step."""
        self._later: list[Step] = []
        self._later_committed = 0
        self._committed_before = (0, 0)
        """What both numbers were before the last commit."""

    def __enter__(self) -> "Recorder":
        event.listen(self._connection, "before_cursor_execute", self._before, retval=True)
        event.listen(self._connection, "after_cursor_execute", self._after)
        event.listen(self._connection, "commit", self._see_commit)
        return self

    def __exit__(self, *exc_info: object) -> None:
        event.remove(self._connection, "before_cursor_execute", self._before)
        event.remove(self._connection, "after_cursor_execute", self._after)
        event.remove(self._connection, "commit", self._see_commit)
        end_own(self._connection, "ROLLBACK")

    @property
    def statements(self) -> list[str]:
        """What was executed so far, in order."""
        return [step.statement for step in self._seen if not step.is_left_out]

    @property
    def next_number(self) -> int:
        """The number of the step that is being executed, or of the next one."""
        return self._last_number + len(self._seen) + 1

    def write(self) -> None:
        """Write into the journal what is not there yet."""
        self._journal.write(self._crossing, self.unwritten())

    def announce_from_now(self) -> None:
        """Write down what was executed so far, and each DDL statement before it is executed: it will be committed."""
        self._note_effects()
        self.write()
        self._each_ddl_commits = True

    def _note_effects(self) -> None:
        """Write the effects of data statements into their steps: only a crossing that is committed needs them."""
        for step, effect in self._effects:
            step.effect = effect()
        self._effects.clear()

    def unwritten(self) -> list[Step]:
        """Return what is not in the journal yet, for a caller who writes it there."""
        waiting, self._written = self._seen[self._written :], len(self._seen)
        return waiting

    def kept(self) -> list[str]:
        """Return the statements that a rollback now does not take back."""
        last = self._committed
        if self._each_ddl_commits:
            last = max([last, *(place for place, step in enumerate(self._seen, 1) if self._is_ddl(step))])
        return [step.statement for step in self._seen[:last] if not step.is_left_out]

    def may_wait(self) -> bool:
        """Return whether a statement that did not get its lock is to be tried again by itself, not the whole crossing.

        Its transaction holds nothing yet, or the crossing cannot begin anew, since it has committed changes of rows.
        """
        committed = len(self.kept())
        changing = [step for step in self._seen if not step.is_left_out]
        is_any_committed = any(self._is_data(step) for step in changing[:committed])
        return self._goes_on or is_any_committed or not changing[committed:]

    def failed(self) -> list[int]:
        """Return the announced steps, as `Journal.announce` numbers them, whose statements ended in an error."""
        return [each.row for each in self._running.values() if each.row is not None]

    def refuse_rest(self) -> None:
        """See `CommittedStatements.refuse_rest`."""
        self._done_before.refuse_rest()

    def leave_out(self, statement: str, purpose: Purpose) -> None:
        """Take down a statement that is not executed."""
        step = self._step(statement, purpose)
        self._seen.append(step)
        if self.probe:
            self.probe.look(step)

    def kept_later(self) -> list[Step]:
        """Return the steps from after the script that a rollback now does not take back."""
        return self._later[: self._later_committed]

    def _before(
        self, connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, is_many: bool
    ) -> tuple[str, Any]:
        instead = self._instead_of(cursor, Statement(statement, connection.dialect.name, parameters, is_many), context)
        statement_begins()  # only now: what was asked for it are statements, too
        return instead

    def _instead_of(self, cursor: Any, asked: Statement, context: Any) -> tuple[str, Any]:
        if self.is_through or is_bookkeeping():
            if not self.is_through and self._each_ddl_commits and asked.verb in DDL:
                self.write()  # data statements of the script, which this commits
            return asked.text, asked.parameters
        end_own(self._connection, "ROLLBACK")  # only where the last statement failed is one open here
        with rewind_acts():
            row = InsertedRow.asked_for(asked.text, getattr(context, "compiled", None))
            if row is None:
                return self._looked_at(cursor, asked)
            instead, _ = self._looked_at(cursor, asked.saying(row.insert))
            return row.lookup if instead == NOTHING else row.with_returned(instead), asked.parameters

    def _looked_at(self, cursor: Any, statement: Statement) -> tuple[str, Any]:
        instead = self.rewrite(statement)
        step = self._as_step(instead)
        text, done = instead.text, None
        is_data = instead.verb in DATA and step is not None and step.is_of_script
        if step and is_data and (done := self._done_before.takes(step, statement.parameters)):
            text, step = NOTHING, None
        row = None
        if self._may_commit(instead):
            self.before_commit()
        if step and self._each_ddl_commits and instead.verb in DDL:
            row = self._journal.announce(self._crossing, step)
        keeps_parameters = instead is statement or statement.verb not in DDL
        began = time.monotonic()
        if step and self.probe and self.probe.run(step, text):
            text = NOTHING
        self._running[id(cursor)] = _Running(step, row, began, done, statement.parameters if is_data else _NONE)
        if step and is_data and not self.probe:
            begin_own(self._connection)
        if text == NOTHING:
            return _NOTHING_MANY_TIMES if statement.is_many else NOTHING, _no_parameters(statement.parameters)
        return text, statement.parameters if keeps_parameters else _no_parameters(statement.parameters)

    def _may_commit(self, statement: Statement) -> bool:
        """Return whether a statement may commit what was executed before it, by itself or because it says so."""
        committing = COMMITTING | COMMITTING_BY_THEMSELVES if self._each_ddl_commits else COMMITTING
        return statement.verb in committing

    def _after(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        try:
            self._see_executed(cursor, statement)
        finally:
            statement_ends()

    def _see_executed(self, cursor: Any, statement: str) -> None:
        if self.is_through:
            if not is_bookkeeping():
                self._note_later(statement)
            return
        running = self._running.pop(id(cursor), _Running())
        running.answer(cursor)
        if running.step:
            self._note_executed(running, running.step, cursor)

    def _note_executed(self, running: "_Running", step: Step, cursor: Any) -> None:
        step.number = self.next_number
        step.milliseconds = round((time.monotonic() - running.began) * 1000)
        if running.parameters is not _NONE:
            self._effects.append((step, effect_of(cursor, running.parameters)))
            if self._each_ddl_commits:
                self._note_effects()
        self._seen.append(step)
        if self.probe:
            self.probe.look(step)
        is_lasting = is_autocommit(self._connection)
        if is_lasting:
            self._committed = len(self._seen)
        if running.row is not None:
            self._written = len(self._seen)
            self._journal.note_done(running.row, step)
        elif is_lasting:
            self.write()
            end_own(self._connection, "COMMIT")

    def _note_later(self, statement: str) -> None:
        step = self._as_step(Statement(statement, self._connection.dialect.name))
        if step is not None:
            self._later.append(step)
            is_lasting = is_autocommit(self._connection)
            if is_lasting or (self._each_ddl_commits and self._is_ddl(step)):
                self._see_commit(self._connection)

    def _is_ddl(self, step: Step) -> bool:
        return verb(step.statement, self._connection.dialect.name) in DDL

    def forget_commit(self) -> None:
        """Forget the last commit, which failed: SQLAlchemy's event comes before the commit itself."""
        self._committed, self._later_committed = self._committed_before

    def _is_data(self, step: Step) -> bool:
        return step.is_of_script and verb(step.statement, self._connection.dialect.name) in DATA

    def _see_commit(self, connection: Any) -> None:
        if not self.is_through:
            self.before_commit()
        self._committed_before = self._committed, self._later_committed
        self._committed, self._later_committed = len(self._seen), len(self._later)

    def _as_step(self, statement: Statement) -> Step | None:
        return None if statement.verb in READING else self._step(statement.text, current_purpose())

    def _step(self, statement: str, purpose: Purpose) -> Step:
        if self._connection.dialect.paramstyle in {"format", "pyformat"}:
            statement = statement.replace("%%", "%")
        return Step(self.next_number, one_line(statement, self._connection.dialect.name), purpose)


@dataclass(frozen=True, slots=True)
class _Running:
    """A statement that is being executed."""

    step: Step | None = None
    row: int | None = None
    """Of the announced step, as `Journal.announce` numbers it."""
    began: float = 0.0
    done: Effect | None = None
    """Its effect, where it was executed before the crossing broke off, and is left out now."""
    parameters: Any = _NONE
    """Of a data statement of the script that may be left out some day."""

    def answer(self, cursor: Any) -> None:
        """Let the cursor of a statement that is left out say what the statement had done."""
        if self.done:
            with suppress(AttributeError):  # a driver that does not let these be set
                cursor.rowcount, cursor.lastrowid = self.done.rows, self.done.last_id


def _no_parameters(parameters: Any) -> Any:
    """Return no parameters, in the form that the driver wants them."""
    return {} if isinstance(parameters, dict) else ()
