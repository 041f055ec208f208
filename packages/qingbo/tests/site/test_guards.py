"""Checks of every request: https if the blog has it, and a limit on fields."""

from typing import Any

import pytest
from qingbo.app import create_app
from werkzeug import formparser

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("address", ["https://blog.example.com", "http://blog.example.com", None])
def test_an_https_blog_is_asked_for_by_https_only(blog: Any, address: str | None) -> None:
    if address:
        with (blog.home / "qingbo.toml").open("a") as file:
            file.write(f'address = "{address}"\n')
    client = create_app(blog.home).test_client()
    for path in ("/", "/nothing", "/static/css/theme.css", "/login"):
        said = client.get(path, base_url="https://blog.example.com", buffered=True).headers.get(
            "Strict-Transport-Security"
        )
        assert said == ("max-age=31536000" if address and address.startswith("https") else None)
        plain = client.get(path, base_url="http://blog.example.com", buffered=True).headers
        assert "Strict-Transport-Security" not in plain


@pytest.mark.parametrize("path", ["/login", "/reset", "/posts/nothing", "/studio/comments", "/nothing"])
def test_a_form_of_very_many_fields_is_refused_unread(blog: Any, path: str) -> None:
    body = "&".join(f"f{number}=" for number in range(200_000))
    read: list[str] = []

    def note(text: str, **options: Any) -> list[tuple[str, str]]:
        read.append(text)
        return list(parse(text, **options))

    parse = formparser.parse_qsl
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(formparser, "parse_qsl", note)
        response = blog.visitor().post(path, data=body, content_type=FORM)
        assert response.status_code == 413
        assert "up to 1000 fields" in response.text
        assert read == []
        fewer = "&".join(f"f{number}=" for number in range(1000))
        assert blog.visitor().post(path, data=fewer, content_type=FORM).status_code != 413
        assert len(read) == 1
    assert blog.visitor().get("/?" + "a=1&" * 1001).status_code == 414
