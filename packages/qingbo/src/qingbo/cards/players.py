"""Addresses of videos and their players, recognized by the address alone; nothing is fetched."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, urlencode, urlsplit

PLAYER_SITES = ("https://www.youtube-nocookie.com", "https://player.bilibili.com", "https://player.vimeo.com")
"""The only frames that a post's page may load (CSP ``frame-src``)."""

_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_BILIBILI_ID = re.compile(r"(BV[A-Za-z0-9]{10})|av([0-9]{1,15})", re.IGNORECASE)
_VIMEO_PATH = re.compile(
    r"/(?:(?:channels/[\w-]+|groups/[\w-]+/videos|album/\d+/video|showcase/\d+/video|video)/)?"
    r"([0-9]{1,12})(?:/([0-9a-f]{6,20}))?/?",
    re.ASCII,
)
_MOMENT = re.compile(r"(?:([0-9]{1,3})h)?(?:([0-9]{1,4})m)?(?:([0-9]{1,6})s?)?", re.ASCII)
_PART = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Video:
    """A video of a site with a player."""

    site: str
    """The name of the site, as the site spells it."""
    player: str
    """The address of its player, which starts to play at once."""
    description: str = ""
    """The address of its title as JSON (oEmbed); empty if the page itself contains the title."""


def video_at(address: str) -> Video | None:
    """Return the video at an address, or None."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return None
    read = _SITES.get(host)
    if read is None or parts.scheme not in {"http", "https"} or port is not None or "@" in parts.netloc:
        return None
    return read(parts)


def _youtube(parts: SplitResult) -> Video | None:
    query = _query(parts)
    first, _, rest = parts.path.strip("/").partition("/")
    if (parts.hostname or "").endswith("youtu.be"):
        name = first if not rest else ""
    elif first == "watch" and not rest:
        name = query.get("v", "")
    else:
        name = rest if first in {"shorts", "embed", "live", "v"} else ""
    if not _YOUTUBE_ID.fullmatch(name):
        return None
    start = _seconds(query.get("t") or query.get("start") or _fragment(parts).get("t", ""))
    options = {"autoplay": 1} | ({"start": start} if start else {})
    page = quote(f"https://www.youtube.com/watch?v={name}", safe="")
    return Video(
        "YouTube",
        f"{PLAYER_SITES[0]}/embed/{name}?{urlencode(options)}",
        f"https://www.youtube.com/oembed?format=json&url={page}",
    )


def _bilibili(parts: SplitResult) -> Video | None:
    first, _, rest = parts.path.strip("/").partition("/")
    found = _BILIBILI_ID.fullmatch(rest)
    if first != "video" or found is None:
        return None
    query = _query(parts)
    options: dict[str, object] = {"bvid": f"BV{found[1][2:]}"} if found[1] else {"aid": found[2]}
    if _PART.fullmatch(query.get("p", "")):
        options["p"] = query["p"]
    if start := _seconds(query.get("t", "")):
        options["t"] = start
    return Video("Bilibili", f"{PLAYER_SITES[1]}/player.html?{urlencode(options | {'autoplay': 1})}")


def _vimeo(parts: SplitResult) -> Video | None:
    found = _VIMEO_PATH.fullmatch(parts.path)
    if found is None:
        return None
    key = found[2] or _query(parts).get("h", "")
    options: dict[str, object] = {"h": key} if re.fullmatch(r"[0-9a-f]{6,20}", key) else {}
    start = _seconds(_fragment(parts).get("t", ""))
    moment = f"#t={start}s" if start else ""
    page = quote(f"https://vimeo.com/{found[1]}{f'/{key}' if options else ''}", safe="")
    return Video(
        "Vimeo",
        f"{PLAYER_SITES[2]}/video/{found[1]}?{urlencode(options | {'autoplay': 1, 'dnt': 1})}{moment}",
        f"https://vimeo.com/api/oembed.json?url={page}",
    )


_SITES: dict[str, Callable[[SplitResult], Video | None]] = {
    **dict.fromkeys(
        ("youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be", "youtube-nocookie.com"), _youtube
    ),
    **dict.fromkeys(("bilibili.com", "m.bilibili.com"), _bilibili),
    **dict.fromkeys(("vimeo.com", "player.vimeo.com"), _vimeo),
}


def _query(parts: SplitResult) -> dict[str, str]:
    return _first_values(parts.query)


def _fragment(parts: SplitResult) -> dict[str, str]:
    return _first_values(parts.fragment)


def _first_values(text: str) -> dict[str, str]:
    try:
        return {name: values[0] for name, values in parse_qs(text, max_num_fields=50).items()}
    except ValueError:
        return {}


def _seconds(text: str) -> int:
    """Return a time in a video in seconds, from ``90``, ``90s`` or ``1h2m3s``; 0 if it is none of these."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return 0
    hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return hours * 3600 + minutes * 60 + seconds
