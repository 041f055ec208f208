"""Serves feeds, and shows an explanation to people who open one in a browser."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale
from werkzeug.wrappers import Response as AnyResponse

from qingbo.addresses import Text, with_whole_addresses, without_host
from qingbo.extensions import session
from qingbo.feeds.entries import entries_of, id_of_feed
from qingbo.feeds.formats import ATOM, FORMATS, RSS, Feed, feed_addresses
from qingbo.feeds.queries import feed_posts
from qingbo.feeds.scopes import Scope, scope_at
from qingbo.languages import TAGS
from qingbo.page_cache.fragments import keep
from qingbo.posts.first_use import recorded_first_use
from qingbo.posts.forms import KIND_NAMES
from qingbo.posts.kinds import KINDS, PAGE
from qingbo.site_settings import current_settings

ENTRIES = 20

OPENED_IN = "Sec-Fetch-Dest"
"""The header with which browsers tell navigation by a person from requests of scripts; feed readers do not send it."""

LISTED_KINDS = [kind for kind in KINDS if kind != PAGE]

PLACES = ("", "/tags/<tag>", "/users/<user>", "/series/<series>", f"/kinds/<any({','.join(LISTED_KINDS)}):kind>")
"""The paths of feeds: the site's, and below the pages that list posts."""

OTHER_NAMES = {"feed": ATOM, "feed.xml": ATOM, "atom.xml": ATOM, "rss": RSS, "rss.xml": RSS, "index.xml": RSS}
"""Other blogs' names for feeds. Feed readers try them, and a blog that moves here keeps its subscribers."""

bp = Blueprint("feeds", __name__)
bp.add_app_template_global(feed_addresses, "feed_addresses")


def show_feed(format_name: str, **place: Any) -> AnyResponse:
    """Answer with the newest posts as a feed."""
    with force_locale(current_settings().language):  # a feed is the same for everybody
        scope = scope_at(session(), place) or abort(404)
        if scope.place != place:
            return redirect(url_for("feeds.show_feed", format_name=format_name, **scope.place), 301)
        if request.headers.get(OPENED_IN) != "document":
            return _sent(scope, format_name)
    return _explained(scope, format_name)


def move_feed(**place: Any) -> AnyResponse:
    """Redirect from another blog's name for a feed to ours."""
    format_name = OTHER_NAMES[request.path.rpartition("/")[2]]
    return redirect(url_for("feeds.show_feed", format_name=format_name, **place), 301)


@bp.get("/feeds")
def list_feeds() -> str:
    """Show the feeds of the site and what they are for."""
    feeds = [("", feed_addresses())]
    feeds += [(str(KIND_NAMES[kind]), feed_addresses(kind=kind)) for kind in LISTED_KINDS]
    return render_template("feeds/list.html", feeds=feeds)


for _place in PLACES:
    _end = f"<any({','.join(FORMATS)}):format_name>"
    bp.add_url_rule(f"{_place}/feed.{_end}", view_func=show_feed, methods=["GET"])
    for _name in OTHER_NAMES:
        bp.add_url_rule(f"{_place}/{_name}", view_func=move_feed, methods=["GET"])


def _sent(scope: Scope, format_name: str) -> Response:
    numbers = tuple(session().scalars(scope.statement.limit(ENTRIES)))
    text = keep(("feed", format_name, scope.key, numbers), lambda: _text(scope, format_name, numbers))
    response = Response(text.written(), mimetype=FORMATS[format_name].mimetype)
    response.vary.add(OPENED_IN)
    response.last_modified = text.changed_at
    return with_whole_addresses(response)


def _text(scope: Scope, format_name: str, numbers: Sequence[int]) -> Text:
    settings = current_settings()
    is_whole = settings.feed_content == "full"
    first_use = recorded_first_use()
    posts = feed_posts(session(), numbers, is_whole=is_whole)
    with without_host():
        entries = entries_of(session(), posts, first_use, is_whole=is_whole)
        feed = Feed(scope, id_of_feed(scope, first_use), TAGS[settings.language], entries, is_whole, format_name)
        return Text(FORMATS[format_name].write(feed), feed.updated_at if entries else None)


def _explained(scope: Scope, format_name: str) -> AnyResponse:
    """Show a page that explains the feed. Caches must not give it to others."""
    endpoint, values = scope.page
    page = render_template(
        "feeds/opened.html",
        scope=scope,
        address=Feed(scope, "", "", (), True, format_name).address,
        page=url_for(endpoint, **values),
        others=feed_addresses(**scope.place),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "private, no-store"
    response.vary.update((OPENED_IN, "Accept-Language", "Cookie"))
    return response
