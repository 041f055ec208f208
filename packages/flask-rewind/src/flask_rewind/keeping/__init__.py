"""What stands between a revision script and the database: a drop hides, an add brings back.

Scripts are nobody's to change. `KeepingImpl` and `KeepingBatch` stand before Alembic's implementation and its batch,
`RawStatements` before the cursor; all three ask the `Keeper` of the crossing. `ReturnedRows` lets the script write over
nothing that came back.
"""

from flask_rewind.keeping.directives import KeepingBatch, KeepingImpl
from flask_rewind.keeping.keeper import Keeper
from flask_rewind.keeping.raw import RawStatements
from flask_rewind.keeping.rows import Earlier, ReturnedRows

__all__ = ["Earlier", "Keeper", "KeepingBatch", "KeepingImpl", "RawStatements", "ReturnedRows"]
