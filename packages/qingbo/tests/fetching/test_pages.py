"""Metadata is read from any kind of page, and returned as plain text."""

import json

import pytest
from qingbo.fetching.fetcher import Fetched
from qingbo.fetching.pages import DESCRIPTION_LENGTH, TITLE_LENGTH, Page, read_oembed, read_page
from work_counting import cpu_seconds


def read(html: str | bytes, charset: str = "") -> Page:
    body = html if isinstance(html, bytes) else html.encode()
    return read_page(Fetched("https://a.example/posts/1", "text/html", charset, body))


def test_open_graph_comes_before_twitter_and_both_before_html() -> None:
    html = """<html><head><title>HTML</title><meta name=description content="of HTML">
      <meta name="twitter:title" content="Twitter"><meta name="twitter:description" content="of Twitter">
      <meta name="twitter:image" content="/t.png">"""
    assert read(html) == Page("Twitter", "of Twitter", "", "https://a.example/t.png")
    html += """<meta property="og:title" content="Open &amp; Graph"><meta property='og:description' content='of OG'>
      <meta property=og:site_name content=Site><META PROPERTY="OG:Image" CONTENT="pic.png">"""
    assert read(html) == Page("Open & Graph", "of OG", "Site", "https://a.example/posts/pic.png")
    plain = read("<title> Only\n a &lt;b&gt; title </title><p>text</p><svg><title>icon</title></svg>")
    assert plain == Page("Only a <b> title")


@pytest.mark.parametrize("html", ["", "text", "<", "<title>", "<title></title>", "<meta>", "<meta content=x>", "\x00"])
def test_a_page_may_say_nothing(html: str) -> None:
    assert read(html) == Page()


CHINESE = "<title>好的落款要用手写</title>"


@pytest.mark.parametrize(
    ("codec", "header", "meta"),
    [
        ("gb18030", "gbk", ""), ("gb18030", "GB2312", ""), ("gb18030", "", '<meta charset="gbk">'), ("gb18030", "", ""),
        ("gbk", "", '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'),
        ("utf-8", "", ""), ("utf-8", "utf-8", "<meta charset=gbk>"), ("utf-8-sig", "gbk", ""), ("utf-16", "", ""),
        ("utf-8", "zip", ""), ("utf-8", "unicode_escape", ""), ("utf-8", "", "<meta charset=utf-16>"),
        ("big5", "", "<meta charset=Big5>"),
    ],
)  # fmt: skip
def test_chinese_in_whatever_encoding(codec: str, header: str, meta: str) -> None:
    words = CHINESE if codec != "big5" else "<title>落款</title>"
    assert read((meta + words).encode(codec), header).title in words


@pytest.mark.parametrize(("header", "raw", "title"), [
    ("iso-8859-1", b"caf\xe9 \x80", "café €"), ("", b"caf\xe9", "café"), ("shift_jis", b"\x93\xfa\x96{", "日本"),
    ("euc-kr", b"\xc7\xd1\xb1\xdb", "한글"), ("windows-1251", b"\xcc\xe8\xf0", "Мир"),
])  # fmt: skip
def test_other_encodings(header: str, raw: bytes, title: str) -> None:
    assert read(b"<title>" + raw + b"</title>", header).title == title


def test_what_cannot_be_seen_or_turns_the_text_goes_and_what_is_long_is_cut() -> None:
    page = read(
        f'<title>a\u202eb\u0007c\u200b d&#x202e;&#0;e\ud7ff</title><meta name=description content="{"x" * 9000}">'
    )
    assert page.title == "a b c d �e\ud7ff"
    assert page.description == "x" * (DESCRIPTION_LENGTH - 1) + "…"
    assert len(read(f"<title>{'字' * 5000}</title>").title) == TITLE_LENGTH


@pytest.mark.parametrize("picture", [
    "javascript:alert(1)", "data:image/png;base64,x", "ftp://a.example/x", "http://", "https://a.example/" + "x" * 2000,
    "http://[::1", "x\u202ey", "a b",
])  # fmt: skip
def test_a_picture_is_an_address_of_the_web(picture: str) -> None:
    assert read(f'<meta property="og:image" content="{picture}">').picture == ""


@pytest.mark.slow
def test_a_hostile_page_takes_no_longer_than_another() -> None:
    """html.parser would take minutes for most of them."""
    units = ["<", "<a", "<!--", "<!", "<?", "</", "<title", "<title>", "<title></", "<meta ", "<meta content='",
             "<svg>", "<meta a=", "<![CDATA[", "<script>", "<script></script>", "<!---->", "&", "&#", "<meta a=b ",
             "<meta name=a content=b>", "<title>a</title>", "<a b='", "<meta charset", "<meta charset ", "\0", "中",
             "<meta name=x content=&", " ", "<meta/", "\u202e"]  # fmt: skip
    pages = [(unit * (400_000 // len(unit.encode()))).encode() for unit in units]
    said: set[str] = set()
    assert cpu_seconds(lambda: said.update(read(page).description for page in pages)) < 20
    assert said == {""}
    assert read("<title>&#" + "9" * 9000 + ";</title>").title
    assert read('<meta name=description content="&#' + "9" * 9000 + ';">').description


@pytest.mark.parametrize("html", [
    "<!-- <title>no</title> --><title>yes</title>", "<script>'<title>no</title>'</SCRIPT ><title>yes</title>",
    "<svg><title>no</title></svg><title>yes</title>", "<TITLE\n>yes</TITLE><title>no</title>", "<title id='a'>yes</b>",
    "<titles>no</titles><title>yes", "<title>yes</title><!-- <meta property=og:title content=no>",
    "<meta content=no><meta content = 'yes' Property = og:title>", '<meta property="og:title" content="yes"/>',
    "<meta property=og:title content=><title>yes</title>", "<meta a=\"><title>yes</title>", "<meta =<title>yes</title>",
])  # fmt: skip
def test_the_tags_of_a_page_are_found_and_no_others(html: str) -> None:
    assert read(html).title == "yes"


def test_what_sites_of_videos_say_as_json() -> None:
    said = {
        "title": "A\u202e film",
        "author_name": "Ann",
        "provider_name": "YouTube",
        "thumbnail_url": "https://i.example/1.jpg",
    }
    body = json.dumps(said).encode()
    page = read_oembed(Fetched("https://a.example", "application/json", "", body))
    assert page == Page("A film", "Ann", "YouTube", "https://i.example/1.jpg")
    for other in (b"", b"[]", b"1", b"[" * 100_000, b'{"title": 1, "thumbnail_url": {}}', b"\xff"):
        assert read_oembed(Fetched("https://a.example", "application/json", "", other)) == Page()
