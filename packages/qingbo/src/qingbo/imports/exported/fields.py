"""Reads the mapping `qingbo` in the front matter of our own export. Anybody may have written or damaged it.

Whatever is withheld stays withheld: a mapping without a readable state, or one that says less than the keys that other
programs read, makes the post a draft.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from qingbo.imports.dates import parse_date
from qingbo.imports.doubts import Doubt
from qingbo.imports.front_matter import FrontMatter
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.imports.metadata import OWN
from qingbo.posts.bodies import read_body
from qingbo.posts.kinds import (
    ADDRESS_LENGTH,
    ALT_LENGTH,
    ARTICLE,
    KINDS,
    PAGE,
    PICTURES_LENGTH,
    SOURCE_LENGTH,
    Parts,
    is_picture_address,
)
from qingbo.posts.models import PRIVATE, PUBLIC, SLUG_LENGTH, UNLISTED, VISIBILITIES
from qingbo.posts.states import State
from qingbo.posts.translations import MOST as MOST_TRANSLATIONS
from qingbo.rendering.characters import on_one_line

MOST_PARTS = 100_000
"""The highest place in a series."""
KEPT_BACK = {"draft: true", "published: false"}
"""Why other programs withhold every post that is not public."""
_SAFE = {"state", "visibility"}
"""Keys without which a post is withheld."""


def _time(value: Any) -> datetime:
    moment = parse_date(value, None)
    if moment is None:
        raise ValueError("no date")
    return moment


def _one_of(words: Any) -> Any:
    def checked(value: str) -> str:
        if value not in words:
            raise ValueError("unknown")
        return value

    return AfterValidator(checked)


def _storable(value: str) -> str:
    if "\0" in value or (not value.isascii() and value != value.encode(errors="ignore").decode()):
        raise ValueError("a NUL character, or half of one")  # no database stores these
    return value


Text = Annotated[str, AfterValidator(_storable)]
Time = Annotated[datetime, BeforeValidator(_time)]


class Mapping(BaseModel):
    """The mapping as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[str, _one_of(KINDS)] | None = None
    state: Annotated[State, Field()] | None = None
    visibility: Annotated[str, _one_of(VISIBILITIES)] = PUBLIC
    created: Time | None = None
    first_published: Time | None = None
    pinned: Time | None = None
    binned: Time | None = None
    undated: bool = False
    part: Annotated[int, Field(ge=1, le=MOST_PARTS)] | None = None
    source: Annotated[Text, Field(max_length=SOURCE_LENGTH)] = ""
    link: Annotated[Text, Field(max_length=ADDRESS_LENGTH)] = ""
    pictures: Annotated[Text, Field(max_length=PICTURES_LENGTH)] = ""
    cover_alt: Annotated[Text, Field(max_length=ALT_LENGTH)] = ""
    translations: Annotated[
        list[Annotated[str, Field(max_length=SLUG_LENGTH)]], Field(max_length=MOST_TRANSLATIONS)
    ] = []


@dataclass(frozen=True, slots=True)
class Fields:
    """What the file of a post says besides the keys that other programs read."""

    mapping: Mapping
    summary: str = ""
    """Plain text."""
    doubts: tuple[Doubt, ...] = ()
    withheld: tuple[str, ...] = ()
    """Why the post is not public; one that is only unlisted or private is not withheld by this."""

    @property
    def visibility(self) -> str:
        """Who may read it: the narrower of its visibility and its state."""
        said = {self.mapping.visibility, str(self.mapping.state)}
        return next((each for each in (PRIVATE, UNLISTED) if each in said), PUBLIC)

    @property
    def is_binned(self) -> bool:
        """Whether it is in the bin."""
        return self.mapping.state == State.BINNED and self.mapping.binned is not None

    def content_of(self, kind: str, body: str, cover: str) -> tuple[str, str, Parts] | None:
        """Return kind, text and parts; None if the body no longer fits the kind."""
        said = self.mapping
        is_shown = is_picture_address(cover)
        parts = Parts(said.source, said.link, said.pictures, cover if is_shown else "", said.cover_alt)
        found = read_body(kind, body, parts)
        return (kind, *found) if found else None


def read_fields(front: FrontMatter, file: MarkdownFile, *, is_whole: bool) -> tuple[MarkdownFile, Fields]:
    """Return a file with what only our own export says, and its fields.

    Args:
        front: with the mapping.
        file: as other programs read it.
        is_whole: whether the file is in a whole export, in which headings and dates are what they seem.
    """
    mapping, doubts = _mapping(front)
    values = front.metadata.values
    summary = values.get("excerpt")
    fields = Fields(mapping, summary if isinstance(summary, str) else "", tuple(doubts))
    fields = replace(fields, withheld=tuple(_withheld(fields, file)))
    title, author = values.get("title"), values.get("author")
    return (
        replace(
            file,
            title=on_one_line(title) if isinstance(title, str) else "",
            author=on_one_line(author) if isinstance(author, str) else file.author,
            series=_series(values.get("series")) or file.series,
            layout="page" if mapping.kind == PAGE else "" if mapping.kind else file.layout,
            withheld=fields.withheld,
            doubts=fields.doubts if is_whole else (*file.doubts, *fields.doubts),
        ),
        fields,
    )


def kind_of(fields: Fields | None, *, is_page: bool) -> str:
    """Return the kind of a post that the mapping names, or else an article or a page."""
    said = fields.mapping.kind if fields else None
    return said or (PAGE if is_page else ARTICLE)


def _mapping(front: FrontMatter) -> tuple[Mapping, list[Doubt]]:
    """Return the mapping without the values that are not understood, and doubts about these."""
    value = front.metadata.values.get(OWN)
    if not isinstance(value, dict):
        return Mapping(), [Doubt(f"{OWN} is not a mapping, so it was ignored", front.line_of(OWN))]
    doubts, left = [], dict(value)
    try:
        return Mapping.model_validate(left), []
    except ValidationError as error:
        bad = {str(each["loc"][0]): each["type"] for each in error.errors()}
    for key, kind in bad.items():
        shown, line = on_one_line(key)[:40], front.line_of(f"{OWN}.{key}")
        unknown = kind == "extra_forbidden"
        text = f"{OWN}.{shown} is not known" if unknown else f"{OWN}.{shown}: {_shown(left.get(key))} is not valid"
        doubts.append(Doubt(f"{text}, so it was ignored", line))
        left.pop(key, None)
    if _SAFE & bad.keys():
        left.pop("state", None)
    return Mapping.model_validate(left), doubts


def _withheld(fields: Fields, file: MarkdownFile) -> list[str]:
    said = fields.mapping
    others = [each for each in file.withheld if each not in KEPT_BACK]
    if said.state is None:
        return [*file.withheld, f"its state under {OWN} cannot be read"]
    if said.state == State.DRAFT:
        return [*others, "it was a draft"]
    if said.state == State.BINNED:
        return [*others, "it was in the bin"]
    if file.date is None and said.kind != PAGE:
        return [*file.withheld, f"{OWN} says that it is {said.state}, but it has no date"]
    return others if fields.visibility != PUBLIC else list(file.withheld)


def _series(value: Any) -> str:
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, str) else ""


def _shown(value: Any) -> str:
    text = on_one_line(str(value)[:200])
    return text if len(text) <= 40 else f"{text[:40]}…"
