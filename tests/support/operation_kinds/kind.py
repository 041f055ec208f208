"""What a kind of operation is, and the short forms in which its scripts are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from database_servers import ENGINES
from histories import executed

__all__ = ["Kind", "adding", "batched", "executed", "with_parameters"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of operation: a revision on the schema of `blog_schema`, whose way down brings that schema back."""

    up: Sequence[str]
    down: Sequence[str]
    engines: Sequence[str] = ENGINES
    new_rows: Sequence[str] = ("INSERT INTO author (id) VALUES (3)",)
    """What the app writes between the way up and the way down."""

    def scripts(self) -> tuple[str, str]:
        """Return the bodies of ``upgrade()`` and ``downgrade()``."""
        return "\n".join(self.up), "\n".join(self.down)


def adding(table: str, column: str) -> str:
    """Return a directive that adds a column, such as ``"note", sa.String(20)``."""
    return f'op.add_column("{table}", sa.Column({column}))'


def batched(table: str, *lines: str, options: str = "") -> str:
    """Return a batch block, which every engine takes where SQLite has no statement for a directive."""
    opened = f'with op.batch_alter_table("{table}"{options}) as block:'
    return "\n".join([opened, *(f"    block.{each}" for each in lines)])


def with_parameters(statement: str, *parameters: Mapping[str, Any]) -> str:
    """Return a line that executes a statement on the bind of the script; with several parameters as one list."""
    given = dict(parameters[0]) if len(parameters) == 1 else [dict(each) for each in parameters]
    return f"op.get_bind().execute(sa.text({statement!r}), {given!r})"
