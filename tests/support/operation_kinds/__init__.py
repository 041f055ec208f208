"""The kinds of operations that a revision can consist of, for the proofs that nothing breaks a move.

One list: the tests in ``packages/flask-rewind/tests/crash`` are generated from it, so that a new kind is covered by
existing. Each kind is the body of one revision, up and down, on the schema and the rows of `blog_schema`.
"""

import pytest

from operation_kinds.blog_schema import ROWS, SCHEMA
from operation_kinds.columns import COLUMNS
from operation_kinds.data import DATA
from operation_kinds.engine_only import MARIADB, POSTGRESQL, SQLITE
from operation_kinds.kind import Kind
from operation_kinds.tables import TABLES

KINDS: dict[str, Kind] = COLUMNS | TABLES | DATA | MARIADB | POSTGRESQL | SQLITE
EVERY_KIND = [pytest.param(kind, id=name, marks=pytest.mark.on(*kind.engines)) for name, kind in KINDS.items()]
"""For ``parametrize``; a test that takes one runs on the engines that have the kind."""

__all__ = ["EVERY_KIND", "KINDS", "ROWS", "SCHEMA", "Kind"]
