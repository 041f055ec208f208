"""Pages of the versions of a post: who saved what and when, the differences, and restoring one."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from qingbo.arguments import asked_row
from qingbo.extensions import session
from qingbo.posts import drafts
from qingbo.posts.contents import Content
from qingbo.posts.forms import PostForm, filled, title_of_series
from qingbo.posts.models import Post, PostVersion
from qingbo.posts.queries import editable_posts, find_post
from qingbo.posts.states import shown_visibility, stored_visibility
from qingbo.posts.translations import addresses_of_translations
from qingbo.posts.versions import VERSIONS_PER_PAGE, version_numbered, version_of, versions_of
from qingbo.posts.views import Page, bp

if TYPE_CHECKING:
    from qingbo.comparing.differences import Piece


@dataclass(frozen=True, slots=True)
class Changed:
    """A field that differs between a version and the post."""

    label: str
    pieces: "list[Piece]"


@bp.get("/posts/<slug>/versions")
@login_required
def list_versions(slug: str) -> Page:
    """Show who saved a post, and when."""
    post = _require(slug)
    found = versions_of(session(), post, asked_row("before"))
    versions = found[:VERSIONS_PER_PAGE]
    older = versions[-1].id if len(found) > VERSIONS_PER_PAGE else None
    return render_template("posts/versions.html", post=post, versions=versions, older=older, now=version_of(post))


@bp.get("/posts/<slug>/versions/<int:number>")
@login_required
def show_version(slug: str, number: int) -> Page:
    """Show the differences between a version and the current post."""
    post, version = _both(slug, number)
    changed = _changes(Content.read(version.content), Content.of(post))
    return render_template("posts/version.html", post=post, version=version, changed=changed)


@bp.post("/posts/<slug>/versions/<int:number>")
@login_required
def restore_version(slug: str, number: int) -> Page:
    """Put a version into the form; saving it restores it. Date, address and visibility stay."""
    post, version = _both(slug, number)
    then = Content.read(version.content)
    visibility = stored_visibility(then.kind, shown_visibility(post.kind, post.visibility))
    content = replace(then, visibility=visibility, date=post.date)
    name = drafts.name_for(post)
    pinned, series = post.pinned_at is not None, title_of_series(post)
    fields = filled(content, post.slug, is_pinned=pinned, series=series)
    fields["translations"] = addresses_of_translations(session(), post)
    fields |= {"version": version_of(post), "draft": name, "opened": drafts.new_opening(None)}
    drafts.save_draft(session(), current_user.id, name, post, fields)
    session().commit()
    flash(_("This version is open in the editor. Save to restore it."), "done")
    return redirect(url_for("posts.edit_post", slug=slug), 303)


def _require(slug: str) -> Post:
    return find_post(session(), slug, editable_posts(current_user)) or abort(404)


def _both(slug: str, number: int) -> tuple[Post, PostVersion]:
    post = _require(slug)
    return post, version_numbered(session(), post, number) or abort(404)


def _changes(then: Content, now: Content) -> list[Changed]:
    from qingbo.comparing.differences import differences

    labels = PostForm()
    before, after = filled(then), filled(now)
    names = ("title", "link", "pictures", "text", "source", "tags", "excerpt")
    return [
        Changed(labels[name].label.text, differences(before[name], after[name]))
        for name in names
        if before[name] != after[name]
    ]
