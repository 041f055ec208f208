"""Convert results to text, and to data for JSON. Pure: nothing here prints or reads."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from flask_rewind.generation.defaults import Question
from flask_rewind.generation.renamed_view import Rename
from flask_rewind.results import (
    Aborted,
    BranchPoint,
    Current,
    DatabaseStatus,
    Ejected,
    Kept,
    LoggedMove,
    LoggedStep,
    Move,
    Plan,
    PlannedCrossing,
    PlannedStep,
    Revision,
    Template,
)
from flask_rewind.steps import StepKind

NOTHING_UNFINISHED = "No move was interrupted."
_TEXTS = {"line", "details"}
_PURPOSES = {
    StepKind.SCRIPT: "",
    StepKind.LEFT_OUT: "left out: {entry} belongs to Flask-Rewind",
    StepKind.MOVE_ROWS: "moves the rows of {place} into its new table",
    StepKind.REBUILD: "rebuilds {place}: SQLite has no statement for this change",
    StepKind.HIDE: "hides {place} as {entry}",
    StepKind.DROP_DERIVED: "drops {place}, which REWIND_DERIVED names",
    StepKind.BRING_BACK: "brings {place} back from {entry}",
    StepKind.BRING_VALUES_BACK: "copies the values of {place} back from {entry}",
    StepKind.COPY_ROWS: "copies the rows of {entry}, with the columns that fit",
    StepKind.KEEP_VALUES: "protects the values that {place} had when it returned",
    StepKind.FILL: "fills {place}, which becomes NOT NULL again",
    StepKind.MOVE_OUT: "moves {place} into the side table {entry}",
    StepKind.MOVE_IN: "moves {place} back from the side table {entry}",
    StepKind.MAKE_ROOM: "makes room in {place}",
    StepKind.MAKE_WAY: "drops the new, empty {place}: the hidden one returns instead",
    StepKind.LEAVE_SCHEMA: "moves {place} (hidden as {entry}) out of its schema, which is dropped",
    StepKind.ENTER_SCHEMA: "moves {place} (hidden as {entry}) back into its schema",
    StepKind.LEAVE_HIDDEN_OUT: "drops the copy of a hidden column from {place}",
    StepKind.FREE_TRIGGER: "drops the trigger {entry} of the hidden {place}, so that its name is free",
    StepKind.MAKE_AGAIN: "creates an index, constraint or trigger again",
    StepKind.NAME_AGAIN: "restores a name that was taken until now",
    StepKind.NAME_INDEX: "restores the name of the index of a foreign key",
    StepKind.LEAVE_INDEX: "creates another index for a foreign key",
    StepKind.PUT_DEFAULT_BACK: "restores the default of {place}, which downgrade() leaves out",
    StepKind.PUT_COMMENT_BACK: "restores the comment of {place}, which downgrade() leaves out",
    StepKind.TAKE_BACK: "undoes what the revision changed",
    StepKind.CLEAN_UP: "cleans up the markers of new rows",
    StepKind.EARLIER: "{place}",
}
LINE = 100
"""How many characters of a statement or an error are shown by default."""


def as_data(value: Any) -> Any:
    """Return a result as JSON values, without the ready-made texts (`_TEXTS`)."""
    if is_dataclass(value):
        return {field.name: as_data(getattr(value, field.name)) for field in fields(value) if field.name not in _TEXTS}
    if isinstance(value, dict):
        return {key: as_data(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [as_data(each) for each in value]
    return str(value) if isinstance(value, Path) else value


def templates(found: Sequence[Template]) -> str:
    """Return one line per template."""
    return "\n".join(["Available templates:\n", *(f"{each.name} - {each.synopsis}" for each in found)])


def listed(revisions: Sequence[Revision], verbose: bool) -> str:
    """Return revisions as Alembic lists them."""
    return "\n".join(each.details if verbose else each.line for each in revisions)


def details(revisions: Sequence[Revision]) -> str:
    """Return everything about revisions."""
    return listed(revisions, verbose=True)


def branches(points: Sequence[BranchPoint], verbose: bool) -> str:
    """Return each branch point and its children below it."""
    return "\n\n".join(
        "\n".join(
            [
                listed([point.revision], verbose),
                *(f"{' ' * len(point.revision.id)} -> {child.line}" for child in point.children),
            ]
        )
        for point in points
    )


def current(databases: Sequence[Current], verbose: bool) -> str:
    """Return where each database is."""
    lines = []
    for database in databases:
        if verbose:
            lines.append(f"Current revision(s) for {database.url}:")
        lines += [revision.details if verbose else revision.line for revision in database.revisions]
    return "\n".join(lines)


def status(databases: Sequence[DatabaseStatus]) -> str:
    """Return where each database is and what to type next."""
    return "\n\n".join(_status(database) for database in databases)


def attic(kept: Sequence[Kept]) -> str:
    """Return one line for each hidden thing."""
    if not kept:
        return "The attic is empty."
    return "\n".join(_kept(each) for each in kept)


def purged(kept: Sequence[Kept]) -> str:
    """Return one line for each thing that was deleted permanently."""
    if not kept:
        return "Nothing to purge."
    return "\n".join(f"{_of(each.bind)}Purged {each.place} ({each.kind}, {each.rows} rows)" for each in kept)


def ejected(things: Sequence[Ejected]) -> str:
    """Return what became of each hidden thing, and how to go on."""
    lines = [
        _of(each.kept.bind)
        + (
            f"Visible again: {each.kept.place} as {each.now}"
            if each.now
            else f"Purged {each.kept.place} ({each.kept.kind})"
        )
        for each in things
    ]
    return "\n".join([*lines, "Flask-Rewind's tables are dropped. Go on with Flask-Migrate or Alembic."])


def _kept(kept: Kept) -> str:
    by = f"hidden by {kept.revision} going {kept.direction}" if kept.revision else "hidden, and no move brings it back"
    size = f"{kept.rows} rows, {kept.bytes} bytes"
    return f"{_of(kept.bind)}{kept.place} ({kept.kind}, {size}), {by}, since {kept.since}, as {kept.name}"


def plan(planned: Plan) -> str:
    """Return each crossing and its steps."""
    if not planned.crossings:
        return "Nothing to do: " + _places(planned.before)
    return "\n\n".join([*map(_planned_crossing, planned.crossings), *planned.warnings])


def _planned_crossing(crossing: PlannedCrossing) -> str:
    lines = [f"{_of(crossing.bind)}{crossing.revision} {crossing.direction} ({crossing.message})"]
    for number, step in enumerate(crossing.steps, 1):
        rows = "" if step.rows is None else f", about {step.rows} rows"
        lines.append(f"  {number}. {step.statement}")
        lines += [f"     {said}"] if (said := purpose_of(step)) else []
        lines.append(f"     {step.verdict}; lock: {step.lock}; {step.algorithm}{rows}; undo: {step.undo}")
    if crossing.opaque:
        lines.append(f"  opaque: {crossing.opaque}")
    return "\n".join(lines if len(lines) > 1 else [*lines, "  nothing"])


def log(moves: Sequence[LoggedMove], verbose: bool) -> str:
    """Return each move, its crossings and their statements."""
    return "\n\n".join(_logged(move, verbose) for move in moves) or "No move was made yet."


def _logged(move: LoggedMove, verbose: bool) -> str:
    ended = "running, or interrupted" if move.outcome == "begun" else move.outcome
    if move.seconds is not None:
        ended = f"{ended}, {move.seconds:.1f} s"
    after = ", ".join(move.after or ()) or ("base" if move.after is not None else "?")
    lines = [
        f"{_of(move.bind)}{move.number}  {move.command} {move.target}: {ended}",
        f"  {move.started_at}, by {move.who}; from {', '.join(move.before) or 'base'} to {after}",
    ]
    lines += [f"  {name}: {_short(str(value), verbose)}" for name, value in move.options.items()]
    if move.error:
        lines.append(f"  {_short(move.error, verbose)}")
    for crossing in move.crossings:
        lines.append(f"  {crossing.revision} {crossing.direction} ({crossing.message}): {crossing.state}")
        for step in crossing.steps:
            lines.append(f"    {_step(step)}  {_short(step.statement, verbose)}")
            lines += [f"               {said}"] if (said := purpose_of(step)) else []
    return "\n".join(lines)


def purpose_of(step: PlannedStep | LoggedStep) -> str:
    """Return what a step is for; empty for the script's own statements."""
    purpose = step.purpose
    said = _PURPOSES[purpose.kind].format(place=purpose.place, entry=purpose.entry)
    return f"{said} (hidden: {purpose.place})" if step.purpose.kind is StepKind.LEFT_OUT and purpose.place else said


