"""The accounts that imported posts belong to."""

from collections import Counter
from pathlib import Path

from sqlalchemy.orm import Session

from qingbo.accounts.models import User
from qingbo.accounts.queries import user_named
from qingbo.imports.report import Report, Topic


class Authors:
    """Finds the account that a file names as its author."""

    def __init__(self, session: Session, author: User) -> None:
        self._session = session
        self._default, self._name = author.id, author.name
        self._ids: dict[str, int | None] = {"": author.id}
        self._strangers: Counter[str] = Counter()

    def number_of(self, name: str) -> int:
        """Return the number of the account with a name, or else that of the import's author."""
        if name not in self._ids:
            found = user_named(self._session, name) if len(name) <= 100 else None
            self._ids[name] = found.id if found else None
        number = self._ids[name]
        if number is None:
            self._strangers[name] += 1
        return self._default if number is None else number

    def report(self, report: Report, folder: Path) -> None:
        """Note the authors without an account."""
        for name, count in self._strangers.most_common():
            files = "1 file names" if count == 1 else f"{count} files name"
            text = f"{files} the author {name}, who has no account here: {self._name} is the author"
            report.note(Topic.CHECK, folder, text, hint="make an account with that name before the import to change it")
