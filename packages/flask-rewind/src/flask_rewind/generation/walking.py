"""Walk through directives, including those in batch blocks."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from alembic.operations.ops import MigrateOperation, ModifyTableOps, OpContainer

Operation = TypeVar("Operation", bound=MigrateOperation)


def containers(operations: OpContainer) -> Iterator[OpContainer]:
    """Yield `operations` and every block inside them."""
    yield operations
    for each in operations.ops:
        if isinstance(each, OpContainer):
            yield from containers(each)


def all_of(operations: OpContainer, kind: type[Operation]) -> Iterator[Operation]:
    """Yield every directive of a kind in order, including those inside blocks."""
    for each in operations.ops:
        if isinstance(each, kind):
            yield each
        if isinstance(each, OpContainer):
            yield from all_of(each, kind)


def leave_out(operations: OpContainer, is_left_out: Callable[[MigrateOperation], bool]) -> None:
    """Remove some directives, and the blocks that become empty."""
    for container in containers(operations):
        container.ops[:] = [each for each in container.ops if not is_left_out(each)]
    operations.ops[:] = [each for each in operations.ops if not (isinstance(each, ModifyTableOps) and not each.ops)]
