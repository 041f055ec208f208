"""A person's profile. Flushes; the caller commits."""

import hashlib
import io
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from qingbo.accounts.models import BIO_LENGTH, LINK_LENGTH, MOST_LINKS, NAME_LENGTH, Avatar, User
from qingbo.accounts.names import clean
from qingbo.accounts.queries import is_name_of_another
from qingbo.errors import InputRefused
from qingbo.languages import LANGUAGES
from qingbo.rendering.characters import on_one_line, without_controls

PIXELS = 192
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 25_000_000
"""A limit on pixels, because a small file can hold a picture that fills the memory."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def change_profile(session: Session, user: User, *, display_name: str, bio: str, links: str, language: str) -> None:
    """Change a person's public profile.

    Raises:
        InputRefused: if a value is invalid; nothing is changed.
    """
    shown = _checked_shown_name(session, user, display_name)
    about = without_controls(bio).strip()
    if len(about) > BIO_LENGTH:
        raise InputRefused(
            _("The text can have up to %(most)s characters (yours has %(count)s).", count=len(about), most=BIO_LENGTH)
        )
    addresses = [_checked_link(line.strip()) for line in links.splitlines() if line.strip()]
    if len(addresses) > MOST_LINKS:
        raise InputRefused(_("You can add up to %(most)s links.", most=MOST_LINKS))
    user.display_name, user.bio = shown or None, about or None
    user.links = "\n".join(addresses) or None
    user.language = language if language in LANGUAGES else None
    session.flush()


def set_avatar(session: Session, user: User, file: bytes) -> None:
    """Set a person's picture to a small square copy of a file. Metadata, such as the place, is dropped.

    Raises:
        InputRefused: if the file is not a picture, or too large.
    """
    data = _drawn_anew(file)
    digest = hashlib.sha256(data).hexdigest()
    if session.scalar(select(Avatar.digest).where(Avatar.digest == digest)) is None:
        session.add(Avatar(digest=digest, data=data))
    user.avatar = digest
    session.flush()


def remove_avatar(session: Session, user: User) -> None:
    """Return to the picture that is drawn from the name."""
    user.avatar = None
    session.flush()


def _drawn_anew(file: bytes) -> bytes:
    from PIL import Image, ImageOps, UnidentifiedImageError  # 10 MB; loaded only for an upload

    if len(file) > MOST_BYTES:
        raise InputRefused(_("The image is larger than %(most)s MB.", most=MOST_BYTES // 1024**2))
    try:
        with Image.open(io.BytesIO(file), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise InputRefused(_("The image has more than %(most)s megapixels.", most=MOST_PIXELS // 10**6))
            image.draft("RGB", (PIXELS, PIXELS))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
            square = ImageOps.fit(upright, (PIXELS, PIXELS))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise InputRefused(_("This image can’t be read. Use JPEG, PNG, WebP or GIF.")) from None
    paper = Image.new("RGB", square.size, "white")
    paper.paste(square, mask=square.getchannel("A"))
    drawn = io.BytesIO()
    paper.save(drawn, "WEBP", quality=82)
    return drawn.getvalue()


def _checked_shown_name(session: Session, user: User, name: str) -> str:
    shown = clean(on_one_line(name))
    if len(shown) > NAME_LENGTH:
        raise InputRefused(
            _("Names can have up to %(most)s characters (yours has %(count)s).", count=len(shown), most=NAME_LENGTH)
        )
    if shown and is_name_of_another(session, shown, user):
        raise InputRefused(_("The name %(name)s is taken. Choose another one.", name=shown))
    return shown


def _checked_link(address: str) -> str:
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web or len(address) > LINK_LENGTH or any(each.isspace() for each in address):
        raise InputRefused(_("“%(link)s” isn’t a valid URL. URLs start with https://.", link=address[:60]))
    return address
