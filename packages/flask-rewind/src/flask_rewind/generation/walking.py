"""Walking through directives, batch blocks included."""

from collections.abc import Iterator
from typing import TypeVar

from alembic.operations.ops import MigrateOperation, OpContainer

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