def _of(bind: str) -> str:
    return f"{bind}: " if bind else ""


def _step(step: LoggedStep) -> str:
    return f"{step.milliseconds:>6} ms" if step.state == "done" else f"{step.state:>9}"


def _short(text: str, verbose: bool) -> str:
    text = " ".join(text.split())
    return text if verbose or len(text) <= LINE else f"{text[: LINE - 1]}…"


def moved(move: Move) -> str:
    """Return what a move did."""
    lines = [f"Copied the database first: {copy}" for copy in move.copies]
    if not move.crossings and move.before == move.after:
        return "Nothing to do: " + _places(move.after)
    count = len(move.crossings)
    crossed = f"{count} revision{'' if count == 1 else 's'} crossed. " if count else ""
    return "\n".join([*lines, f"{crossed}Now {_places(move.after)}"])


def written(revision: Revision | None) -> str:
    """Return where the new script is."""
    if revision is None:
        return "No changes in schema detected."
    return f"Wrote {revision.path}"


def question(asked: Question) -> str:
    """Return the question for the value of a new NOT NULL column."""
    return (
        f"{asked.table}.{asked.column} ({asked.type}) is NOT NULL without a server_default, and {asked.table} has "
        f"{asked.rows} rows.\nWhich value should these rows get? The column itself keeps no default."
    )


