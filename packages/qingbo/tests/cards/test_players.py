"""Videos are recognized by their address alone, with start time and part."""

from urllib.parse import urlsplit

import pytest
from qingbo.cards.players import PLAYER_SITES, video_at

YOUTUBE = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1"
BILIBILI = "https://player.bilibili.com/player.html?bvid=BV1xx411c7mD"
VIMEO = "https://player.vimeo.com/video/76979871?"

VIDEOS = {
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ": YOUTUBE,
    "http://youtube.com/watch?v=dQw4w9WgXcQ": YOUTUBE,
    "https://m.youtube.com/watch?app=m&v=dQw4w9WgXcQ&list=PL1&index=2": YOUTUBE,
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=90": f"{YOUTUBE}&start=90",
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=1h2m3s": f"{YOUTUBE}&start=3723",
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ#t=2m": f"{YOUTUBE}&start=120",
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=evil": YOUTUBE,
    "https://youtu.be/dQw4w9WgXcQ": YOUTUBE,
    "https://youtu.be/dQw4w9WgXcQ?si=abc&t=43s": f"{YOUTUBE}&start=43",
    "https://www.youtube.com/shorts/dQw4w9WgXcQ": YOUTUBE,
    "https://www.youtube.com/embed/dQw4w9WgXcQ?start=7": f"{YOUTUBE}&start=7",
    "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ": YOUTUBE,
    "https://www.youtube.com/live/dQw4w9WgXcQ": YOUTUBE,
    "https://music.youtube.com/watch?v=dQw4w9WgXcQ": YOUTUBE,
    "https://www.bilibili.com/video/BV1xx411c7mD": f"{BILIBILI}&autoplay=1",
    "https://www.bilibili.com/video/BV1xx411c7mD/?spm_id_from=333&p=2&t=61.5": f"{BILIBILI}&p=2&autoplay=1",
    "https://m.bilibili.com/video/bv1xx411c7mD?p=3&t=61": f"{BILIBILI}&p=3&t=61&autoplay=1",
    "https://bilibili.com/video/av170001/": "https://player.bilibili.com/player.html?aid=170001&autoplay=1",
    "https://vimeo.com/76979871": f"{VIMEO}autoplay=1&dnt=1",
    "https://vimeo.com/channels/staffpicks/76979871": f"{VIMEO}autoplay=1&dnt=1",
    "https://vimeo.com/76979871/abcdef0123": f"{VIMEO}h=abcdef0123&autoplay=1&dnt=1",
    "https://player.vimeo.com/video/76979871?h=abcdef0123#t=1m2s": f"{VIMEO}h=abcdef0123&autoplay=1&dnt=1#t=62s",
}


@pytest.mark.parametrize("address", VIDEOS)
def test_a_video_is_known_from_its_address(address: str) -> None:
    video = video_at(address)
    assert video is not None
    assert video.player == VIDEOS[address]
    assert video_at(address.replace("https://", "HTTPS://")) == video
    assert f"https://{urlsplit(video.player).netloc}" in PLAYER_SITES


@pytest.mark.parametrize(
    "address",
    [
        "https://www.youtube.com/", "https://www.youtube.com/@somebody", "https://www.youtube.com/watch",
        "https://www.youtube.com/watch?v=short", "https://www.youtube.com/watch?v=dQw4w9WgXcQ%22onload=",
        "https://www.youtube.com/embed/../dQw4w9WgXcQ", "https://www.youtube.com/playlist?list=PL1",
        "https://youtu.be/dQw4w9WgXcQ/x", "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
        "https://evil.example/youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube.com@evil.example/watch?v=dQw4w9WgXcQ",
        "https://evil@www.youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube.com:8080/watch?v=dQw4w9WgXcQ",
        "ftp://www.youtube.com/watch?v=dQw4w9WgXcQ", "javascript://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://b23.tv/abc123", "https://www.bilibili.com/read/cv1", "https://www.bilibili.com/video/BV1",
        "https://live.bilibili.com/1", "https://vimeo.com/", "https://vimeo.com/about", "https://vimeo.com/76979871/likes",
        "https://vimeo.com/٧٦٩", "https://[::1", "https://", "", "https://a.example/x",
        "https://www.youtube.com/watch?" + "a=1&" * 100 + "v=dQw4w9WgXcQ",
    ],
)  # fmt: skip
def test_any_other_page_is_none(address: str) -> None:
    assert video_at(address) is None
