"""The site's own elements on pages, as HTML: logo, icons, cover and footer text."""

from collections.abc import Callable, Iterator
from functools import lru_cache

from flask import Flask
from markupsafe import Markup

from qingbo.appearance.pictures import SitePicture, site_picture
from qingbo.extensions import session
from qingbo.media.decorating import picture_html
from qingbo.rendering.markdown import render_line
from qingbo.site_settings import current_settings, is_without_database

HIGHEST_LOGO, WIDEST_LOGO = 40, 240
LARGEST_ICON = 512

Asset = Callable[[str], str]

_IMAGE = Markup('<img src="{}" alt="" width="{}" height="{}">')
_ICON = Markup('<link rel="icon" href="{}" type="{}" sizes="{}x{}">')
_TOUCH = Markup('<link rel="apple-touch-icon" href="{}">')
_MARK = Markup('<link rel="icon" href="{}" type="image/svg+xml">')


def prepare_branding(app: Flask, asset: Asset) -> None:
    """Add functions for the site's own elements to templates.

    Args:
        app: whose templates they are.
        asset: returns the address of a static file.
    """

    def site_logo() -> Markup:
        """Return the picture in the header. The site's name is beside it, so its alternative text is empty."""
        picture = site_picture(current_settings().logo)
        return _logo(picture) if picture else _IMAGE.format(asset("mark.svg"), 30, 30)

    def site_icons() -> Markup:
        """Return the links to the site's icons."""
        picture = site_picture(current_settings().favicon)
        return Markup("").join(_icons(picture)) if picture else _MARK.format(asset("mark.svg"))

    for each in (site_logo, site_icons, site_cover, site_footer):
        app.add_template_global(each, each.__name__)


def site_cover() -> Markup:
    """Return the wide picture on the home page, or nothing; makes one query if there is one."""
    address = current_settings().cover
    if not address or is_without_database():
        return Markup("")
    return Markup(picture_html(session(), address))  # noqa: S704 - escaped there


def site_footer() -> Markup:
    """Return the text at the end of every page, or nothing."""
    text = current_settings().footer_text
    return _rendered(text) if text.strip() else Markup("")


@lru_cache(maxsize=8)
def _rendered(text: str) -> Markup:
    """Render the text without a query, because error pages show it, too."""
    return Markup(render_line(text))  # noqa: S704 - the renderer sanitizes it


def _logo(picture: SitePicture) -> Markup:
    return _IMAGE.format(picture.small_address, *picture.fitted(WIDEST_LOGO, HIGHEST_LOGO))


def _icons(picture: SitePicture) -> Iterator[Markup]:
    is_small = picture.width <= LARGEST_ICON
    if picture.small_address != picture.address:
        height = round(picture.height * picture.small_width / picture.width)
        yield _ICON.format(picture.small_address, "image/webp", picture.small_width, height)
    if is_small or picture.small_address == picture.address:
        yield _ICON.format(picture.address, picture.mimetype, picture.width, picture.height)
    yield _TOUCH.format(picture.address if is_small else picture.small_address)
