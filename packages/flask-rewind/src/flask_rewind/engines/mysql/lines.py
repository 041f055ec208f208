"""Read the lines of ``SHOW CREATE TABLE`` on MariaDB and MySQL that define keys. Pure."""

import re

from flask_rewind.details import Named

_SERVING = re.compile(r"(?:UNIQUE |PRIMARY )?KEY ")
_INDEX = re.compile(r"(?:UNIQUE |FULLTEXT |SPATIAL )?KEY ")
_PLAIN = re.compile(r"KEY `(?:[^`]|``)*` \((?:`(?:[^`]|``)*`,?)+\)")


def listed(line: str) -> str:
    """Return the quoted columns in the first parentheses of a line, without lengths, joined with commas."""
    return ",".join(re.findall(r"`(?:[^`]|``)*`", line.split("(", 1)[1].split(") ")[0]))


def begins(index: str, key: str) -> bool:
    """Return whether the columns of an index, as `listed` gives them, begin with those of a key."""
    return f"{index},".startswith(f"{key},")


def is_key(line: str) -> bool:
    """Return whether a line is a foreign key."""
    return line.startswith("CONSTRAINT ") and " FOREIGN KEY (" in line


def columns_of_key(line: str) -> str:
    """Return the columns of a foreign key, as `listed` gives them."""
    return listed(line.split(" FOREIGN KEY ", 1)[1])


def named(line: str) -> Named:
    """Return the name in a line, and the line."""
    name = re.findall(r"`((?:[^`]|``)*)`", line)[0]
    return Named(name.replace("``", "`"), line)


def index_name(line: str) -> str:
    """Return the name of the index that a line defines; empty for the primary key and for other lines."""
    return named(line)[0] if _INDEX.match(line) else ""


def is_plain_index(line: str) -> bool:
    """Return whether a line is a plain index of whole columns, like those that the server makes for foreign keys."""
    return _PLAIN.fullmatch(line) is not None


def can_serve(line: str, key: str) -> bool:
    """Return whether a line is an index that a foreign key with these columns can use."""
    if not _SERVING.match(line):
        return False
    columns, wanted = listed(line).split(","), key.split(",")
    # InnoDB accepts an index whose first columns are the key's columns, in any order.
    return sorted(columns[: len(wanted)]) == sorted(wanted)
