"""Tables of MariaDB and MySQL: their foreign keys are dropped, then they are renamed."""

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import MySQLTableDetails
from flask_rewind.engines.access import DatabaseAccess
from flask_rewind.engines.constraints import Restore
from flask_rewind.engines.mysql.constraints import MySQLConstraints, restores_of_constraints
from flask_rewind.engines.mysql.key_indexes import MySQLKeyIndexes, remember_keys_to
from flask_rewind.engines.mysql.lines import is_key, named
from flask_rewind.engines.mysql.shown import definition_lines, shown
from flask_rewind.engines.tables import Tables


class MySQLTables(Tables):
    """Hides tables of a MariaDB or MySQL database and brings them back."""

    _constraints: MySQLConstraints

    def __init__(self, access: DatabaseAccess, constraints: MySQLConstraints, key_indexes: MySQLKeyIndexes) -> None:
        super().__init__(access, constraints)
        self._key_indexes = key_indexes

    def look_at(self, place: Place) -> MySQLTableDetails:
        keys = tuple(named(line) for line in definition_lines(self, place) if is_key(line))
        return MySQLTableDetails(constraints=keys, incoming=self._constraints.referring_keys(place))

    def hide(self, entry: Entry) -> None:
        table = self.table_of(entry.place)
        self._constraints.drop_keys_to(entry)
        keys = entry.details_as(MySQLTableDetails).constraints
        drops = [f"DROP FOREIGN KEY {self.quote(name)}" for name, _ in keys]
        if drops:
            self.run_literally(f"ALTER TABLE {table} {', '.join(drops)}")
        self.run_literally(f"RENAME TABLE {table} TO {self.name_of(entry.place.schema, entry.name)}")

    def bring_back(self, entry: Entry) -> list[Restore]:
        table, keys = self.table_of(entry.place), entry.details_as(MySQLTableDetails).constraints
        self.run_literally(f"RENAME TABLE {self.name_of(entry.place.schema, entry.name)} TO {table}")
        self._key_indexes.remember(entry.place)
        remember_keys_to(self._key_indexes, entry)
        return [
            *restores_of_constraints(entry.place, keys, table),
            *self._constraints.keys_to(entry),
            *self._constraints.triggers_of(entry),
        ]

    def is_temporary(self, place: Place) -> bool:
        return shown(self, place).startswith("CREATE TEMPORARY")
