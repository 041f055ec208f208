"""The public pages: home, a post with its comments, tags, people, the archive."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from qingbo.accounts.forms import is_own_path
from qingbo.accounts.queries import public_user
from qingbo.arguments import asked_cursor
from qingbo.cards.decorating import has_player
from qingbo.cards.players import PLAYER_SITES
from qingbo.comments import moderation
from qingbo.comments.forms import CommentForm
from qingbo.comments.models import Comment, State
from qingbo.comments.moderation import Words
from qingbo.comments.own import own_comments, remember
from qingbo.comments.passes import WAIT_SECONDS, Refusal, new_pass, refusal_of
from qingbo.comments.queries import comments_on, page_with, parent_on
from qingbo.comments.subscriptions import subscribe, tell_subscribers, written_place
from qingbo.errors import InputRefused
from qingbo.extensions import commit_last, limiter, session, stop_writing
from qingbo.guards import allow_frames
from qingbo.languages import COOKIE, LANGUAGES
from qingbo.page_cache.marking import about_post
from qingbo.pagination import Page as PageOf
from qingbo.posts import queries
from qingbo.posts.addresses import address_of
from qingbo.posts.kinds import ARTICLE, PAGE, Parts
from qingbo.posts.models import Post
from qingbo.posts.queries import can_edit
from qingbo.posts.related import related_posts
from qingbo.posts.series_queries import place_in_series
from qingbo.posts.showing import shown_cover, shown_html
from qingbo.posts.states import State as PostState
from qingbo.posts.states import state_of
from qingbo.posts.streaming import Entry, entries_of, periods_of
from qingbo.posts.translations import public_translations
from qingbo.posts.typography import typographic_texts
from qingbo.rendering.margins import headings_of, with_sidenotes
from qingbo.rendering.reading import minutes_to_read
from qingbo.renderings import html_of_comments, html_of_posts
from qingbo.site.sidebar import read_sidebar
from qingbo.site_settings import current_settings, current_zone

bp = Blueprint("site", __name__)

Page = str | Response | tuple[str, int]


def account() -> str:
    """Return whose limit it is: people behind one address do not use up each other's."""
    return str(current_user.get_id())


@bp.get("/")
def show_home() -> Page:
    """Show the newest posts; on the first page stands an article large, a pinned one if there is one."""
    cursor = asked_cursor()
    pinned = queries.pinned_posts(session())
    page = queries.published_page(session(), cursor, current_settings().posts_per_page, pinned)
    above = [] if cursor.at else pinned
    entries = entries_of(session(), [*above, *page.items])
    lead = _lead(entries) if not cursor.at else None
    stream = [entry for entry in entries[len(above) :] if entry is not lead]
    return _list_page(
        "site/home.html", page, stream, sidebar=read_sidebar(session()), first=lead,
        pinned=[entry for entry in entries[: len(above)] if entry is not lead],
    )  # fmt: skip


@bp.post("/language")
def update_language() -> Page:
    """Choose the language of the pages: for this browser, and for the account that is signed in."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    if current_user.is_authenticated:
        current_user.language = language
        session().commit()
    target = request.form.get("back", "")
    answer = make_response(redirect(target if is_own_path(target) else url_for("site.show_home"), 303))
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(COOKIE, language, max_age=365 * 24 * 3600, httponly=True, samesite="Lax", secure=secure)
    return answer


@bp.get("/posts/<slug>")
def show_post(slug: str) -> Page:
    """Show a post with its comments; with ``reply``, the form answers one of them. An old address leads to the new."""
    post = queries.find_at(session(), slug, queries.visible_posts(current_user)) or abort(404)
    if post.slug != slug or post.kind == PAGE:
        return redirect(address_of(post), 301)
    return _post_page(post, CommentForm(MultiDict({"parent": request.args.get("reply", "")})))


@bp.post("/posts/<slug>")
@limiter.limit("30 per minute", exempt_when=lambda: current_user.is_authenticated)
@limiter.limit(
    "5 per minute; 60 per hour",
    exempt_when=lambda: current_user.is_authenticated,
    deduct_when=lambda answer: answer.status_code == 303,  # of comments, not of pages that ask once more
)
@limiter.limit("30 per minute", key_func=account, exempt_when=lambda: not current_user.is_authenticated)
def create_comment(slug: str) -> Page:
    """Add a comment. A guest's form needs a pass; without one it is shown once more, with one."""
    post = _require_post(slug)
    if post.kind == PAGE:
        abort(404)
    form = CommentForm(request.form)
    words = Words(
        form.text.data or "", form.name.data or "", form.email.data or "", form.parent_id, bool(form.website.data)
    )
    try:
        words = moderation.checked(session(), current_user, words)
        if not current_user.is_authenticated and (refusal := refusal_of(form.started.data or "", form.work.data or "")):
            return _once_more(post, form, words, refusal)
        comment = moderation.add_comment(session(), post, current_user, words)
    except InputRefused as error:
        stop_writing()
        return _post_page(_require_post(slug), form, problem=str(error)), 422
    return _added(post, comment, form)


