"""The accounts that people of another blog get: an existing one, a new one without a password, or one for all."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from qingbo.accounts.forms import email_key
from qingbo.accounts.models import BIO_LENGTH, EMAIL_LENGTH, LINK_LENGTH, MOST_LINKS, NAME_LENGTH, User
from qingbo.accounts.names import clean, is_account_name, key_of
from qingbo.accounts.queries import is_name_of_another, user_named, user_with_email
from qingbo.accounts.registration import add_imported_user
from qingbo.accounts.roles import READER
from qingbo.imports.report import Item, Outcome, Topic
from qingbo.imports.systems.items import Person
from qingbo.imports.systems.old_paths import OldPaths
from qingbo.imports.systems.origins import Origins, digest_of
from qingbo.imports.target import Target
from qingbo.rendering.characters import on_one_line, without_controls

_NOT_IN_NAMES = re.compile(r"[^\w.-]+|_+(?=\W|$)|(?<=\W)_+")


@dataclass(slots=True)
class Accounts:
    """Finds or makes the account of each person of another blog."""

    target: Target
    origins: Origins
    old_paths: OldPaths
    source: str
    """The file or database, for remarks."""
    chosen: Mapping[str, User]
    """Accounts that the caller chose for some people, by their key, name or e-mail address there."""
    everyone: User | None = None
    """The account for all posts, instead of one for each person."""
    people: dict[str, Person] = field(default_factory=dict)
    _passwords: dict[str, Callable[[], str | None]] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _reported: set[str] = field(default_factory=set)

    def take(self, person: Person, password: Callable[[], str | None] = lambda: None) -> None:
        """Make the account of a person, unless there is one, and report it.

        Args:
            person: with a key that nobody else has.
            password: returns the hash of the password for a new account, if this blog may be able to verify it.
        """
        person = replace(person, name=without_controls(person.name), email=without_controls(person.email))
        self.people[person.key] = person
        self._passwords[person.key] = password
        if self.everyone is None and (user := self.account_of(person.key)) is not None:
            self.old_paths.add([person.address] if person.address else [], f"/users/{quote(user.name_key)}")
            self.target.keep()

    def account_of(self, key: str) -> User | None:
        """Return the account of a person, made if need be; None if nobody has this key. Flushes."""
        if self.everyone is not None:
            return self._loaded(self.everyone.id)
        person = self.people.get(key)
        if person is None:
            return None
        number = self._numbers.get(key)
        user = self._loaded(number) if number is not None else None
        if user is None:
            user = self._found_or_made(person)
            if not self.target.report.is_dry:  # there, the account is gone after this item
                self._numbers[key] = user.id
        return user

    def _loaded(self, number: int) -> User | None:
        wanted = select(User).where(User.id == number).options(selectinload(User.roles))
        return self.target.session.scalar(wanted)

    def _found_or_made(self, person: Person) -> User:
        known = self.origins.known("user", [person.key]).get(person.key)
        if known is not None and (user := self._loaded(known.number)) is not None:
            self._report(person, Outcome.UNCHANGED)
            return user
        if (user := self._existing(person)) is not None:
            self._report(person, Outcome.UNCHANGED, f"{person.name} is the account {user.name}, which exists already")
        else:
            user = self._made(person)
            self._report(person, Outcome.NEW)
        if known is None:
            self.origins.add("user", person.key, user.id, digest=digest_of(person.name))
        else:
            self.origins.change(known, state="", digest=digest_of(person.name))
        self.target.session.flush()
        return user

    def _existing(self, person: Person) -> User | None:
        for word in (person.key, person.name, person.email):
            if word and (user := self.chosen.get(word)) is not None:
                return self._loaded(user.id)
        session, email = self.target.session, email_key(person.email) if person.email else None
        by_email = user_with_email(session, email) if email else None
        if by_email is not None and by_email.confirmed_at is not None:
            return by_email
        by_name = user_named(session, person.name)
        # A reader could register the name of an author first, to get the author's posts.
        return by_name if by_name is not None and (by_name.is_author or person.role == READER) else None

    def _made(self, person: Person) -> User:
        session, name = self.target.session, self._free_name(person)
        email = email_key(person.email) if person.email and len(person.email) <= EMAIL_LENGTH else None
        if email and user_with_email(session, email) is not None:
            email = None
        is_first = person.key not in self._reported  # in a dry run, the account is made again for each of its posts
        password = self._passwords[person.key]() if is_first else None
        user = add_imported_user(session, name, role=person.role, email=email, password=password)
        shown = clean(on_one_line(without_controls(person.display_name)))[:NAME_LENGTH].strip()
        if shown and shown != name and not is_name_of_another(session, shown, but=user):
            user.display_name = shown
        user.bio = without_controls(person.bio).strip()[:BIO_LENGTH] or None
        links = [link for link in person.links if link.startswith(("http://", "https://")) and len(link) <= LINK_LENGTH]
        user.links = "\n".join(links[:MOST_LINKS]) or None
        session.flush()
        return user

    def _free_name(self, person: Person) -> str:
        wish = _account_name(person.name) or _account_name(person.display_name) or f"user-{_account_name(person.key)}"
        name, number = wish, 1
        while is_name_of_another(self.target.session, name):
            number += 1
            name = f"{wish[: NAME_LENGTH - 6]}-{number}"
        if key_of(name) != key_of(person.name) and person.key not in self._reported:
            self._note(person, f"“{person.name}” cannot be the name of an account here; it became {name}")
        return name

    def _report(self, person: Person, outcome: Outcome, text: str = "") -> None:
        if person.key not in self._reported:
            self._reported.add(person.key)
            self.target.report.count(Item.USER, outcome)
            if text:
                self._note(person, text)

    def _note(self, person: Person, text: str) -> None:
        self.target.report.note(Topic.CHECK, f"{self.source}, user {person.name}", text, person.line)


def _account_name(name: str) -> str:
    """Return the nearest valid name of an account, or an empty string."""
    found = _NOT_IN_NAMES.sub("-", clean(without_controls(name)))[:NAME_LENGTH].strip("-._")
    return found if is_account_name(found) and len(key_of(found)) <= NAME_LENGTH else ""
