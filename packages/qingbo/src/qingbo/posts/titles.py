"""The title to show for a post without one: its first words."""

import re

from flask_babel import gettext as _

from qingbo.posts.kinds import LINK, PHOTOS, QUOTE
from qingbo.posts.models import Post

LENGTH = 40
_SENTENCE = re.compile(r"^.{4,}?[。！？!?；;…](?=.)|^.{4,}?\.(?= )")


def title_of(post: Post) -> str:
    """Return the title of a post, or its first words, or the name of its kind."""
    return post.title or first_words(_own_words(post)) or nameless(post.kind)


def _own_words(post: Post) -> str:
    """Return the excerpt of a post; of a link post, without the link's address at its beginning."""
    address, _space, words = post.excerpt.partition(" ")
    return words if words and post.kind == LINK and "." in address else post.excerpt


def first_words(line: str) -> str:
    """Return the first sentence of a line, shortened to the length of a title."""
    sentence = _SENTENCE.match(line)
    words = (sentence[0] if sentence else line).rstrip("。.；;")
    if len(words) <= LENGTH:
        return words
    cut = words[:LENGTH]
    # Cut Latin script between words; Chinese can be cut anywhere.
    space = cut.rfind(" ")
    if space > LENGTH // 2 and words[LENGTH].isascii():
        cut = cut[:space]
    return f"{cut.rstrip(' ，,、。')}…"


def nameless(kind: str) -> str:
    """Return the title to show for a post without words."""
    names = {PHOTOS: _("Photos"), QUOTE: _("Quote"), LINK: _("Link")}
    return names.get(kind) or str(_("Untitled"))
