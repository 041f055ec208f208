"""Writing in Chromium without JavaScript, on narrow and wide screens."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from comment_passes import wait_as_guests_do
from playwright.sync_api import Browser, Page, expect
from qingbo.accounts.roles import AUTHOR
from served_blog import ServedBlog, add_users, serve
from site_menu import within_reach

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery"
TEXT = """今天学到一招 🎉

```python
print("你好，世界")
```

<script>document.title = "broken"</script>
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedBlog]:
    home = tmp_path_factory.mktemp("journeys") / "blog"
    with serve(home) as blog:
        add_users(blog.home, PASSWORD, {"林夏": AUTHOR})
        yield blog


@pytest.fixture(params=[(390, 844), (1280, 900)], ids=["phone", "desk"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, java_script_enabled=False, locale="zh-CN"
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert not [problem for problem in problems if "Content Security Policy" in problem]


def fits(page: Page) -> None:
    """Nothing hangs over the edge: the page does not scroll sideways."""
    page.wait_for_load_state()  # its text is there before its style sheet
    width = page.viewport_size["width"]  # type: ignore[index]
    for box in (page.locator(name).bounding_box() for name in ("main", "header.site-header")):
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def sign_in(page: Page, url: str, name: str = "林夏", password: str = PASSWORD) -> None:
    page.goto(f"{url}/login")
    page.get_by_label("用户名或邮箱").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def test_write_comment_edit_and_delete(served: ServedBlog, page: Page, browser: Browser, request: Any) -> None:
    title = f"写给陌生人的信 {request.node.callspec.id}"
    sign_in(page, served.url)
    within_reach(page, page.get_by_role("link", name="写文章")).click()
    fits(page)
    page.get_by_label("标题", exact=True).fill(title)
    page.get_by_label("正文").fill(TEXT)
    if (folded := page.locator(".settings summary")).is_visible():  # on a phone
        folded.click()
    page.get_by_role("textbox", name="标签").fill("日常，编程")
    page.get_by_role("button", name="预览").click()
    expect(page.locator(".preview code .nb")).to_have_text("print")
    expect(page.get_by_label("正文")).to_have_value(TEXT)
    page.get_by_role("button", name="发布").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator(".prose").first).to_contain_text("今天学到一招 🎉")
    expect(page.locator("code.language-python")).to_contain_text('print("你好，世界")')
    assert page.title().startswith(title)
    fits(page)
    address = page.url
    assert re.search(r"/posts/xie-gei-mo-sheng-ren-de-xin", address)

    window = browser.new_context(viewport=page.viewport_size, java_script_enabled=False, locale="zh-CN")
    guest = window.new_page()
    guest.goto(address)
    guest.get_by_label("昵称").fill("路人")
    guest.get_by_role("textbox", name="评论").fill("写得真好 👍 <script>alert(1)</script>")
    guest.get_by_role("button", name="发布评论").click()
    assert guest.context.cookies() == []
    wait_as_guests_do(guest)
    guest.get_by_role("button", name="发布评论").click()
    expect(guest.locator(".comment")).to_contain_text("写得真好 👍 <script>alert(1)</script>")
    expect(guest.locator(".comment h3")).to_have_text("路人")
    fits(guest)

    page.goto(address)
    page.get_by_role("link", name="编辑").click()
    page.get_by_label("正文").fill("改过的正文")
    page.get_by_role("button", name="更新").click()
    expect(page.locator(".prose").first).to_have_text("改过的正文")
    page.get_by_role("button", name="拒绝 路人").click()
    stranger = browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    stranger.goto(address)
    expect(stranger.locator(".comment")).to_have_count(0)
    stranger.context.close()
    page.get_by_role("link", name="删除", exact=True).first.click()
    page.get_by_role("button", name="移到回收站").click()
    expect(page.get_by_role("status")).to_contain_text(title)
    assert guest.goto(address).status == 404  # type: ignore[union-attr]
    guest.context.close()


def test_a_wrong_password_and_a_comment_too_long_are_said_and_nothing_is_lost(served: ServedBlog, page: Page) -> None:
    sign_in(page, served.url, password="wrong password")
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码错误。")
    sign_in(page, served.url)
    page.goto(f"{served.url}/posts/new")
    page.get_by_label("标题", exact=True).fill("目标")
    page.get_by_label("正文").fill("x")
    page.get_by_role("button", name="发布").click()
    page.get_by_role("textbox", name="评论").fill("长" * 10_001)
    page.get_by_role("button", name="发布评论").click()
    expect(page.get_by_role("alert")).to_contain_text("评论不能超过 10000 个字符（当前 10001 个）。")
    expect(page.get_by_role("textbox", name="评论")).to_have_value("长" * 10_001)


@pytest.mark.parametrize("page", [(390, 844)], indirect=True, ids=["phone"])  # the server does the same on a desk
def test_a_form_of_eight_megabytes_gets_a_page_not_a_broken_connection(served: ServedBlog, page: Page) -> None:
    sign_in(page, served.url)
    page.goto(f"{served.url}/posts/new")
    page.get_by_label("标题", exact=True).fill("大")
    page.get_by_label("正文").fill("x")
    page.get_by_role("button", name="发布").click()
    page.get_by_role("textbox", name="评论").fill("x" * 8 * 1024 * 1024)
    page.get_by_role("button", name="发布评论").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("内容过大")


def test_the_keyboard_alone_reaches_everything(served: ServedBlog, browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN").new_page()
    page.goto(served.url)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到正文")
    page.keyboard.press("Enter")
    page.wait_for_url("**/#content")
    page.goto(f"{served.url}/login")
    reached = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.name || document.activeElement.innerText"))
    assert {"name", "password", "登录", "首页", "归档"} <= reached
    page.context.close()


def test_the_setup_link_begins_a_blog(tmp_path: Path, page: Page) -> None:
    with serve(tmp_path / "blog") as blog:
        page.goto(blog.setup_link)
        fits(page)
        page.get_by_label("用户名").fill("站长")
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_label("确认密码").fill(PASSWORD)
        page.get_by_role("button", name="创建账号").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("设置")
        assert "站长 (administrator)" in blog.qingbo("user", "list")
