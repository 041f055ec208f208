"""The referring site, from what a browser sends."""

import pytest
from qingbo.pageviews.referrers import host_of, referring_host

LONG = "a" * 60 + "." + "b" * 60 + ".example"


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://www.zhihu.com", "zhihu.com"),
        ("https://ZHIHU.com:8443/question/1?q=secret#x", "zhihu.com"),
        ("http://user:password@example.com.", "example.com"),
        ("https://xn--fiq228c.xn--55qx5d", "xn--fiq228c.xn--55qx5d"),
        ("http://192.168.0.1", "192.168.0.1"),
        ("https://under_score.example", "under_score.example"),
        ("", ""),
        ("https://", ""),
        ("null", ""),
        ("zhihu.com", ""),
        ("javascript://zhihu.com", ""),
        ("android-app://com.example.app", ""),
        ("https://localhost", ""),
        ("https://[::1]", ""),
        ("https://[", ""),
        ("https://*", ""),
        ("https://<b>.example", ""),
        ("https://a..example", ""),
        ("https://-a.example", ""),
        ("https://中文.example", ""),  # browsers write it in ASCII
        (f"https://{LONG}", ""),
        ("https://blog.example.com", ""),
        ("https://www.blog.example.com/posts/a", ""),
        ("http://own.example", ""),
    ],
)
def test_the_host_of_a_referrer(referrer: str, host: str) -> None:
    own = tuple(host_of(each) for each in ("WWW.blog.example.com:8080", "https://own.example", ""))
    assert referring_host(referrer, own) == host


def test_a_hostile_referrer_is_read_at_once() -> None:
    assert referring_host("https://" + "a-" * 50_000 + "!") == ""
