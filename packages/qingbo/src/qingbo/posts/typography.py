"""Which posts get typographic quotes and dashes."""

from collections.abc import Iterable

from qingbo.posts.models import Post
from qingbo.site_settings import current_settings


def is_typographic(language: str | None) -> bool:
    """Return whether texts in this language, as chosen by the author, get them: English, or no choice."""
    return current_settings().typographic_quotes and language in {None, "", "en"}


def typographic_texts(posts: Iterable[Post]) -> set[str]:
    """Return the texts of the posts that get them."""
    return {post.markdown for post in posts if is_typographic(post.language)}
