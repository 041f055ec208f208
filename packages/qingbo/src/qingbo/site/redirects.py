"""Redirects from old addresses: from the `redirects` table, and by rule from those of the light blog of 2016."""

import re

from flask import Blueprint, Flask, abort, current_app, redirect, request, url_for
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from qingbo.accounts.names import key_of
from qingbo.extensions import session
from qingbo.posts.queries import redirect_from, tag_named

bp = Blueprint("redirects", __name__)

_SLASHES = re.compile(r"/{2,}")


def redirect_slashes(app: Flask) -> None:
    """Redirect addresses with trailing or repeated slashes to those without."""
    app.before_request(_without_slashes)


@bp.get("/blog/")
@bp.get("/blog/<path:rest>")
def show_old(rest: str = "") -> Response:
    """Redirect to the current address of a page."""
    return redirect(redirect_from(session(), request.path) or _by_rule(rest) or abort(404), 301)


def _by_rule(rest: str) -> str | None:
    """Return the current address of a page of the 2016 blog whose address follows from the old one."""
    kind, _, name = rest.partition("/")
    match kind, name:
        case ("new", ""):
            return url_for("posts.new_post")
        case (page, "") if not page or page.isdecimal():
            return url_for("site.show_home")
        case ("user", name) if name:
            return url_for("site.show_user", name=key_of(name))
        case ("tag", name) if name:
            tag = tag_named(session(), name)
            return url_for("site.show_tag", slug=tag.slug) if tag else None
        case ("edit", number) if target := redirect_from(session(), f"/blog/post/{number}"):
            return f"{target}/edit"
    return None


def _without_slashes() -> Response | None:
    if request.method not in {"GET", "HEAD"} or not isinstance(request.routing_exception, NotFound | RequestRedirect):
        return None
    path = _SLASHES.sub("/", request.path).rstrip("/")
    if not path or path == request.path:
        return None
    try:
        endpoint, values = current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return None
    # Build the address from its parts, so that nothing in the path can become another host.
    query = request.query_string.decode("ascii", "replace")
    return redirect(url_for(endpoint, **values) + (f"?{query}" if query else ""), 301)
