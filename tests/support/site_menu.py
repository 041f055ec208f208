"""The site's menu in a browser; on narrow screens a button opens it."""

from playwright.sync_api import Locator, Page


def open_menu(page: Page) -> None:
    """Open the menu where it is folded."""
    page.wait_for_load_state("load")
    button = page.locator(".menu-button")
    if button.is_visible() and not page.locator("#site-menu").is_visible():
        button.click()


def within_reach(page: Page, link: Locator) -> Locator:
    """Return a link, with the menu opened where the page itself does not show it."""
    page.wait_for_load_state("load")
    if not link.is_visible():
        open_menu(page)
    return link
