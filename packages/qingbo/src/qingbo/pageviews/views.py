"""The endpoint to which the script of a post's page reports a view."""

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.wrappers import Response

from qingbo.accounts.throttling import may_count_view
from qingbo.extensions import client_address, session
from qingbo.pageviews.counting import gather_view
from qingbo.pageviews.queries import counted_post
from qingbo.pageviews.readers import is_robot, says_where_it_comes_from
from qingbo.pageviews.referrers import host_of, referring_host
from qingbo.posts.queries import can_edit
from qingbo.site_settings import current_settings

bp = Blueprint("pageviews", __name__)


@bp.post("/posts/<int:number>/views")
def count_view(number: int) -> Response:
    """Count a reader of a post. The answer does not reveal whether the post exists or the view counted."""
    if not current_settings().view_counts:
        return _answer(404)
    if not may_count_view():
        return _answer(429)
    agent = str(request.user_agent)
    if says_where_it_comes_from() and not is_robot(agent):
        post = counted_post(session(), number)
        if post is not None and not can_edit(post, current_user):
            gather_view(post.id, client_address(), agent, _host())
    return _answer(204)


def _host() -> str:
    own = (host_of(request.host), host_of(current_settings().address or ""))
    return referring_host(request.form.get("referrer", ""), own)


def _answer(status: int) -> Response:
    return Response(status=status, headers={"Cache-Control": "no-store"})
