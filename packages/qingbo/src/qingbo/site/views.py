"""The public pages: home, a post with its comments, tags, people, the archive."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from qingbo.accounts.queries import user_named
from qingbo.comments import moderation
from qingbo.comments.forms import CommentForm
from qingbo.comments.queries import comments_on, moderates, page_with
from qingbo.config import Settings
from qingbo.errors import InputRefused
from qingbo.extensions import limiter, session
from qingbo.pagination import Cursor
from qingbo.posts import queries
from qingbo.posts.models import Post
from qingbo.renderings import html_of_comments, html_of_posts
from qingbo.site.sidebar import read_sidebar

bp = Blueprint("site", __name__)

FIRST_YEAR, LAST_YEAR = 1000, 9998

Page = str | Response | tuple[str, int]


def account() -> str:
    """Return whose limit it is: people behind one address do not use up each other's."""
    return str(current_user.get_id())


@bp.get("/")
def show_home() -> Page:
    """Show the newest posts."""
    page = queries.published_page(session(), _cursor(), _settings().posts_per_page)
    return _page("site/home.html", page=page)


@bp.get("/posts/<slug>")
def show_post(slug: str) -> Page:
    """Show a post with its comments."""
    return _post_page(_require_post(slug), CommentForm())


@bp.post("/posts/<slug>")
@limiter.limit("5 per minute; 60 per hour", exempt_when=lambda: current_user.is_authenticated)
@limiter.limit("30 per minute", key_func=account, exempt_when=lambda: not current_user.is_authenticated)
def create_comment(slug: str) -> Page:
    """Add a comment."""
    post = _require_post(slug)
    form = CommentForm(request.form)
    try:
        comment = moderation.add_comment(session(), post, current_user, form.text.data or "", form.name.data or "")
    except InputRefused as error:
        return _post_page(post, form, problem=str(error)), 422
    place = page_with(session(), comment)
    anchor = f"comment-{comment.id}"
    session().commit()
    return redirect(url_for("site.show_post", slug=slug, after=place, _anchor=anchor), 303)


@bp.get("/tags/<slug>")
def show_tag(slug: str) -> Page:
    """Show the posts with a tag."""
    tag = queries.tag_at(session(), slug) or abort(404)
    page = queries.posts_tagged(session(), tag, _cursor(), _settings().posts_per_page)
    if not page.items:  # only drafts have it, or nothing any more
        abort(404)
    return _page("site/tag.html", tag=tag, page=page)


@bp.get("/users/<name>")
def show_user(name: str) -> Page:
    """Show the posts of a person."""
    user = user_named(session(), name) or abort(404)
    page = queries.posts_of(session(), user, _cursor(), _settings().posts_per_page)
    return _page("site/user.html", author=user, page=page)


@bp.get("/archive")
def show_archive() -> Page:
    """Show the years in which something was published."""
    span = queries.archive(session())
    zone = _zone()
    years = range(span.newest.astimezone(zone).year, span.oldest.astimezone(zone).year - 1, -1) if span else ()
    return _page("site/archive.html", years=years)


@bp.get("/archive/<int:year>")
def show_year(year: int) -> Page:
    """Show the posts of a year."""
    start, end = _month(year, 1), _month(year + 1, 1)
    page = queries.posts_between(session(), start, end, _cursor(), _settings().posts_per_page)
    return _page("site/period.html", page=page, year=year, month=None, start=start)


@bp.get("/archive/<int:year>/<int:month>")
def show_month(year: int, month: int) -> Page:
    """Show the posts of a month."""
    start, end = _month(year, month), _month(year + month // 12, month % 12 + 1)
    page = queries.posts_between(session(), start, end, _cursor(), _settings().posts_per_page)
    return _page("site/period.html", page=page, year=year, month=month, start=start)


def _page(template: str, **values: Any) -> str:
    return render_template(template, sidebar=read_sidebar(session()), **values)


def _post_page(post: Post, form: CommentForm, problem: str = "") -> str:
    comments, more = comments_on(session(), post, current_user, request.args.get("after", 0, type=_number))
    return _page(
        "site/post.html",
        post=post,
        html=html_of_posts(session(), [post.text])[post.text],
        comments=comments,
        comment_html=html_of_comments(session(), {comment.text for comment in comments}),
        more_comments=more,
        moderates=moderates(post, current_user),
        form=form,
        problem=problem,
    )


def _require_post(slug: str) -> Post:
    return queries.find_post(session(), slug, queries.visible_posts(current_user)) or abort(404)


def _number(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number


def _cursor() -> Cursor:
    try:
        return Cursor.parse(request.args.get("older"), request.args.get("newer"))
    except ValueError:
        abort(404)


def _month(year: int, month: int) -> datetime:
    # Years that stay dates in every time zone.
    if not (FIRST_YEAR <= year <= LAST_YEAR + 1 and 1 <= month <= 12):
        abort(404)
    return datetime(year, month, 1, tzinfo=_zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(_settings().timezone)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["qingbo_settings"]
    return settings
