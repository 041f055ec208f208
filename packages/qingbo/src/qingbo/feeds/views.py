"""The Atom feed (RFC 4287)."""

from flask import Blueprint, Response, render_template, request

from qingbo.extensions import session
from qingbo.feeds.entries import cover_of, entry_of, id_of_feed
from qingbo.languages import TAGS
from qingbo.media.decorating import decorated
from qingbo.posts.first_use import recorded_first_use
from qingbo.posts.queries import newest_posts
from qingbo.posts.typography import typographic_texts
from qingbo.rendering.characters import valid_in_xml
from qingbo.renderings import html_of_posts
from qingbo.site_settings import current_settings, given_settings

ENTRIES = 20

SAID_BY_PROXIES = ("Host", "X-Forwarded-Host", "X-Forwarded-Proto")

bp = Blueprint("feeds", __name__)


@bp.get("/feed.atom")
def show_atom() -> Response:
    """Show the newest posts whole, to be read elsewhere."""
    first_use = recorded_first_use()
    posts = newest_posts(session(), ENTRIES)
    made = html_of_posts(session(), [post.markdown for post in posts], typographic_texts(posts))
    shown = decorated(session(), [cover_of(post) + made[post.markdown] for post in posts], is_plain=True)
    entries = [entry_of(post, html, first_use) for post, html in zip(posts, shown, strict=True)]
    body = render_template(
        "feeds/atom.xml",
        entries=entries,
        feed_id=id_of_feed(first_use),
        feed_language=TAGS[current_settings().language],
    )
    response = Response(valid_in_xml(body), mimetype="application/atom+xml")
    if not given_settings().address:  # its links are as the request says: wrong for anybody else's
        response.headers["Cache-Control"] = "private, no-store"
        response.vary.update(SAID_BY_PROXIES)
    response.add_etag()
    response.make_conditional(request)
    return response
