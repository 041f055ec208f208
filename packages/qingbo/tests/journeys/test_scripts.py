"""Scripts of the public pages, and using the site by keyboard."""

from collections.abc import Iterator

import pytest
from comment_passes import use_old_pass, wait_as_guests_do
from playwright.sync_api import Browser, Page, expect
from qingbo.accounts.roles import AUTHOR
from served_blog import ServedBlog, add_users, serve

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery"
POST = "/posts/a-blog-that-fits-in-a-folder"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedBlog]:
    environment = {"QINGBO_COMMENT_CHALLENGE": "true", "QINGBO_COMMENT_HOLD": "none"}
    with serve(tmp_path_factory.mktemp("scripts") / "blog", "--demo", environment=environment) as blog:
        add_users(blog.home, PASSWORD, {"ann": AUTHOR})
        yield blog


def window(browser: Browser, *, script: bool = True, scheme: str = "light") -> Page:
    options = {"viewport": {"width": 1280, "height": 900}, "locale": "en-US", "color_scheme": scheme}
    return browser.new_context(java_script_enabled=script, **options).new_page()  # type: ignore[arg-type]


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_a_browser_with_javascript_does_the_work_itself(served: ServedBlog, browser: Browser) -> None:
    page = window(browser)
    page.goto(f"{served.url}{POST}".replace("127.0.0.1", "localhost"))
    page.locator("[name=name]").fill("Worker")
    page.locator("[name=text]").fill("I did some work.")
    wait_as_guests_do(page)
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator(".comment .prose").last).to_have_text("I did some work.")
    page.context.close()


def test_a_browser_without_waits_instead(served: ServedBlog, browser: Browser) -> None:
    page = window(browser, script=False)
    page.goto(f"{served.url}{POST}")
    page.locator("[name=name]").fill("Waiter")
    page.locator("[name=text]").fill("I have time.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_role("status")).to_contain_text("wait 20 seconds")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_role("alert")).to_contain_text("too quickly")
    use_old_pass(page, served.home)
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator(".comment .prose").last).to_have_text("I have time.")
    page.context.close()


def test_colours_are_the_systems_until_somebody_chooses_and_do_not_flash(served: ServedBlog, browser: Browser) -> None:
    page, other = window(browser), window(browser, scheme="dark")
    for each in (page, other):
        each.goto(served.url)
    light, dark = background(page), background(other)
    assert light != dark
    button = page.locator("#theme-button")
    expect(button).to_have_accessible_name("Color mode: system")
    for name, colour in (("light", light), ("dark", dark)):
        button.press("Enter")
        expect(button).to_have_accessible_name(f"Color mode: {name}")
        assert background(page) == colour
    # Set before the first frame is painted.
    page.add_init_script("""
      requestAnimationFrame(() => { window.first = document.documentElement.dataset.theme || "system"; });
    """)
    page.reload()
    assert page.wait_for_function("window.first").json_value() == "dark"
    assert background(page) == dark
    plain = window(browser, script=False)
    plain.goto(served.url)
    expect(plain.locator("#theme-button")).not_to_be_visible()
    for each in (page, other, plain):
        each.context.close()


class Keyboard:
    """Somebody without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, name: str) -> None:
        """Press Tab until something is reached by its accessible name or its text."""
        for _ in range(80):
            self.page.keyboard.press("Tab")
            seen = self.page.evaluate(
                "() => { const at = document.activeElement;"
                " return [at.labels?.[0]?.innerText, at.innerText].map(text => text?.trim()); }"
            )
            if name in seen:
                return
        raise AssertionError(f"{name} cannot be reached")

    def type(self, name: str, text: str) -> None:
        self.reach(name)
        self.page.keyboard.type(text)

    def press(self, name: str) -> None:
        self.reach(name)
        self.page.keyboard.press("Enter")


def test_the_keyboard_alone_signs_in_writes_comments_and_signs_out(served: ServedBlog, browser: Browser) -> None:
    page = window(browser)
    keys = Keyboard(page)
    page.goto(served.url)
    keys.press("Sign in")
    page.wait_for_url("**/login")
    keys.type("Username or email", "ann")
    keys.type("Password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served.url}/")
    keys.press("Write")
    page.wait_for_url("**/posts/new")
    keys.type("Title", "By keyboard")
    keys.type("Text", "No mouse.")
    keys.press("Publish")
    page.wait_for_url("**/posts/by-keyboard")
    keys.type("Comment", "Nor here.")
    keys.press("Post comment")
    expect(page.locator(".comment .prose")).to_have_text("Nor here.")
    page.goto(f"{served.url}/posts/by-keyboard")
    keys.press("Account")
    page.wait_for_url("**/account")
    keys.press("Sign out")
    page.wait_for_url("**/logout")
    keys.press("Sign out of all devices")
    page.wait_for_url("**/login")
    page.context.close()