@bp.get("/tags/<slug>")
def show_tag(slug: str) -> Page:
    """Show the posts with a tag."""
    tag = queries.tag_at(session(), slug) or abort(404)
    page = queries.posts_tagged(session(), tag, asked_cursor(), current_settings().posts_per_page)
    if not page.items:  # only drafts have it, or nothing any more
        abort(404)
    return _list_page("site/tag.html", page, entries_of(session(), page.items), tag=tag)


@bp.get("/users/<name>")
def show_user(name: str) -> Page:
    """Show the posts of a person."""
    user = public_user(session(), name) or abort(404)
    page = queries.posts_of(session(), user, asked_cursor(), current_settings().posts_per_page)
    return _list_page("site/user.html", page, entries_of(session(), page.items), author=user)


def _added(post: Post, comment: Comment, form: CommentForm) -> Page:
    email = comment.guest_email if comment.author_id is None else current_user.email
    if form.subscribe.data and email and comment.state != State.SPAM:
        subscribe(session(), comment, email)
    if comment.state == State.SHOWN:
        tell_subscribers(session(), [comment], [post])
    place = written_place(page_with(session(), comment))
    anchor = f"comment-{comment.id}"
    commit_last()
    if comment.author_id is None:
        remember(comment)
    return redirect(url_for("site.show_post", slug=post.slug, after=place, _anchor=anchor), 303)


def _once_more(post: Post, form: CommentForm, words: Words, refusal: Refusal) -> Page:
    stop_writing()
    given = {"started": form.started.data} if refusal.seconds else new_pass()
    html = html_of_comments(session(), [words.text])[words.text]
    page = render_template(
        "comments/once_more.html", post=post, kept=form.kept(), html=html, given=given, seconds=refusal.seconds,
        wait=WAIT_SECONDS if current_settings().comment_challenge else 0,
    )  # fmt: skip
    return page, 422 if refusal.seconds else 200


def _lead(entries: Sequence[Entry]) -> Entry | None:
    """Return the first article, None without one: no other kind is told by a large title."""
    return next((entry for entry in entries if entry.post.kind == ARTICLE), None)


def _list_page(template: str, page: PageOf[Post], entries: Sequence[Entry], **values: Any) -> str:
    return render_template(
        template, page=page, periods=periods_of(entries, current_zone()),
        several_authors=queries.has_several_authors(session()), **values,
    )  # fmt: skip


def _post_page(post: Post, form: CommentForm, problem: str = "") -> str:
    about_post(post.id)
    parts, state = Parts.read(post.parts), state_of(post)
    html = html_of(post, parts)
    own = own_comments()
    after = _place(request.args.get("after", ""))
    comments, more = comments_on(session(), post, current_user, own, after)
    parent = parent_on(session(), post, current_user, form.parent_id) if form.parent_id else None
    if parent is None:
        form.parent.data = ""
    older, newer = queries.neighbours(session(), post)
    return render_template(
        "site/post.html",
        post=post,
        html=with_sidenotes(html),
        headings=headings_of(html) if post.kind == ARTICLE else (),
        minutes=minutes_to_read(post.text),
        several_authors=queries.has_several_authors(session()),
        related=related_posts(session(), post) if state == PostState.PUBLISHED else [],
        older=older,
        newer=newer,
        has_player=has_player(html),
        cover=shown_cover(session(), post.kind, parts),
        comments=comments,
        comment_html=html_of_comments(session(), {comment.text for comment in comments}),
        more_comments=written_place(more),
        own=own,
        parent=parent,
        moderates=can_edit(post, current_user),
        place=place_in_series(session(), post),
        translations=public_translations(session(), post),
        is_public=state in {PostState.PUBLISHED, PostState.UNLISTED},
        is_listed=state == PostState.PUBLISHED,
        form=form,
        problem=problem,
    )


def html_of(post: Post, parts: Parts) -> str:
    """Return the HTML of the text of a post, for a page that may show players in it."""
    (made,) = html_of_posts(session(), [post.markdown], typographic_texts([post])).values()
    html = shown_html(session(), post.kind, parts, made)
    if has_player(html):
        allow_frames(PLAYER_SITES)
    return html


def _require_post(slug: str) -> Post:
    return queries.find_post(session(), slug, queries.visible_posts(current_user)) or abort(404)


def _place(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    thread, _, number = text.partition("-")
    if not (thread.isdecimal() and (number or thread).isdecimal() and len(text) < 40):
        return None
    place = int(thread), int(number or thread)
    return place if max(place) < 2**63 else None
