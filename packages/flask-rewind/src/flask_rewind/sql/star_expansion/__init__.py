"""``SELECT *`` and an INSERT without columns, with the columns named that a script knows. Pure; start at `naming`."""

from flask_rewind.sql.star_expansion.naming import CannotName, with_columns_named

__all__ = ["CannotName", "with_columns_named"]
