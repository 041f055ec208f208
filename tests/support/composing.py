"""Shared helpers for journeys of writers: accounts, signed-in windows, and the editor's form."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import qingbo
from babel.support import NullTranslations, Translations
from combinations import has_all
from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Page, expect
from qingbo.accounts.roles import ADMINISTRATOR, AUTHOR
from served_blog import ServedBlog, add_users

PASSWORD = "correct horse battery"
ACCOUNTS = {"ann": ADMINISTRATOR, "ben": ADMINISTRATOR, "cat": AUTHOR}
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@dataclass(frozen=True)
class Look:
    """How somebody sees the blog. Those below have every two of their values together."""

    script: bool
    size: Any
    language: str

    def __str__(self) -> str:
        names = ("js" if self.script else "no-js", "desk" if self.size == DESK else "phone", self.language)
        return "-".join(names)


JS_DESK_EN, JS_PHONE_ZH = Look(True, DESK, "en"), Look(True, PHONE, "zh")
PLAIN_PHONE_EN, PLAIN_DESK_ZH = Look(False, PHONE, "en"), Look(False, DESK, "zh")
ENGLISH, CHINESE = (JS_DESK_EN, PLAIN_PHONE_EN), (JS_PHONE_ZH, PLAIN_DESK_ZH)


def in_looks(looks: tuple[Look, ...]) -> pytest.MarkDecorator:
    """Run a test in two looks, with scripts and without, on a desk and on a phone; in `make prove` in all four."""
    others = [look for look in (*ENGLISH, *CHINESE) if look not in looks]
    return pytest.mark.parametrize("look", [*looks, *(others if has_all() else ())], ids=str)


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(Path(qingbo.__file__).parent / "translations", [language])


def shown(look: Look, text: str) -> str:
    """Return a text of the blog's pages in the language of a look."""
    return str(_catalogue(look.language).gettext(text))


@dataclass
class Writers:
    """A served blog, and the people who write it, each signed in once."""

    blog: ServedBlog
    browser: Browser
    known: dict[str, Any] = field(default_factory=dict)
    opened: list[BrowserContext] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.blog.url

    def window(self, look: Look = JS_DESK_EN, name: str | None = None) -> Page:
        """Open a window of somebody, of a guest without a name."""
        page = self._context(look, self._known(name) if name else None).new_page()
        page.on("pageerror", lambda error: self._note(str(error)))
        page.on("console", lambda each: self.problems.append(each.text) if "Content Security" in each.text else None)
        return page

    def asking(self, name: str | None = None) -> APIRequestContext:
        """Return who asks for pages without a window."""
        return self._context(PLAIN_DESK_ZH, self._known(name) if name else None).request

    def close(self) -> None:
        """Close every window. No script may have failed in one."""
        for context in self.opened:
            context.close()
        self.opened.clear()
        problems, self.problems = self.problems, []
        assert problems == []

    def _note(self, error: str) -> None:
        # Chromium gives a transition up where the next page has a stylesheet that it does not know yet, and says so.
        if "ViewTransition opt-in disabled" not in error:
            self.problems.append(error)

    def _context(self, look: Look, state: Any) -> BrowserContext:
        locale = {"en": "en-US", "zh": "zh-CN"}[look.language]
        context = self.browser.new_context(
            viewport=look.size, locale=locale, java_script_enabled=look.script, storage_state=state
        )
        self.opened.append(context)
        return context

    def _known(self, name: str) -> Any:
        """Return what a browser knows of somebody who signed in."""
        if name not in self.known:
            context = self._context(JS_DESK_EN, None)
            sign_in(context.new_page(), self.url, name)
            self.known[name] = context.storage_state()
        return self.known[name]


def add_accounts(home: Path) -> None:
    """Give a blog its writers."""
    add_users(home, PASSWORD, ACCOUNTS)


def sign_in(page: Page, url: str, name: str = "ann") -> None:
    page.goto(f"{url}/login")
    fill_in_sign_in(page, name)
    page.wait_for_url(f"{url}/")


def fill_in_sign_in(page: Page, name: str) -> None:
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()


def choose(page: Page, kind: str) -> None:
    page.locator(f"[name=kind][value={kind}] + label").click()


def fill(page: Page, fields: dict[str, str]) -> None:
    for name, words in fields.items():
        page.locator(f".composer [name={name}]").fill(words)


def press(page: Page, action: str) -> None:
    """Press a button of the form by what it does: publish, draft or preview."""
    page.locator(f".composer button[value={action}]").click()


def open_settings(page: Page) -> None:
    """Show the fields beside the text."""
    for name in (".settings summary", "[data-shows=settings]"):
        if (switch := page.locator(name)).is_visible():
            switch.click()


def save(page: Page, *, words: str = "") -> str:
    """Publish or update what is in the form, and return the address of the post that is shown then."""
    press(page, "publish")
    expect(page.locator(".post .prose")).to_contain_text(words)
    page.wait_for_load_state()  # the end of the page and its style sheet come later
    return page.url


def publish(page: Page, url: str, **fields: str) -> str:
    """Write a post and publish it; return its address."""
    page.goto(f"{url}/posts/new")
    fill(page, fields)
    return save(page)


def expect_saved(page: Page) -> None:
    expect(page.locator(".saving")).to_contain_text("Saved")
