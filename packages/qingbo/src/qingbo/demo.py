"""The sample: a handful of posts in Chinese and English, so that a new blog is not empty."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from qingbo.accounts.models import User
from qingbo.accounts.names import key_of
from qingbo.accounts.queries import user_named
from qingbo.comments.models import Comment
from qingbo.imports.listing import list_files
from qingbo.imports.markdown_folder import import_folder
from qingbo.imports.report import Item, Outcome, Report
from qingbo.posts.models import Post

FOLDER = Path(__file__).parent / "sample"
AUTHOR = "qingbo"

COMMENTS = {
    "hao-de-luo-kuan-yao-yong-shou-xie": [("林夏", "写得真好。我也有一支用了十年的钢笔 ✒️")],
    "a-blog-that-fits-in-a-folder": [
        ("Ada", "I copied the folder to my laptop and it *just ran*."),
        ("老周", "备份就是复制，赞。"),
    ],
}


def fill(session: Session, timezone: str) -> Report:
    """Write the sample's posts and comments, unless the sample's author has posts already. Commits.

    The author is an account that nobody can sign in to.
    """
    author = user_named(session, AUTHOR)
    if author is None:
        author = User(name=AUTHOR, name_key=key_of(AUTHOR), active=False)
        session.add(author)
        session.commit()
    if session.scalar(select(Post.id).where(Post.author_id == author.id).limit(1)):
        return Report()  # the sample exists, even if Qingbo was installed in another folder then
    report = import_folder(session, list_files(FOLDER), author, ZoneInfo(timezone))
    if report.counts[Item.POST][Outcome.NEW]:
        _comment(session)
    return report


def _comment(session: Session) -> None:
    for slug, comments in COMMENTS.items():
        post = session.scalar(select(Post).where(Post.slug == slug))
        for hours, (name, text) in enumerate(comments, 1):
            if post is not None and post.published_at is not None:
                at = post.published_at + timedelta(hours=hours)
                session.add(Comment(post_id=post.id, guest_name=name, text=text, created_at=at))
    session.commit()
