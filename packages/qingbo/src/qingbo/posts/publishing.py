"""Creating and changing posts, with everything that depends on them. Flushes; the caller commits."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session, selectinload

from qingbo.accounts.models import User
from qingbo.cards.asking import ask_for
from qingbo.clock import now
from qingbo.errors import InputRefused
from qingbo.media.uses import record_uses
from qingbo.posts.addresses import insert_at_free_slug, move_post, refuse_reserved
from qingbo.posts.contents import Content
from qingbo.posts.first_use import record_first_use
from qingbo.posts.kinds import (
    ARTICLE,
    KINDS,
    NOTE,
    PAGE,
    QUOTE,
    Parts,
    checked_parts,
    markdown_of,
    with_link_as_card,
)
from qingbo.posts.menu_targets import record_change
from qingbo.posts.models import (
    EXCERPT_LENGTH,
    PUBLIC,
    TEXT_LENGTH,
    TITLE_LENGTH,
    UNLISTED,
    VISIBILITIES,
    Post,
)
from qingbo.posts.search_index import index_post
from qingbo.posts.series import put_into_series
from qingbo.posts.states import shown_visibility, stored_visibility
from qingbo.posts.tagging import checked_tags, set_tags
from qingbo.posts.translations import link_translations, numbers_in, with_numbers
from qingbo.posts.versions import record_save, refuse_older
from qingbo.rendering.card_links import addresses_of
from qingbo.rendering.characters import on_one_line, without_controls
from qingbo.rendering.excerpts import excerpt_of, excerpt_of_post
from qingbo.rendering.languages import NAMES
from qingbo.rendering.markdown import rendered_post
from qingbo.rendering.removals import Removal


@dataclass(frozen=True, slots=True)
class Outline:
    """What rendering a text yields besides HTML."""

    excerpt: str
    links: Sequence[str] = ()
    """Addresses that are shown as cards."""
    removals: Sequence[Removal] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A person's input for a post. None keeps the current value."""

    title: str
    text: str
    tags: list[str] = field(default_factory=list)
    published_at: datetime | None = None
    """Its date; None makes it a draft."""
    slug: str = ""
    """The wanted slug; if empty, a new post gets one from its title, and an existing one keeps its own."""
    language: str = ""
    """Its language tag; if empty, the language is detected from the script."""
    outline: Outline | None = None
    """From `outline_of`, which is slow: it should be called before a transaction that writes."""
    kind: str | None = None
    parts: Parts | None = None
    summary: str | None = None
    visibility: str | None = None
    is_pinned: bool | None = None
    series: str | None = None
    """The title of its series, empty for none."""
    translations: list[str] | None = None
    """The slugs of the post's translations."""


def create_post(session: Session, author: User, draft: Draft, *, checks_role: bool = True) -> Post:
    """Create a post.

    Args:
        session: to write with.
        author: of the post.
        draft: its content.
        checks_role: whether only editors may create a page; an import brings the pages of any author.

    Raises:
        InputRefused: if a field is invalid.
    """
    draft = _checked(draft, Post(kind=ARTICLE, visibility=PUBLIC))
    if draft.kind == PAGE and checks_role:
        _refuse_page_by(_writer(session, author.id))
    record_first_use(session)
    moment = now()
    post = Post(author=author, created_at=moment, updated_at=moment)
    _fill(post, draft)
    insert_at_free_slug(session, post, draft.slug)
    if draft.series:
        put_into_series(session, post, draft.series, _writer(session, author.id))
    if draft.translations:
        link_translations(session, post, draft.translations, _writer(session, author.id))
    set_tags(session, post, draft.tags)
    record_uses(session, post.id, _shown_texts(post))
    index_post(session, post)
    record_change(session, post)
    _ask_for_cards(session, draft)
    return post


def update_post(
    session: Session, post: Post, draft: Draft, based_on: str | None = None, writer_id: int | None = None
) -> Post:
    """Change a post. If the draft wants another address, the old one redirects; otherwise the address stays.

    Args:
        session: that the post was read with; with `based_on`, its row must be locked.
        post: with its tags.
        draft: the new content.
        based_on: the version that the person saw; None replaces any version.
        writer_id: the account that changes it.

    Raises:
        InputRefused: if a field is invalid.
        ChangedMeanwhile: if the post has another version, and not the draft's content already.
    """
    if "tags" in inspect(post).unloaded:
        session.refresh(post, ["tags"])
    draft = _checked(draft, post)
    refuse_older(post, based_on, _wanted(draft).digest)
    if draft.kind == PAGE and post.kind != PAGE and writer_id is not None:
        _refuse_page_by(_writer(session, writer_id))
    record_first_use(session)
    record_save(session, post, None)
    was_page, old_slug = post.kind == PAGE, post.slug
    _fill(post, draft)
    post.updated_at = now()
    if draft.slug and draft.slug != post.slug:
        move_post(session, post, draft.slug)
    refuse_reserved(post)
    if draft.series is not None:
        put_into_series(session, post, draft.series, _writer(session, writer_id))
    if draft.translations is not None:
        link_translations(session, post, draft.translations, _writer(session, writer_id))
    set_tags(session, post, draft.tags)
    session.refresh(post, ["tags"])
    record_uses(session, post.id, _shown_texts(post))
    record_save(session, post, writer_id)
    index_post(session, post)
    record_change(session, post, was_page=was_page, old_slug=old_slug)
    _ask_for_cards(session, draft)
    return post


