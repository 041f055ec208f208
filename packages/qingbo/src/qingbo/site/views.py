"""The public pages: home, a post with its comments, tags, people."""

from typing import Any

from flask import Blueprint, abort, current_app, make_response, redirect, request, url_for
from flask_login import current_user
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from qingbo.accounts.forms import is_own_path
from qingbo.accounts.queries import Person, public_user
from qingbo.arguments import asked_cursor
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
from qingbo.languages import COOKIE, LANGUAGES, page_language
from qingbo.page_cache.fragments import keep
from qingbo.page_cache.marking import about_post
from qingbo.pagination import Page as PageOf
from qingbo.posts import listing, queries
from qingbo.posts.addresses import address_of
from qingbo.posts.kinds import ARTICLE, PAGE
from qingbo.posts.listing import Listed
from qingbo.posts.models import Post
from qingbo.posts.queries import can_edit
from qingbo.posts.streaming import Stream
from qingbo.renderings import html_of_comments
from qingbo.site.presentation import rendered
from qingbo.site.shown_post import ShownPost, shown_post
from qingbo.site_settings import current_settings, current_zone

bp = Blueprint("site", __name__)

Page = str | Response | tuple[str, int]


def account() -> str:
    """Return the key of a limit per account, so that people with one IP address do not share a limit."""
    return str(current_user.get_id())


@bp.get("/")
def show_home() -> Page:
    """Show the newest posts; the first page begins with a large article, a pinned one if there is one."""
    cursor = asked_cursor()
    pinned = keep("pinned posts", lambda: listing.pinned_posts(session()))
    page = listing.published_page(session(), cursor, current_settings().posts_per_page, [post.id for post in pinned])
    above = [] if cursor.at else pinned
    posts = [*above, *page.items]
    lead = None if cursor.at else next((post for post in posts if post.kind == ARTICLE), None)
    stream = Stream(session(), posts, [post for post in page.items if post != lead], current_zone())
    return rendered(
        "site/home.html", page=page, stream=stream, first=lead, pinned=[post for post in above if post != lead],
        has_sidebar=True,
    )  # fmt: skip


@bp.post("/language")
def update_language() -> Page:
    """Set the language of pages, for this browser and for the signed-in account."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    if current_user.is_authenticated:
        current_user.language = language
        session().commit()
    target = request.form.get("back", "")
    answer = make_response(redirect(target if is_own_path(target) else url_for("site.show_home"), 303))
    secure, path = bool(current_app.config["SESSION_COOKIE_SECURE"]), current_app.config["SESSION_COOKIE_PATH"]
    answer.set_cookie(
        COOKIE, language, max_age=365 * 24 * 3600, httponly=True, samesite="Lax", secure=secure, path=path
    )
    return answer


@bp.get("/posts/<slug>")
def show_post(slug: str) -> Page:
    """Show a post with its comments; with ``reply``, the form replies to a comment. Old addresses redirect."""
    found = queries.locate(session(), slug, queries.visible_posts(current_user)) or abort(404)
    if found.slug != slug or found.kind == PAGE:
        return redirect(address_of(found), 301)
    if request.args:
        return _post_page(found.id, CommentForm(MultiDict({"parent": request.args.get("reply", "")})))
    return _post_page(found.id)


@bp.post("/posts/<slug>")
@limiter.limit("30 per minute", exempt_when=lambda: current_user.is_authenticated)
@limiter.limit(
    "5 per minute; 60 per hour",
    exempt_when=lambda: current_user.is_authenticated,
    deduct_when=lambda answer: answer.status_code == 303,  # count comments, but not forms that are shown again
)
@limiter.limit("30 per minute", key_func=account, exempt_when=lambda: not current_user.is_authenticated)
def create_comment(slug: str) -> Page:
    """Add a comment. A guest's form needs a pass; without one, the form is shown again with a pass."""
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
        return _post_page(_require_post(slug).id, form, problem=str(error)), 422
    return _added(post, comment, form)


@bp.get("/tags/<slug>")
def show_tag(slug: str) -> Page:
    """Show the posts with a tag."""
    tag = keep(("tag", slug), lambda: queries.tag_at(session(), slug) or abort(404))
    page = listing.posts_tagged(session(), tag.id, asked_cursor(), current_settings().posts_per_page)
    if not page.items:  # no public post has the tag
        abort(404)
    return _list_page("site/tag.html", page, tag=tag)


@bp.get("/users/<name>")
def show_user(name: str) -> Page:
    """Show the posts of a person."""
    user = keep(("person", name), lambda: Person.of(public_user(session(), name) or abort(404)))
    page = listing.posts_of(session(), user.id, asked_cursor(), current_settings().posts_per_page)
    return _list_page("site/user.html", page, author=user)


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
    page = rendered(
        "comments/once_more.html", post=post, kept=form.kept(), html=html, given=given, seconds=refusal.seconds,
        wait=WAIT_SECONDS if current_settings().comment_challenge else 0,
    )  # fmt: skip
    return page, 422 if refusal.seconds else 200


def _list_page(template: str, page: PageOf[Listed], **values: Any) -> str:
    stream = Stream(session(), page.items, page.items, current_zone())
    return rendered(template, page=page, stream=stream, **values)


def _post_page(number: int, form: CommentForm | None = None, problem: str = "") -> str:
    """Return the page of a post; with `form`, a comment that is being written."""
    about_post(number)
    shown = shown_post(number)
    if form:
        comments = _comments(number, shown, form, problem)
    else:
        key = ("comments", number, page_language())
        comments = keep(key, lambda: _comments(number, shown, CommentForm(), ""), subject=number)
    return rendered("site/post.html", shown=shown, comments=comments)


def _comments(number: int, shown: ShownPost, form: CommentForm, problem: str) -> Markup:
    """Return the comments on a post and the form for another one."""
    post = session().get_one(Post, number)  # the reader may read it, because its page is shown
    own = own_comments()
    comments, more = comments_on(session(), post, current_user, own, _place(request.args.get("after", "")))
    if not (shown.is_readable or comments):
        return Markup("")
    parent = parent_on(session(), post, current_user, form.parent_id) if form.parent_id else None
    if parent is None:
        form.parent.data = ""
    made = rendered(
        "comments/list.html",
        post=post,
        comments=comments,
        comment_html=html_of_comments(session(), {comment.text for comment in comments}),
        more_comments=written_place(more),
        own=own,
        parent=parent,
        moderates=can_edit(post, current_user),
        form=form,
        problem=problem,
    )
    return Markup(made)  # noqa: S704 - rendered by a template


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
