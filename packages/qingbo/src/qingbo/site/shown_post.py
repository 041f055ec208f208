"""The rendered parts of a post's page, cached until something that they show changes."""

from dataclasses import dataclass
from typing import Any

from flask import abort
from flask_login import current_user
from markupsafe import Markup

from qingbo.cards.decorating import has_player
from qingbo.cards.players import PLAYER_SITES
from qingbo.extensions import session
from qingbo.guards import allow_frames
from qingbo.languages import page_language
from qingbo.page_cache.fragments import keep
from qingbo.posts import listing, queries
from qingbo.posts.kinds import ARTICLE, PAGE, Parts
from qingbo.posts.models import Post
from qingbo.posts.related import related_posts
from qingbo.posts.series_queries import place_in_series
from qingbo.posts.showing import shown_cover, shown_html
from qingbo.posts.states import State, state_of
from qingbo.posts.titles import title_of
from qingbo.posts.translations import public_translations
from qingbo.posts.typography import typographic_texts
from qingbo.rendering.margins import headings_of, with_sidenotes
from qingbo.rendering.reading import minutes_to_read
from qingbo.renderings import html_of_posts
from qingbo.site.presentation import rendered

LONG = 20_000
"""Characters of HTML above which the end of an article is not needed for the first paint."""


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post as its page shows it. For people who may change it, it has more HTML and is not cached."""

    id: int
    slug: str
    title: str
    head: Markup
    """HTML for the head of its page."""
    article: Markup
    is_readable: bool
    """Whether everybody with its address may read it."""
    is_long: bool
    has_formulas: bool
    has_player: bool


def shown_post(number: int) -> ShownPost:
    """Return the rendered parts of a post and allow the frames that it needs; answer 404 if it may not be read."""
    shown = keep(("post", number, page_language()), lambda: _made(number))
    if shown.has_player:
        allow_frames(PLAYER_SITES)
    return shown


def _made(number: int) -> ShownPost:
    post = queries.find_post(session(), number, queries.visible_posts(current_user)) or abort(404)
    state = state_of(post)
    parts = Parts.read(post.parts)
    (made,) = html_of_posts(session(), [post.markdown], typographic_texts([post])).values()
    html = shown_html(session(), post.kind, parts, made)
    values: dict[str, Any] = {
        "post": post,
        "html": with_sidenotes(html),
        "headings": headings_of(html) if post.kind in {ARTICLE, PAGE} else (),
        "has_player": has_player(html),
        "cover": shown_cover(session(), post.kind, parts),
        "may_edit": queries.can_edit(post, current_user),
        "translations": public_translations(session(), post),
        "is_readable": state in {State.PUBLISHED, State.UNLISTED},
        "is_listed": state == State.PUBLISHED,
    }
    values |= _around(post, is_listed=state == State.PUBLISHED) if post.kind != PAGE else {}
    return ShownPost(
        post.id,
        post.slug,
        title_of(post),
        Markup(rendered("site/post_head.html", **values)),  # noqa: S704 - of a template, as the next one
        Markup(rendered("site/standalone.html" if post.kind == PAGE else "site/article.html", **values)),  # noqa: S704
        values["is_readable"],
        len(html) >= LONG,
        "<math" in html,
        values["has_player"],
    )


def _around(post: Post, *, is_listed: bool) -> dict[str, Any]:
    """Return the values for the elements around a post that is not a page."""
    older, newer = listing.neighbours(session(), post)
    return {
        "minutes": minutes_to_read(post.text),
        "related": related_posts(session(), post) if is_listed else [],
        "older": older,
        "newer": newer,
        "place": place_in_series(session(), post),
    }
