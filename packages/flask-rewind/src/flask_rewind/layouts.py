"""The layouts of Flask-Rewind's own rows: a layout is the number of a storage format.

Rows of older layouts are read; rows of newer layouts are refused.
"""

from flask_rewind.errors import Refused


def refuse_newer(table: str, found: int, known: int) -> None:
    """Refuse rows that a newer version wrote.

    Args:
        table: the table that has them.
        found: the layout of the rows.
        known: the newest layout that this version reads.

    Raises:
        Refused: if `found` is newer than `known`.
    """
    if found > known:
        raise Refused(
            f"the table {table} of this database has rows of layout {found}, which a newer version of Flask-Rewind"
            f" wrote. This version reads layouts up to {known}.",
            "Install the newer Flask-Rewind, then run the same command again.",
        )
