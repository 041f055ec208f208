"""Walking through directives, batch blocks included."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from alembic.operations.ops import MigrateOperation, ModifyTableOps, OpContainer

Operation = TypeVar("Operation", bound=MigrateOperation)


def containers(operations: OpContainer) -> Iterator[OpContainer]:
    """Yield `operations` and every block inside it."""
    yield operations
    for each in operations.ops:
        if isinstance(each, OpContainer):
            yield from containers(each)


def all_of(operations: OpContainer, kind: type[Operation]) -> Iterator[Operation]:
    """Yield every directive of a kind, in order, those inside blocks too."""
    for each in operations.ops:
        if isinstance(each, kind):
            yield each
        if isinstance(each, OpContainer):
            yield from all_of(each, kind)


def leave_out(operations: OpContainer, is_left_out: Callable[[MigrateOperation], bool]) -> None:
    """Take some directives out, and the blocks that are empty then."""
    for container in containers(operations):
        container.ops[:] = [each for each in container.ops if not is_left_out(each)]
    operations.ops[:] = [each for each in operations.ops if not (isinstance(each, ModifyTableOps) and not each.ops)]
