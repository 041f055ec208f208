"""A preview of a post, and a list of what was removed from its text."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from qingbo.extensions import session
from qingbo.posts.kinds import ARTICLE, Parts, lines_before_text
from qingbo.posts.publishing import Draft, whole_markdown
from qingbo.posts.showing import shown_html
from qingbo.posts.typography import is_typographic
from qingbo.rendering.markdown import rendered_post
from qingbo.rendering.removals import Fate, Removal


@dataclass(frozen=True, slots=True)
class Preview:
    """What the editor shows of a post."""

    html: str
    is_cut: bool
    """Whether a part is shown unrendered, because the text exceeds a limit."""
    removed: list[str]
    """What was removed because it is not allowed, a sentence for each."""


def preview_of(draft: Draft) -> Preview:
    """Render a draft. That is slow, so no transaction that writes should be open.

    Raises:
        InputRefused: if the text is too long.
    """
    rendered = rendered_post(whole_markdown(draft), typographic=is_typographic(draft.language))
    html = shown_html(session(), draft.kind or ARTICLE, draft.parts or Parts(), rendered.html)
    return Preview(html, rendered.is_cut, sentences_of(draft, rendered.removals))


def sentences_of(draft: Draft, removals: Iterable[Removal]) -> list[str]:
    """Return sentences about what was removed from a draft's text, with the line numbers that its writer sees."""
    blank = len(draft.text) - len(draft.text.lstrip("\n\r"))
    above = lines_before_text(draft.kind or ARTICLE, draft.parts or Parts()) - draft.text[:blank].count("\n")
    return [_sentence(each, each.line - above) for each in removals]


def _sentence(removal: Removal, line: int) -> str:
    texts: dict[Fate, str] = {
        Fate.SHOWN: _("Line %(line)s: %(name)s isn’t allowed in posts and is shown as text."),
        Fate.UNWRAPPED: _("Line %(line)s: %(name)s was removed; its content is shown."),
        Fate.LINKED: _("Line %(line)s: %(name)s isn’t allowed in posts and was replaced with a link."),
        Fate.WITHOUT_ATTRIBUTE: _("Line %(line)s: the attribute %(name)s of %(element)s was removed."),
        Fate.WITHOUT_ADDRESS: _("Line %(line)s: the URL “%(name)s” isn’t allowed in posts and was removed."),
    }
    return texts[removal.fate] % {"line": line, "name": removal.name, "element": removal.element}
