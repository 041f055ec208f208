"""The journal: what moved a database, crossing by crossing and statement by statement, in the database itself.

`Journal` writes it, on the connection of the move. On SQLite and PostgreSQL the rows of a crossing belong to its
transaction and are rolled back with it. On MariaDB and MySQL, which commit at every DDL statement, the row that
announces a statement is written before it, and that commit makes it permanent: after a crash the last announced
statement either happened or did not, and the catalog says which. The row of a crossing is finished in the transaction
that writes the version table, never in another one.

`PastCrossings` reads what a crossing needs to know of earlier ones; `JournalLog` reads what people see.
"""

from flask_rewind.journal.past import PastCrossings
from flask_rewind.journal.reading import JournalLog
from flask_rewind.journal.tables import LAYOUT, TABLES, JournalTables, crossings
from flask_rewind.journal.values import BegunCrossing, Request, Script, who
from flask_rewind.journal.writing import Journal

__all__ = [
    "LAYOUT",
    "TABLES",
    "BegunCrossing",
    "Journal",
    "JournalLog",
    "JournalTables",
    "PastCrossings",
    "Request",
    "Script",
    "crossings",
    "who",
]
