"""Which version of a post a form began with: a save or a deletion that knows only an older one is refused."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from qingbo.accounts.names import key_of
from qingbo.errors import ChangedMeanwhile
from qingbo.posts.models import Post


def version_of(post: Post) -> str:
    """Return a digest of what an author can change of a post, which was read with its tags."""
    tags = [tag.name for tag in post.tags]
    return digest_of(post.title, post.text, tags, post.language, post.published_at)


def digest_of(title: str, text: str, tags: Iterable[str], language: str | None, published_at: datetime | None) -> str:
    """Return what `version_of` returns for a post with these parts."""
    date = published_at.isoformat() if published_at else ""
    parts = [title, text, sorted(map(key_of, tags)), language or "", date]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def refuse_older(post: Post, based_on: str | None, wanted: str = "") -> None:
    """Raise `ChangedMeanwhile` where the post is neither the version that the person saw nor the wanted one.

    The post's row has to be locked. A request that names no version comes from no form of this blog, and has seen none.
    """
    if based_on and version_of(post) not in {based_on, wanted}:
        raise ChangedMeanwhile
