"""The form of a post, and reading its values."""

from dataclasses import replace
from datetime import UTC, datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Form, HiddenField, RadioField, SelectField, StringField, TextAreaField

from qingbo.choices import choices
from qingbo.clock import now
from qingbo.errors import InputRefused
from qingbo.extensions import session
from qingbo.posts.contents import Content
from qingbo.posts.kinds import ARTICLE, KINDS, LINK, NOTE, PAGE, PHOTOS, QUOTE, Parts
from qingbo.posts.models import PRIVATE, PUBLIC, UNLISTED, VISIBILITIES, Post
from qingbo.posts.publishing import Draft, Outline
from qingbo.posts.states import shown_visibility, stored_visibility
from qingbo.posts.tagging import split_tags
from qingbo.posts.translations import addresses_of_translations, split_addresses
from qingbo.rendering.languages import NAMES
from qingbo.site_settings import current_zone

PARTS = ("source", "link", "pictures", "cover", "cover_alt")

MINUTE = "%Y-%m-%dT%H:%M"
"""The format of browsers' `datetime-local` fields."""

KIND_NAMES = {
    ARTICLE: _("Article"),
    NOTE: _("Note"),
    PHOTOS: _("Photos"),
    QUOTE: _("Quote"),
    LINK: _("Link"),
    PAGE: _("Page"),
}
VISIBILITY_NAMES = {
    PUBLIC: _("Public"),
    UNLISTED: _("Anyone with the link"),
    PRIVATE: _("Only the author and editors"),
}


class PostForm(Form):
    """All fields of a post. `publishing` validates them, for people and importers alike."""

    kind = RadioField(_("Type"), choices=choices(KIND_NAMES), default=ARTICLE)
    title = StringField(_("Title"))
    text = TextAreaField(_("Text"))
    source = StringField(_("Source"))
    link = StringField(_("Link URL"))
    pictures = TextAreaField(_("Image URLs"))
    cover = StringField(_("Cover image"))
    cover_alt = StringField(_("Cover image description"))
    tags = StringField(_("Tags"))
    language = SelectField(_("Post language"), choices=choices({"": _("Detect automatically"), **NAMES}), default="")
    excerpt = TextAreaField(_("Excerpt"))
    slug = StringField(_("URL"))
    date = StringField(_("Publish date"))
    visibility = SelectField(_("Visibility"), choices=choices(VISIBILITY_NAMES), default=PUBLIC)
    pinned = BooleanField(_("Pin to top"))
    series = StringField(_("Series"))
    translations = StringField(_("Translations"))
    version = HiddenField()
    """The version of the post that the form began with; see `versions`."""
    draft = HiddenField()
    """The name of its draft; see `drafts`."""
    opened = HiddenField()
    """Random for each page with the form, to tell two tabs apart that save the same draft."""


FIELDS = tuple(name for name in vars(PostForm) if not name.startswith("_"))


def filled(
    content: Content, slug: str = "", *, is_pinned: bool = False, series: str = "", translations: str = ""
) -> dict[str, str]:
    """Return the form's fields for a content, without those of the draft."""
    fields = {
        "kind": content.kind,
        "title": content.title,
        "text": content.text,
        "source": content.parts.source,
        "link": content.parts.link,
        "pictures": content.parts.pictures,
        "cover": content.parts.cover,
        "cover_alt": content.parts.cover_alt,
        "tags": ", ".join(content.tags),
        "language": content.language,
        "excerpt": content.summary,
        "slug": slug,
        "date": shown_minute(content.date),
        "series": series,
        "translations": translations,
        "visibility": shown_visibility(content.kind, content.visibility),
    }
    return fields | ({"pinned": "y"} if is_pinned else {})


def filled_from(post: Post) -> dict[str, str]:
    """Return the form's fields for a post, which was read with its tags and its series."""
    return filled(
        Content.of(post),
        post.slug,
        is_pinned=post.pinned_at is not None,
        series=title_of_series(post),
        translations=addresses_of_translations(session(), post),
    )


def title_of_series(post: Post) -> str:
    """Return the title of a post's series (which was read with it), or an empty string."""
    return post.series.title if post.series else ""


def shown_minute(moment: datetime | None) -> str:
    """Return a time in the format of the field: in minutes, in the time zone of the blog."""
    return moment.astimezone(current_zone()).strftime(MINUTE) if moment else ""


def draft_in(form: PostForm, post: Post | None, *, is_draft: bool = False, outline: Outline | None = None) -> Draft:
    """Return the draft in a form; without a date, the post is published now.

    Args:
        form: as it was sent.
        post: the post to change, None for a new one.
        is_draft: whether the post becomes a draft.
        outline: made of it before.

    Raises:
        InputRefused: if the date is invalid.
    """
    return Draft(
        form.title.data or "",
        form.text.data or "",
        split_tags(form.tags.data or ""),
        None if is_draft else _date_in(form, post),
        (form.slug.data or "").strip(),
        form.language.data or "",
        outline,
        # Missing fields stay as they are: a client that sends only title and text must not make a private post public.
        form.kind.data if form.kind.raw_data else None,
        parts_in(form, post),
        form.excerpt.data if form.excerpt.raw_data else None,
        form.visibility.data if form.visibility.raw_data else None,
        bool(form.pinned.data) if form.opened.raw_data else None,  # browsers do not send unchecked boxes
        form.series.data if form.series.raw_data else None,
        split_addresses(form.translations.data or "") if form.translations.raw_data else None,
    )


def parts_in(form: PostForm, post: Post | None) -> Parts:
    """Return the parts in a form; missing ones stay as they are."""
    kept = Parts.read(post.parts if post else None)
    sent = {name: form[name].data for name in PARTS if form[name].raw_data}
    return replace(kept, **sent)


def typed_content(form: PostForm, post: Post) -> Content:
    """Return the content typed so far, valid or not, with the post's current date."""
    kind = form.kind.data if form.kind.data in KINDS else post.kind
    shown = shown_visibility(post.kind, post.visibility)
    return Content(
        kind,
        form.title.data or "",
        form.text.data or "",
        parts_in(form, post),
        tuple(split_tags(form.tags.data or "")),
        form.language.data or "",
        form.excerpt.data or "",
        stored_visibility(kind, form.visibility.data if form.visibility.data in VISIBILITIES else shown),
        post.date,
    )


def _date_in(form: PostForm, post: Post | None) -> datetime:
    given = (form.date.data or "").strip()
    kept = (post.date or post.first_published_at) if post else None
    if not given or given == shown_minute(kept):  # keep the seconds, which the field does not contain
        return kept or now()
    try:
        moment = datetime.fromisoformat(given)
        return (moment if moment.tzinfo else moment.replace(tzinfo=current_zone())).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InputRefused(
            gettext("“%(date)s” isn’t a valid date. Use the format 2026-11-27T18:30.", date=given[:40])
        ) from error
