"""The Atom feed (RFC 4287)."""

from flask import Blueprint, Response, render_template, request

from qingbo.extensions import session
from qingbo.posts.queries import newest_posts
from qingbo.renderings import html_of_posts

ENTRIES = 20

bp = Blueprint("feeds", __name__)


@bp.get("/feed.atom")
def show_atom() -> Response:
    """Show the newest posts whole, to be read elsewhere."""
    posts = newest_posts(session(), ENTRIES)
    html = html_of_posts(session(), [post.text for post in posts])
    body = render_template("feeds/atom.xml", posts=posts, html=html)
    response = Response(body, mimetype="application/atom+xml")
    response.add_etag()
    response.make_conditional(request)
    return response
