"""What other systems contain, as values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from qingbo.accounts.roles import AUTHOR
from qingbo.comments.models import State
from qingbo.imports.dates import FIRST_YEAR, LAST_YEAR
from qingbo.posts.kinds import ARTICLE, PAGE, Parts
from qingbo.posts.models import PUBLIC

EMBEDDED = "https://embedded.invalid/"
"""The folder of the addresses that stand for pictures inside texts."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person with an account there."""

    key: str
    """Identifies it in its system: the name to sign in with, or a number."""
    name: str
    """The name to sign in with."""
    display_name: str = ""
    email: str = ""
    bio: str = ""
    links: Sequence[str] = ()
    role: str = AUTHOR
    address: str = ""
    """The path of its page."""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment."""

    key: str
    parent: str
    """The key of the comment it replies to, or empty."""
    text: str
    """Markdown."""
    created_at: datetime
    state: State = State.SHOWN
    author: str = ""
    """The key of a person, or empty for a guest."""
    name: str = ""
    email: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """The content of an entry as it is stored here."""

    text: str
    """Markdown. The addresses of files in it are still the old ones."""
    kind: str = ARTICLE
    parts: Parts = field(default_factory=Parts)
    doubts: Sequence[str] = ()
    """What to check, because it was lost or may look different."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A post or a page."""

    key: str
    title: str
    digest: str
    """SHA-256 of everything that an import takes from it."""
    body: Callable[[], Body]
    """Converts its content, which is slow."""
    author: str = ""
    """The key of a person."""
    is_page: bool = False
    slug: str = ""
    tags: Sequence[str] = ()
    summary: str = ""
    created_at: datetime | None = None
    date: datetime | None = None
    """When it became or becomes public; None for a draft."""
    updated_at: datetime | None = None
    visibility: str = PUBLIC
    is_pinned: bool = False
    withheld: Sequence[str] = ()
    """Why it becomes a draft."""
    addresses: Sequence[str] = ()
    """Its old paths, with a query where that is part of them."""
    remarks: Sequence[Remark] = ()
    embedded: Mapping[str, str] = field(default_factory=dict)
    """The pictures inside its text, by the addresses that stand for them in it."""
    line: int | None = None

    @property
    def kind(self) -> str:
        """The kind of a page; other kinds follow from the content."""
        return PAGE if self.is_page else ARTICLE


def usable(moment: datetime | None) -> datetime | None:
    """Return a time, or None if this blog has no pages for its year."""
    return moment if moment is not None and FIRST_YEAR <= moment.year <= LAST_YEAR else None


@dataclass(frozen=True, slots=True)
class File:
    """A picture or file in the media library there."""

    address: str
    """Its whole web address."""
    name: str = ""
    description: str = ""
    page: str = ""
    """The path of a page about it."""
    line: int | None = None
