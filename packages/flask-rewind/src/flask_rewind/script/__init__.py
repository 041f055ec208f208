"""What stands between a revision script and the database, and asks the attic before it lets a statement through.

`KeepingImpl` and `KeepingBatch` are put before Alembic's implementation and its batch, `RawStatements` before the
cursor. `ReturnedRows` protects the values that came back from the data statements of the script.
"""

from flask_rewind.script.directives import KeepingBatch, KeepingImpl
from flask_rewind.script.raw import RawStatements
from flask_rewind.script.returned_rows import Earlier, ReturnedRows

__all__ = ["Earlier", "KeepingBatch", "KeepingImpl", "RawStatements", "ReturnedRows"]
