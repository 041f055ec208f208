"""What a post is called where it has no title: by its first words."""

import re

from flask_babel import gettext as _

from qingbo.posts.kinds import LINK, PHOTOS, QUOTE
from qingbo.posts.models import Post

LENGTH = 40
_SENTENCE = re.compile(r"^.{4,}?[。！？!?；;…](?=.)|^.{4,}?\.(?= )")


def title_of(post: Post) -> str:
    """Return the title of a post, else its first words, else what kind of post it is."""
    return post.title or first_words(_own_words(post)) or nameless(post.kind)


def _own_words(post: Post) -> str:
    """Return the beginning of a post; of a link, what is said of it, without its address."""
    address, _space, words = post.excerpt.partition(" ")
    return words if words and post.kind == LINK and "." in address else post.excerpt


def first_words(line: str) -> str:
    """Return the first sentence of a line, or as much of it as makes a title."""
    sentence = _SENTENCE.match(line)
    words = (sentence[0] if sentence else line).rstrip("。.；;")
    if len(words) <= LENGTH:
        return words
    cut = words[:LENGTH]
    # Between words of Latin script; Chinese can be cut anywhere.
    space = cut.rfind(" ")
    if space > LENGTH // 2 and words[LENGTH].isascii():
        cut = cut[:space]
    return f"{cut.rstrip(' ，,、。')}…"


def nameless(kind: str) -> str:
    """Return what a post of a kind is called that says no word."""
    names = {PHOTOS: _("Photos"), QUOTE: _("Quote"), LINK: _("Link")}
    return names.get(kind) or str(_("Untitled"))
