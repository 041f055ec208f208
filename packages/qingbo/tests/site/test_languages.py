"""The language of a page, and that everything on the page is in it."""

import re
from typing import Any

import pytest
from qingbo.rendering.languages import language_of


def page(blog: Any, path: str = "/", accept: str = "", visitor: Any = None) -> Any:
    return (visitor or blog.visitor()).get(path, headers={"Accept-Language": accept} if accept else {})


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "en"),  # the site's own
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh-TW", "zh-Hans"),
        ("en-GB", "en"),
        ("fr, zh;q=0.5", "zh-Hans"),
        ("fr", "en"),
        ("*", "zh-Hans"),
        ("zh;q=x, \x7f", "en"),
    ],
)
def test_the_browser_says_the_language(blog: Any, accept: str, expected: str) -> None:
    assert f'<html lang="{expected}">' in page(blog, accept=accept).text


def test_a_choice_wins_over_the_browser_and_lasts(blog: Any) -> None:
    visitor = blog.visitor()
    answer = visitor.send("/language", page="/", language="zh", back="/archive?x=1")
    assert (answer.status_code, answer.location) == (303, "/archive?x=1")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "归档" in page(blog, accept="en", visitor=visitor).text
    assert visitor.send("/language", page="/", language="xx").status_code == 400
    assert visitor.send("/language", page="/", language="en", back="//evil.example").location == "/"


def test_an_account_keeps_its_language_on_every_device(blog: Any) -> None:
    blog.visitor("ann").send("/language", page="/", language="zh")
    assert "归档" in page(blog, accept="en", visitor=blog.visitor("ann")).text


def test_caches_are_told_what_a_page_depends_on(blog: Any) -> None:
    slug = blog.post("Post").slug
    for path in ("/", f"/posts/{slug}", "/archive"):
        headers = page(blog, path).headers
        assert {"accept-language", "cookie"} <= {each.strip().lower() for each in headers["Vary"].split(",")}
        chinese = [page(blog, path, "zh").data for _ in range(2)]
        assert chinese[0] == chinese[1] != page(blog, path, "en").data


def test_every_element_in_another_language_says_so(blog: Any) -> None:
    blog.post("你好，世界", "今天天气很好。", tags=["日常"])
    blog.post("Hello", "It is a fine day.", tags=["English"])
    blog.post("Guten Tag", "Heute ist schönes Wetter.", language="de")
    text = page(blog, "/", "en").text
    assert '<h3 lang="zh-Hans"><a href="/posts/ni-hao-shi-jie">' in text
    assert '<p class="excerpt" lang="zh-Hans">今天天气很好。' in text
    assert re.search(r'lang="zh-Hans">日常<', text)
    assert '<h2 lang="de"><a href="/posts/guten-tag">' in text
    assert '<h3><a href="/posts/hello">' in text
    text = page(blog, "/posts/hello", "zh").text
    assert '<div class="prose article e-content" lang="en" ' in text
    assert '<button type="submit" class="plain" name="language" value="en" lang="en">English</button>' in text


def test_dates_and_numbers_are_the_languages(blog: Any) -> None:
    from datetime import UTC, datetime

    blog.post("Day", published_at=datetime(2026, 5, 4, 3, tzinfo=UTC))
    assert "2026年5月4日" in page(blog, "/", "zh").text
    assert "May 4, 2026" in page(blog, "/", "en").text


def test_errors_are_in_the_language_too(blog: Any) -> None:
    assert "Page not found" in page(blog, "/no", "en").text
    assert "找不到" in page(blog, "/no", "zh").text
    assert "你没有权限" in page(blog, "/posts/new", "zh", blog.visitor("rita", "reader")).text
    answer = blog.visitor()
    answer.headers = answer.headers | {"Accept-Language": "zh"}
    assert "用户名或密码错误。" in answer.send("/login", name="a", password="b").text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("你好", "zh-Hans"), ("Hello", "en"), ("用二十行 Python 画一张年历", "zh-Hans"), ("こんにちは世界", "ja"),
        ("안녕", "ko"), ("Привет", "ru"), ("", ""), ("123 !", ""), ("🎉", ""), ("A 你", "zh-Hans"),
    ],
)  # fmt: skip
def test_a_script_says_a_language(text: str, expected: str) -> None:
    assert language_of(text) == expected