def rename_question(rename: Rename) -> str:
    """Return the question whether something dropped and something added are the same, renamed."""
    return f"The models have no {rename.before} any more, and {rename.after} is new. Is it a rename?"


def possible_rename(rename: Rename) -> str:
    """Return what to type if something dropped and something added are the same, renamed."""
    old, new = rename.before, rename.after
    fact = f"{new} may be {old} with a new name. This draft drops {old} and adds {new}, which will have no values."
    return f"{fact}\nIf it is a rename, do not keep the script; run: flask db migrate --rename {old}={new}"


def _status(database: DatabaseStatus) -> str:
    lines = [f"{database.bind or 'database'}: {database.url}", f"  at: {', '.join(database.current) or 'base'}"]
    if database.unknown:
        lines.append(f"  unknown here: {', '.join(database.unknown)} (from newer code, or from another history)")
    if database.unfinished:
        crossing = database.unfinished
        lines.append(
            f"  unfinished: {crossing.revision} going {crossing.direction}, started {crossing.started_at} "
            f"({crossing.where})"
        )
    if database.below_others:
        lines.append(f"  ancestors of others in the version table: {', '.join(database.below_others)}")
    lines += [f"  pending: {each.id} {each.message}" for each in database.pending]
    lines.append(f"  {_next_step(database)}")
    return "\n".join(lines)


def _next_step(database: DatabaseStatus) -> str:
    if database.unknown:
        back = ", or go down by the journal: flask db downgrade --from-journal"
        return f"next: run the code that has this revision{back if database.journal_leads_back else ''}"
    if database.unfinished:
        return "next: finish it: flask db resume; or take it back: flask db abort (each move does one of the two first)"
    if database.below_others:
        others = " ".join(each for each in database.current if each not in database.below_others)
        below = ", ".join(database.below_others)
        return (
            f"next: if the schema is that of {others}, delete {below} from the version table by SQL; or, if"
            f" nothing hidden has to return: flask db stamp --purge {others}"
        )
    return "next: flask db upgrade" if database.pending else "nothing pending"


def aborted(found: Sequence[Aborted]) -> str:
    """Return what was taken back, and what stays."""
    if not found:
        return NOTHING_UNFINISHED
    lines = []
    for each in found:
        lines.append(f"{each.bind}: " * bool(each.bind) + f"Revision {each.revision} was taken back.")
        if each.staying:
            lines += ["Rows stay as these statements left them:", *(f"  {statement}" for statement in each.staying)]
    return "\n".join(lines)


def _places(after: dict[str, tuple[str, ...]]) -> str:
    places = [f"{f'{bind} ' if bind else ''}at {', '.join(heads) or 'base'}" for bind, heads in after.items()]
    return "; ".join(places) + "."
