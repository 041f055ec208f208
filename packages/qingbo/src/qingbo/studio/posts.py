"""The studio's list of posts, and bulk actions on it."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from qingbo.accounts.access import author_required
from qingbo.accounts.queries import user_named, writers
from qingbo.arguments import asked_cursor, row_numbers
from qingbo.audit.trail import note
from qingbo.errors import InputRefused
from qingbo.extensions import session
from qingbo.pagination import Page
from qingbo.posts import bin as post_bin
from qingbo.posts import bulk, drafts
from qingbo.posts.forms import KIND_NAMES
from qingbo.posts.models import Post
from qingbo.posts.queries import editable_posts, find_post, lock_post, tag_named
from qingbo.posts.states import State
from qingbo.posts.studio_list import Filters, studio_page
from qingbo.posts.tagging import checked_tags, split_tags
from qingbo.posts.titles import title_of
from qingbo.rendering.characters import on_one_line
from qingbo.studio import views
from qingbo.studio.views import bp

POSTS_PER_PAGE = 50
SEARCH_LENGTH = 100
REASONS_SHOWN = 5
FILTERS = ("search", "state", "kind", "author", "tag")
PLACES = ("older", "newer")


@bp.get("/posts")
@author_required
def list_posts() -> views.Page:
    """Show the posts that the person may change, by date, with filters."""
    given = _given(FILTERS)
    filters = _filters(given)
    cursor = asked_cursor()
    page: Page[Post] = Page([], None, None)
    if filters.tag or "tag" not in given:
        page = studio_page(session(), current_user, filters, cursor, POSTS_PER_PAGE)
    is_whole = not given and not cursor.at
    unsaved = drafts.drafts_of_new_posts(session(), current_user.id, POSTS_PER_PAGE) if is_whole else []
    return views.studio_page(
        "posts",
        page=page,
        given=given,
        here=_given(FILTERS + PLACES),
        authors=_authors(filters) if current_user.is_editor else [],
        kinds=KIND_NAMES,
        with_drafts=drafts.posts_with_drafts(session(), current_user.id, page.items),
        unsaved=drafts.with_fields(unsaved),
        is_bin=filters.state == State.BINNED,
        days=post_bin.DAYS,
        is_ticked=request.args.get("ticked") == "all",
    )


@bp.post("/posts")
@author_required
def update_posts() -> views.Page:
    """Publish, unpublish, tag or bin the selected posts."""
    action = request.form.get("action", "")
    if action not in _DEEDS:
        abort(400)
    back = redirect(_address_of_list(), 303)
    ticked = request.form.getlist("post")[:POSTS_PER_PAGE]
    try:
        tags = checked_tags(split_tags(request.form.get("tags", "")))
    except InputRefused as error:
        flash(str(error), "error")
        return back
    if action == "tag" and not tags:
        flash(_("Enter the tags to add."), "error")
        return back
    slugs = bulk.slugs_of(session(), current_user, row_numbers(ticked))
    if not slugs:
        flash(_("Select at least one post."), "error")
        return back
    _flash_results(action, *_done_to_each(action, slugs, tags))
    return back


def _done_to_each(action: str, slugs: list[str], tags: list[str]) -> tuple[int, int, list[str]]:
    """Return how many posts were changed, how many needed no change, and why others were skipped.

    Each post is committed separately, so that two bulk actions at the same time cannot block each other.
    """
    changed, unchanged, refused = 0, 0, []
    for slug in slugs:
        lock_post(session(), slug)
        post = find_post(session(), slug, editable_posts(current_user))
        if post is None:  # somebody has binned or moved it meanwhile
            continue
        title = title_of(post)
        try:
            if _DEEDS[action](post, tags):
                note(session(), _DEED_NAMES[action], title)
                changed += 1
            else:
                unchanged += 1
            session().commit()
        except InputRefused as error:
            session().rollback()
            refused.append(f"“{title}” – {error}")
    return changed, unchanged, refused


def _bin(post: Post, _tags: list[str]) -> bool:
    post_bin.bin_post(session(), post)
    return True


_DEEDS: dict[str, Callable[[Post, list[str]], bool]] = {
    "publish": lambda post, _tags: bulk.publish_post(session(), post, current_user.id),
    "unpublish": lambda post, _tags: bulk.unpublish_post(session(), post, current_user.id),
    "tag": lambda post, tags: bulk.add_tags(session(), post, current_user.id, tags),
    "bin": _bin,
}
_DEED_NAMES = {
    "publish": "post-published",
    "unpublish": "post-unpublished",
    "tag": "post-tagged",
    "bin": "post-deleted",
}


def _flash_results(action: str, changed: int, unchanged: int, refused: list[str]) -> None:
    if changed:
        done = {
            "publish": _("Posts published: %(count)s.", count=changed),
            "unpublish": _("Posts unpublished: %(count)s.", count=changed),
            "tag": _("Posts tagged: %(count)s.", count=changed),
            "bin": _("Posts moved to trash: %(count)s.", count=changed),
        }[action]
        if action == "bin":
            address = url_for("studio.list_posts", state=State.BINNED.value)
            done = Markup('{} <a href="{}">{}</a>').format(done, address, _("View trash"))
        flash(done, "done")
    if unchanged:
        flash(_("Posts unchanged: %(count)s.", count=unchanged), "done")
    for reason in refused[:REASONS_SHOWN]:
        flash(_("Skipped: %(reason)s", reason=reason), "error")
    if len(refused) > REASONS_SHOWN:
        flash(_("More posts skipped: %(count)s.", count=len(refused) - REASONS_SHOWN), "error")


def _given(names: tuple[str, ...]) -> dict[str, str]:
    """Return the query's fields that are not empty, for links."""
    values = {name: on_one_line(request.args.get(name, "")[:SEARCH_LENGTH]) for name in names}
    return {name: value for name, value in values.items() if value}


def _address_of_list() -> str:
    here: dict[str, Any] = dict(_given(FILTERS + PLACES))
    return url_for("studio.list_posts", **here)


def _filters(given: dict[str, str]) -> Filters:
    kind = given.get("kind", "")
    if kind and kind not in KIND_NAMES:
        abort(404)
    try:
        state = State(given["state"]) if "state" in given else None
    except ValueError:
        abort(404)
    author = (user_named(session(), given["author"]) or abort(404)) if "author" in given else None
    tag = tag_named(session(), given["tag"]) if "tag" in given else None
    return Filters(state, kind, author, tag, given.get("search", ""))


def _authors(filters: Filters) -> list[Any]:
    """Return the choices for the author filter: people who may write, and the one who is selected."""
    found = list(writers(session()))
    return found if filters.author is None or filters.author in found else [*found, filters.author]
