"""The pictures of the site: logo, cover, icon, and those in its CSS. They are public."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from qingbo.appearance.themes import theme_named
from qingbo.extensions import session
from qingbo.media.addresses import address_of, handle_in, handles_in
from qingbo.media.models import Media
from qingbo.media.queries import picture_at
from qingbo.media.renditions import renditions_of, small_address
from qingbo.site_settings import DRAFTS, SiteSetting, is_without_database, saved_settings

NAMES = ("logo", "cover", "favicon")
"""The settings that contain the address of a picture."""

MOST_KNOWN = 32

_EXTENSION = "qingbo_site_pictures"


@dataclass(frozen=True, slots=True)
class SitePicture:
    """The facts about a picture that every page needs."""

    address: str
    mimetype: str
    width: int
    height: int
    small_address: str
    """The address of its smallest WebP rendition, at most 480 pixels wide; of the picture itself if there is none."""
    small_width: int

    def fitted(self, most_width: int, most_height: int) -> tuple[int, int]:
        """Return width and height scaled down to fit a box; a small picture is not enlarged."""
        scale = min(1, most_width / self.width, most_height / self.height)
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))


def site_picture(address: str) -> SitePicture | None:
    """Return the picture at an address, or None. Each process reads a picture once, because pictures never change."""
    handle = handle_in(address)
    known: dict[str, SitePicture] = current_app.extensions.setdefault(_EXTENSION, {})
    if handle is None or handle in known or is_without_database():
        return known.get(handle or "")
    media = picture_at(session(), address)
    if media is None or not media.width or not media.height:
        return None
    found = _about(media, media.width, media.height)
    if media.finished_at is not None:  # otherwise a smaller rendition may still be made
        while len(known) >= MOST_KNOWN:
            known.pop(next(iter(known)), None)
        known[handle] = found
    return found


def _about(media: Media, width: int, height: int) -> SitePicture:
    small = min((each.width for each in renditions_of(media) if each.mimetype == "image/webp"), default=width)
    return SitePicture(address_of(media), media.mimetype, width, height, small_address(media), small)


def shown_handles() -> set[str]:
    """Return the handles of the files that the saved settings, the custom CSS or the theme use."""
    settings = saved_settings()
    texts = [*(getattr(settings, name) for name in NAMES), settings.custom_css, theme_named(settings.theme).css]
    return handles_in(texts)


def kept_handles(session: Session) -> set[str]:
    """Return the handles of `shown_handles`, and those of the files in drafts of the look."""
    drafts = select(SiteSetting.value).where(SiteSetting.name.startswith(DRAFTS, autoescape=True))
    return shown_handles() | handles_in(session.scalars(drafts))
