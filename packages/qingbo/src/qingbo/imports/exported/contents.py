"""Reads `qingbo.json` and `comments.json` of our own export in a stream. Anybody may have written them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import ijson
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from qingbo.accounts.models import EMAIL_LENGTH, NAME_LENGTH
from qingbo.comments.models import TEXT_LENGTH, State
from qingbo.imports.bad_file import BadFile
from qingbo.imports.dates import FIRST_YEAR, LAST_YEAR
from qingbo.imports.exported.layout import FORMAT
from qingbo.imports.json_values import storable
from qingbo.media.models import ALT_LENGTH
from qingbo.posts.models import DESCRIPTION_LENGTH, SERIES_LENGTH, SLUG_LENGTH, TAG_LENGTH
from qingbo.posts.old_addresses import PATH_LENGTH

MOST_SUBSCRIBERS = 10_000
HINT = "export the blog again"


def _with_pages(moment: datetime) -> datetime:
    moment = moment.astimezone(UTC)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError("no pages are made for that year")
    return moment


Time = Annotated[AwareDatetime, AfterValidator(_with_pages)]
Slug = Annotated[str, Field(max_length=SLUG_LENGTH)]
Description = Annotated[str, Field(max_length=DESCRIPTION_LENGTH)]
Name = Annotated[str, Field(max_length=NAME_LENGTH)]
Path_ = Annotated[str, Field(max_length=PATH_LENGTH)]


class Item(BaseModel):
    """Something in a list. Keys of newer releases are ignored."""

    model_config = ConfigDict(frozen=True)


class TagItem(Item):
    """A tag."""

    name: Annotated[str, Field(max_length=TAG_LENGTH)]
    slug: Slug = ""
    description: Description = ""


class SeriesItem(Item):
    """A series."""

    title: Annotated[str, Field(max_length=SERIES_LENGTH)]
    slug: Slug = ""
    description: Description = ""
    created_at: Time | None = None


class MediaItem(Item):
    """A file."""

    path: Annotated[str, Field(max_length=1_000)]
    alt: Annotated[str, Field(max_length=ALT_LENGTH)] = ""
    uploader: Name | None = None
    uploaded_at: Time | None = None


class RedirectItem(Item):
    """An old address."""

    path: Path_
    target: Path_


class Subscriber(Item):
    """Somebody who gets mails about the replies in a thread."""

    email: Annotated[str, Field(max_length=EMAIL_LENGTH)]
    language: Annotated[str, Field(max_length=12)] = ""
    token: Annotated[str, Field(min_length=20, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    since: Time


class CommentItem(Item):
    """A comment."""

    id: Annotated[int, Field(ge=1, lt=2**63)]
    post: Slug
    reply_to: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    account: Name | None = None
    name: Annotated[str, Field(max_length=4 * NAME_LENGTH)] = ""
    email: Annotated[str, Field(max_length=EMAIL_LENGTH)] | None = None
    text: Annotated[str, Field(max_length=2 * TEXT_LENGTH)]
    created_at: Time
    edited_at: Time | None = None
    state: State
    hidden_at: Time | None = None
    subscribers: Annotated[list[Subscriber], Field(max_length=MOST_SUBSCRIBERS)] = []


Kind = TypeVar("Kind", bound=Item)


def check_contents(path: Path) -> None:
    """Read the whole file once.

    Raises:
        BadFile: if it is not whole and valid JSON, or has a newer format.
        OSError: if it cannot be read.
    """
    found = next(_values(path, "format"), None)
    if not isinstance(found, int) or found > FORMAT:
        raise BadFile(f"has the format {found!r}, and this release reads {FORMAT}", hint="upgrade this blog first")
    for _value in _values(path, "end"):
        pass


def ordered_paths(path: Path) -> dict[str, int]:
    """Return the place of each post in the order of the export, by its path."""
    return {str(each): place for place, each in enumerate(_values(path, "posts.item"))}


def items(path: Path, name: str, kind: type[Kind]) -> Iterator[tuple[int, Kind | str]]:
    """Yield the items of a list with their numbers, counted from 1, or what is wrong with an item.

    Args:
        path: of the file.
        name: of the list; empty if the file is a list.
        kind: of the items.

    Raises:
        BadFile: if the JSON is broken; earlier items have been yielded by then.
    """
    for number, value in enumerate(_values(path, f"{name}.item" if name else "item"), 1):
        try:
            yield number, kind.model_validate(value)
        except ValidationError as error:
            first = error.errors()[0]
            yield number, f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _values(path: Path, prefix: str) -> Iterator[Any]:
    with path.open("rb") as file:
        try:
            yield from map(storable, ijson.items(file, prefix, use_float=True))
        except (ijson.JSONError, UnicodeDecodeError) as error:
            reason = str(error).strip().partition("\n")[0].removesuffix(".")
            raise BadFile(f"the JSON is broken: {reason}", hint=HINT) from None
