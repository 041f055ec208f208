"""Write the visible columns into ``SELECT *`` and an INSERT without columns. Pure; start reading at `naming`."""

from flask_rewind.sql.star_expansion.naming import CannotName, with_columns_named

__all__ = ["CannotName", "with_columns_named"]
