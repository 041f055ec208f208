"""Standalone pages, at the top of the site: /about."""

import re

from flask import abort, redirect, render_template
from flask_login import current_user

from qingbo.cards.decorating import has_player
from qingbo.extensions import session
from qingbo.posts import queries
from qingbo.posts.addresses import address_of
from qingbo.posts.kinds import PAGE, Parts
from qingbo.posts.showing import shown_cover
from qingbo.posts.states import State, state_of
from qingbo.posts.translations import public_translations
from qingbo.rendering.margins import headings_of, with_sidenotes
from qingbo.site.views import Page, bp, html_of

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""What `slug_of` makes. For /wp-login.php and the like the database is not asked."""


@bp.get("/<slug>")
def show_page(slug: str) -> Page:
    """Show a page. An address that it had before, or that a post had as a page, leads to it."""
    if not _SLUG.fullmatch(slug):
        abort(404)
    post = queries.find_at(session(), slug, queries.visible_posts(current_user)) or abort(404)
    if post.slug != slug or post.kind != PAGE:
        return redirect(address_of(post), 301)
    parts = Parts.read(post.parts)
    html = html_of(post, parts)
    return render_template(
        "site/page.html",
        post=post,
        html=with_sidenotes(html),
        headings=headings_of(html),
        has_player=has_player(html),
        translations=public_translations(session(), post),
        cover=shown_cover(session(), post.kind, parts),
        is_public=state_of(post) == State.UNLISTED,
        may_edit=queries.can_edit(post, current_user),
    )
