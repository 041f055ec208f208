"""What pages show of the site itself, as HTML."""

from functools import lru_cache

from markupsafe import Markup

from qingbo.rendering.markdown import render_line
from qingbo.site_settings import current_settings


def site_footer() -> Markup:
    """Return the words at the end of every page, empty for none."""
    text = current_settings().footer_text
    return _rendered(text) if text.strip() else Markup("")


@lru_cache(maxsize=8)
def _rendered(text: str) -> Markup:
    """Return them without asking the database: error pages have them too."""
    return Markup(render_line(text))  # noqa: S704 - the renderer cleans it
