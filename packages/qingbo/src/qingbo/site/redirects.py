"""Redirects from old addresses: from the `redirects` table, and by rule from those of the light blog of 2016."""

import re

from flask import Blueprint, Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from qingbo.accounts.names import key_of
from qingbo.extensions import session
from qingbo.posts.addresses import address_of, path_of
from qingbo.posts.old_addresses import request_path
from qingbo.posts.queries import locate, redirect_from, tag_named, visible_posts

bp = Blueprint("redirects", __name__)

_SLASHES = re.compile(r"/{2,}")


def redirect_old_addresses(app: Flask) -> None:
    """Redirect the addresses that posts had on other sites, if nothing here has these addresses."""
    app.before_request(_from_numbered)


def moved_page() -> Response | None:
    """Return a redirect if the request, for which there is no page, has an old address of a post or a series."""
    if request.method not in {"GET", "HEAD"}:
        return None
    path = request_path(request.path)
    return (_redirected(path) or _from_same_path(path) or _without_suffix(path)) if path else None


def redirect_slashes(app: Flask) -> None:
    """Redirect addresses with trailing or repeated slashes to those without."""
    app.before_request(_without_slashes)


@bp.get("/blog/")
@bp.get("/blog/<path:rest>")
def show_old(rest: str = "") -> Response:
    """Redirect to the current address of a page."""
    path = request_path(request.path)
    return (_redirected(path) if path else None) or redirect(_by_rule(rest) or abort(404), 301)


def _from_numbered() -> Response | None:
    """Redirect addresses such as ``/?p=12``."""
    if request.path != "/" or not request.query_string or request.method not in {"GET", "HEAD"}:
        return None
    path = request_path("/", request.query_string.decode("ascii", "replace"))
    return _redirected(path, keeps_query=False) if path else None


def _from_same_path(path: str) -> Response | None:
    """Redirect addresses of a site that was below the path where this blog is now."""
    root = request.root_path.rstrip("/")
    if not root:
        return None
    if found := _redirected(root + path):
        return found
    target = _by_rule(path.removeprefix("/")) if root == "/blog" else None
    return redirect(target, 301) if target else None


def _without_suffix(path: str) -> Response | None:
    """Redirect ``/about/index.html`` and ``/posts/tea.html`` to the page without the suffix."""
    try:
        endpoint, values = current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return None
    is_moved = path != request.path and endpoint in {"site.show_page", "site.show_post"}
    found = locate(session(), values["slug"], visible_posts(current_user)) if is_moved else None
    return redirect(address_of(found), 301) if found else None


def _redirected(path: str, *, keeps_query: bool = True) -> Response | None:
    target = redirect_from(session(), path)
    if target is None:
        return None
    if target.startswith(path_of("")):
        # Only to a post that this person may read: the slug could tell the title of a draft.
        found = locate(session(), target.removeprefix(path_of("")), visible_posts(current_user))
        if found is None:
            return None
        target = address_of(found)
    else:
        target = request.root_path.rstrip("/") + target
    query = request.query_string.decode("ascii", "replace") if keeps_query else ""
    return redirect(target + (f"?{query}" if query else ""), 301)


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
