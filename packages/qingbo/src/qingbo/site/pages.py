"""Standalone pages at the top level of the site, such as /about."""

import re

from flask import abort, redirect
from flask_login import current_user

from qingbo.extensions import session
from qingbo.posts import queries
from qingbo.posts.addresses import address_of
from qingbo.posts.kinds import PAGE
from qingbo.site.presentation import rendered
from qingbo.site.shown_post import shown_post
from qingbo.site.views import Page, bp

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""The form of slugs from `slug_of`. Other addresses, such as /wp-login.php, cause no query."""


@bp.get("/<slug>")
def show_page(slug: str) -> Page:
    """Show a page. Old addresses, and addresses of posts that were pages, redirect."""
    if not _SLUG.fullmatch(slug):
        abort(404)
    found = queries.locate(session(), slug, queries.visible_posts(current_user)) or abort(404)
    if found.slug != slug or found.kind != PAGE:
        return redirect(address_of(found), 301)
    return rendered("site/post.html", shown=shown_post(found.id))
