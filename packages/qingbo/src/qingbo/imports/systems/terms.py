"""Categories and tags of another blog, which are tags here: their descriptions and old addresses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qingbo.accounts.names import key_of
from qingbo.imports.report import Item, Outcome
from qingbo.imports.systems.importing import SystemImport
from qingbo.posts.models import DESCRIPTION_LENGTH, Tag
from qingbo.posts.queries import tag_named
from qingbo.posts.tagging import stored_tag
from qingbo.rendering.characters import on_one_line, without_controls


@dataclass(frozen=True, slots=True)
class OldTerm:
    """A category or a tag there."""

    name: str
    addresses: Sequence[str] = ()
    """The paths of its pages."""
    description: str = ""
    is_category: bool = False


def take_terms(run: SystemImport, terms: Iterable[OldTerm]) -> None:
    """Describe the tags that the imported posts have, and redirect the old addresses. Commits.

    A term that no post has is not imported.
    """
    session = run.target.session
    for term in terms:
        name = without_controls(term.name)
        tag = tag_named(session, name)
        if tag is None and run.report.is_dry and key_of(name) in run.tag_keys:
            tag = stored_tag(session, name)  # it was rolled back together with its posts
        outcome = Outcome.SKIPPED if tag is None else Outcome.NEW if run.target.is_new(tag) else Outcome.UNCHANGED
        if tag is not None:
            _take(run, term, tag)
        if term.is_category or tag is None:
            run.report.count(Item.CATEGORY if term.is_category else Item.TAG, outcome)
        run.target.keep()


def _take(run: SystemImport, term: OldTerm, tag: Tag) -> None:
    description = on_one_line(without_controls(term.description[: 4 * DESCRIPTION_LENGTH]))[:DESCRIPTION_LENGTH]
    if description and not tag.description:
        tag.description = description
    run.target.session.flush()
    run.old_paths.add(term.addresses, f"/tags/{tag.slug}")