def outline_of(draft: Draft) -> Outline:
    """Render a draft and return its outline. That is slow, so no transaction that writes should be open.

    Raises:
        InputRefused: if the text is too long.
    """
    rendered = rendered_post(whole_markdown(draft))
    links = addresses_of(with_link_as_card(draft.kind or ARTICLE, rendered.html))
    return Outline(excerpt_of_post(rendered), links, rendered.removals)


def summary_of(text: str) -> str:
    """Return an excerpt, written as Markdown, as plain text of limited length.

    Raises:
        InputRefused: if the text is too long.
    """
    return excerpt_of(rendered_post(kept_text(text)).html, EXCERPT_LENGTH)


def whole_markdown(draft: Draft) -> str:
    """Return the whole draft as Markdown.

    Raises:
        InputRefused: if the text is too long.
    """
    return markdown_of(draft.kind or ARTICLE, kept_text(draft.text), draft.parts or Parts())


def kept_text(text: str) -> str:
    """Return a text as it is stored.

    Raises:
        InputRefused: if it is too long.
    """
    # Cleaning takes time, so much longer texts are not cleaned. Twice, because line ends may be two characters each.
    kept = without_controls(text).strip("\n") if len(text) <= 2 * TEXT_LENGTH else text
    if len(kept) > TEXT_LENGTH:
        raise InputRefused(
            _("The text can have up to %(most)s characters (yours has %(count)s).", count=len(kept), most=TEXT_LENGTH)
        )
    return kept


def _checked(draft: Draft, post: Post) -> Draft:
    """Return a validated and cleaned draft; values that it leaves out come from the post."""
    kind = post.kind if draft.kind is None else draft.kind
    shown = shown_visibility(post.kind, post.visibility)
    visibility = shown if draft.visibility is None else draft.visibility
    if kind not in KINDS or visibility not in VISIBILITIES:
        raise InputRefused(_("This post type or visibility doesn’t exist."))
    if kind == PAGE and visibility == UNLISTED:
        raise InputRefused(_("Pages can be public, or visible only to the author and editors."))
    parts = checked_parts(kind, Parts.read(post.parts) if draft.parts is None else draft.parts)
    summary = on_one_line((post.summary or "") if draft.summary is None else draft.summary[: 4 * EXCERPT_LENGTH])
    if len(summary) > EXCERPT_LENGTH:
        raise InputRefused(
            _(
                "Excerpts can have up to %(most)s characters (yours has %(count)s).",
                count=len(summary),
                most=EXCERPT_LENGTH,
            )
        )
    text = kept_text(draft.text)
    if not text.strip() and kind in {ARTICLE, NOTE, QUOTE, PAGE}:
        raise InputRefused(_("The text can’t be empty."))
    checked = replace(
        draft,
        title=_checked_title(draft.title),
        text=text,
        tags=checked_tags(draft.tags),
        language=draft.language if draft.language in NAMES else "",
        kind=kind,
        parts=parts,
        summary=summary,
        visibility=stored_visibility(kind, visibility),
    )
    return checked if checked.outline is not None else replace(checked, outline=outline_of(checked))


def _writer(session: Session, number: int | None) -> User | None:
    """Return an account with its roles; None if a program writes."""
    return session.scalar(select(User).where(User.id == number).options(selectinload(User.roles))) if number else None


def _refuse_page_by(writer: User | None) -> None:
    """Raise `InputRefused` if an account may not create pages."""
    if writer is None or not writer.is_editor:
        raise InputRefused(_("Only editors and administrators can create pages. Choose another type."))


def _ask_for_cards(session: Session, draft: Draft) -> None:
    ask_for(session, draft.outline.links if draft.outline else ())


def _checked_title(given: str) -> str:
    title = on_one_line(given) if len(given) <= 4 * TITLE_LENGTH else given
    if len(title) > TITLE_LENGTH:
        raise InputRefused(
            _("Titles can have up to %(most)s characters (yours has %(count)s).", count=len(title), most=TITLE_LENGTH)
        )
    return title


def content_of(draft: Draft, post: Post) -> Content:
    """Return the content that a draft would give a post.

    Raises:
        InputRefused: if a field is invalid.
    """
    return _wanted(_checked(draft, post))


def _wanted(draft: Draft) -> Content:
    return Content(
        draft.kind or ARTICLE,
        draft.title,
        draft.text,
        draft.parts or Parts(),
        tuple(draft.tags),
        draft.language,
        draft.summary or "",
        draft.visibility or PUBLIC,
        draft.published_at,
    )


def _shown_texts(post: Post) -> tuple[str, str]:
    """Return the texts through which a post shows files: its Markdown, and the address of its cover."""
    return post.markdown, Parts.read(post.parts).cover


def _fill(post: Post, draft: Draft) -> None:
    """Set the fields of a post from a checked draft, except slug and tags."""
    wanted = _wanted(draft)
    post.kind, post.title, post.text = wanted.kind, wanted.title, wanted.text
    post.parts = with_numbers(str(wanted.parts), numbers_in(post.parts))
    made = draft.outline.excerpt if draft.outline else ""
    post.summary, post.excerpt = wanted.summary or None, wanted.summary or made
    post.language, post.visibility = wanted.language or None, wanted.visibility
    post.first_published_at = post.first_published_at or post.date or wanted.date
    post.set_date(wanted.date)
    if draft.is_pinned is not None:
        post.pinned_at = (post.pinned_at or now()) if draft.is_pinned else None
