"""What a crossing has done so far; its parts write it, and the script's rows and the journal's undo read it."""

from dataclasses import dataclass, field, replace

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import TableDetails


@dataclass
class Outcome:
    """What one crossing has hidden, brought back, made and renamed."""

    tables_hidden: set[Place] = field(default_factory=set)
    partitions_gone: set[str] = field(default_factory=set)
    """Names of the partitions that were hidden with their tables."""
    returned: dict[Place, Entry] = field(default_factory=dict)
    """The entry of each column and table that returned."""
    columns_back: dict[Place, str] = field(default_factory=dict)
    """The columns that have their values again, with their names in the attic; also those that were made anew."""
    tables_back: set[Place] = field(default_factory=set)
    """The tables that returned, under their present names."""
    own: set[Place] = field(default_factory=set)
    """What returned and was made by this crossing, before it broke off: its script is not through with that."""
    partitions_back: set[Place] = field(default_factory=set)
    """The partitions that returned with their tables."""
    made: set[Place] = field(default_factory=set)
    """Tables and columns that the script itself created, under the names it gave."""
    filled: set[Place] = field(default_factory=set)
    """Columns that did not return, and whose rows got the value of ``--fill``."""
    renamed: list[tuple[Place, Place]] = field(default_factory=list)
    """The former and the new place of each renamed table, in order."""
    warnings: list[str] = field(default_factory=list)

    def note_hidden_table(self, entry: Entry) -> None:
        """Add a table that was hidden."""
        self.tables_hidden.add(entry.place)
        self.partitions_gone |= {*entry.details_as(TableDetails).partitions}

    def note_return(self, entry: Entry) -> None:
        """Add a column or table that is about to return."""
        self.returned[entry.place] = entry
        if entry.place.column:
            self.columns_back[entry.place] = entry.name
        if entry.is_own:
            self.own.add(entry.place)

    def note_table_back(self, entry: Entry) -> None:
        """Add a table that has returned, and its partitions."""
        partitions = {replace(entry.place, table=name) for name in entry.details_as(TableDetails).partitions}
        self.partitions_back |= partitions
        self.tables_back |= {entry.place, *partitions}

    def note_renames(self, former: dict[Place, Place]) -> None:
        """Add renames: the former place of each table by its new one."""
        followed = {new for new, old in former.items() if old in self.tables_back}
        self.tables_back = (self.tables_back - {*former.values()}) | followed
        self.renamed += [(old, new) for new, old in former.items()]

    def former_names(self, table: Place) -> list[Place]:
        """Return the places from which tables were renamed to this one."""
        return [old for old, new in self.renamed if new == table]
