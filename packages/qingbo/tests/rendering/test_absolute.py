"""Making the addresses in sanitized HTML absolute."""

import pytest
from qingbo.rendering.absolute import with_absolute_addresses

PAGE = "https://blog.example.com/posts/post"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="#a">', f'<a href="{PAGE}#a">'),
        ('<a href="">', f'<a href="{PAGE}">'),
        ('<a href="?p=2">', f'<a href="{PAGE}?p=2">'),
        ('<a href=" /中文 ">', '<a href="https://blog.example.com/中文">'),
        ('<a href="http://[">', '<a href="http://[">'),
        ('<a title="x href=" href="/y">', '<a title="x href=" href="https://blog.example.com/y">'),
        ('<img alt="a > b" src="c.png">', '<img alt="a > b" src="https://blog.example.com/posts/c.png">'),
        (
            '<img srcset="a.png 1x, /b,c.png 2x">',
            '<img srcset="https://blog.example.com/posts/a.png 1x, https://blog.example.com/b,c.png 2x">',
        ),
        ('<img srcset="/a.png,b.png">', '<img srcset="https://blog.example.com/a.png,b.png">'),
        ('<img srcset="data:image/png;base64,AA= 1x">', '<img srcset="data:image/png;base64,AA= 1x">'),
        ('<p>href="x" &lt;a href="x"&gt;</p>', '<p>href="x" &lt;a href="x"&gt;</p>'),
    ],
)
def test_an_address_is_the_one_that_the_page_means(html: str, expected: str) -> None:
    assert with_absolute_addresses(html, PAGE) == expected
