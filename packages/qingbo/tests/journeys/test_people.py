"""From set-up to signing out everywhere, in Chromium: with and without JavaScript, narrow and wide, in zh and en."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import product
from typing import Any

import messages
import pyotp
import pytest
from babel.messages.pofile import read_po
from combinations import has_all
from comment_passes import use_old_pass
from database_servers import free_port
from mail_server import Inbox, mail_server
from playwright.sync_api import Browser, BrowserContext, Page, expect
from qingbo.home import DataFolder
from served_blog import ServedBlog, serve
from site_menu import within_reach

pytestmark = pytest.mark.slow

ROOT, BEN, NEW = "correct horse battery", "a staple for the horse", "quite another horse"
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
LOCALES = {"zh": "zh-CN", "en": "en-US"}
COMBINATIONS = [
    pytest.param(script, size, language, id=f"{'js' if script else 'no-js'}-{size}-{language}")
    for script, size, language in product((True, False), SIZES, LOCALES)
    # Half of them: every two values meet. `make prove` takes the others, too.
    if has_all() or (script + (size == "phone") + (language == "zh")) % 2
]

Say = Callable[..., str]


def speaker(language: str) -> Say:
    """Return a function that says a text of the source in a language."""
    with messages.CATALOGUE.open("rb") as file:
        chinese = {text.id: text.string for text in read_po(file, locale="zh")}

    def say(text: str, **values: Any) -> str:
        said = str(chinese[text]) if language == "zh" else text
        return said % values if values else said

    return say


class Journey:
    """People with windows of their own, and one mail server for all."""

    def __init__(
        self, browser: Browser, blog: ServedBlog, inbox: Inbox, script: bool, size: str, language: str
    ) -> None:
        self.browser = browser
        self.url = blog.url.replace("127.0.0.1", "localhost")  # passkeys belong to a name, not to a number
        self.setup_link = blog.setup_link.replace("127.0.0.1", "localhost")
        self.home = blog.home
        self.inbox = inbox
        self.script = script
        self.say = speaker(language)
        width, height = SIZES[size]
        self.options = {"viewport": {"width": width, "height": height}, "locale": LOCALES[language]}
        self.contexts: list[BrowserContext] = []

    def window(self) -> Page:
        """Open a window of a new person, or of the same one elsewhere."""
        context = self.browser.new_context(java_script_enabled=self.script, **self.options)  # type: ignore[arg-type]
        self.contexts.append(context)
        return context.new_page()

    def press(self, page: Page, text: str, **values: Any) -> None:
        page.get_by_role("button", name=self.say(text, **values), exact=True).first.click()

    def go(self, page: Page, text: str) -> None:
        within_reach(page, page.get_by_role("link", name=self.say(text), exact=True).first).click()

    def fill(self, page: Page, **fields: str) -> None:
        for name, text in fields.items():
            page.locator(f"main [name={name}]").fill(text)

    def expect_said(self, page: Page, text: str, **values: Any) -> None:
        expect(page.locator("main")).to_contain_text(self.say(text, **values))

    def link_to(self, recipient: str, nth: int = 0) -> str:
        """Return a link of the next mail to somebody."""
        return re.findall(r"http://\S+", self.inbox.take(recipient))[nth]

    def sign_in(self, page: Page, name: str, password: str) -> None:
        page.goto(f"{self.url}/login")
        self.fill(page, name=name, password=password)
        self.press(page, "Sign in")

    def sign_out(self, page: Page) -> None:
        page.goto(f"{self.url}/logout")
        self.press(page, "Sign out")
        self.expect_in_menu(page, "Sign in")

    def expect_signed_in(self, page: Page) -> None:
        self.expect_in_menu(page, "Sign out")

    def expect_in_menu(self, page: Page, text: str) -> None:
        """See that the menu of the site has a link, whether it is open or not."""
        words = re.compile(f"^{re.escape(self.say(text))}$")
        expect(page.locator("#site-menu a").filter(has_text=words)).to_have_count(1)

    def comment(self, page: Page, text: str, name: str = "", email: str = "") -> None:
        """Comment on the post that is open; without JavaScript the page that asks once more comes between."""
        if name:
            self.fill(page, name=name, email=email)
            page.get_by_label(self.say("Email me about replies")).check()
        page.locator(".comment-form [name=text]").fill(text)
        if name and self.script:
            use_old_pass(page, self.home)
        self.press(page, "Post comment")
        if name and not self.script:
            expect(page.locator(".preview")).to_contain_text(text)
            use_old_pass(page, self.home)
            self.press(page, "Post comment")
        expect(page.locator(".comment .prose").get_by_text(text, exact=True)).to_be_visible()


@pytest.fixture
def journey(browser: Browser, tmp_path: Any, script: bool, size: str, language: str) -> Iterator[Journey]:
    port = free_port()
    address = {"QINGBO_ADDRESS": f"http://localhost:{port}"}  # without one no mail has a link
    with mail_server() as inbox, serve(tmp_path / "blog", port=port, environment=inbox.settings | address) as blog:
        journey = Journey(browser, blog, inbox, script, size, language)
        yield journey
        for context in journey.contexts:
            context.close()
        assert "Traceback" not in blog.output, blog.output


@pytest.mark.combinations
@pytest.mark.parametrize(("script", "size", "language"), COMBINATIONS)
def test_through_every_door(journey: Journey) -> None:
    root, ben, guest = journey.window(), journey.window(), journey.window()
    set_up(journey, root)
    register_by_invitation(journey, root, ben)
    address = write(journey, ben)
    talk(journey, ben, guest, address)
    reset_password(journey, ben)
    app = use_two_steps(journey, ben)
    if journey.script:
        use_passkey(journey, ben)
    sign_out_everywhere(journey, ben, app)


def set_up(journey: Journey, root: Page) -> None:
    root.goto(journey.setup_link)
    journey.fill(root, name="root", password=ROOT, repeated=ROOT)
    journey.press(root, "Create account")
    expect(root.get_by_role("heading", level=1)).to_have_text(journey.say("Settings"))
    journey.fill(root, title="A blog of two", posts_per_page="7")
    root.get_by_label(journey.say("Who can sign up")).select_option("invitation")
    journey.press(root, "Save")
    journey.expect_said(root, "Settings saved.")
    expect(root.locator(".brand")).to_have_text("A blog of two")


def register_by_invitation(journey: Journey, root: Page, ben: Page) -> None:
    journey.go(root, "Invitations")
    journey.fill(root, email="ben@example.com")
    journey.press(root, "Invite")
    journey.expect_said(root, "Pending invitations")

    ben.goto(f"{journey.url}/register")
    journey.expect_said(ben, "Sign-up is by invitation only.")
    ben.goto(journey.link_to("ben@example.com"))
    journey.fill(ben, name="Ben", password=BEN, repeated=BEN)
    journey.press(ben, "Sign up")
    journey.expect_said(ben, "We sent you an email. Open the link in it to confirm your address.")
    journey.sign_in(ben, "Ben", BEN)
    journey.expect_said(ben, "Your email is not confirmed yet. Check your inbox, or request a new confirmation email.")
    ben.goto(journey.link_to("ben@example.com"))
    journey.press(ben, "Confirm email")
    journey.expect_said(ben, "Your email is confirmed. You can now sign in.")
    journey.sign_in(ben, "ben@example.com", BEN)
    journey.expect_signed_in(ben)


def write(journey: Journey, ben: Page) -> str:
    journey.go(ben, "Write")
    journey.fill(ben, title="第一篇 First", text="写点什么。")
    journey.press(ben, "Publish")
    expect(ben.get_by_role("heading", level=1)).to_have_text("第一篇 First")
    return ben.url


def talk(journey: Journey, ben: Page, guest: Page, address: str) -> None:
    guest.goto(address)
    journey.comment(guest, "好问题？", name="Guest", email="guest@example.com")
    journey.expect_said(guest, "Pending approval")
    stranger = journey.window()
    stranger.goto(address)
    expect(stranger.locator(".comment")).to_have_count(0)

    ben.goto(f"{journey.url}/studio/comments")
    ben.get_by_role("button", name=f"{journey.say('Approve')} Guest").click()
    stranger.reload()
    expect(stranger.locator(".comment")).to_have_count(1)
    ben.goto(address)
    ben.get_by_role("link", name=f"{journey.say('Reply')} Guest").click()
    expect(ben.locator(".comment-form h3")).to_have_text(journey.say("Reply to %(name)s", name="Guest"))
    journey.comment(ben, "好答案！")

    text = journey.inbox.take("guest@example.com")
    assert "好答案！" in text
    link, stop = re.findall(r"http://\S+", text)
    guest = guest.context.new_page()  # as a mail program opens it
    guest.goto(link)
    guest.get_by_role("link", name=f"{journey.say('Reply')} Ben").click()
    journey.comment(guest, "多谢。", name="Guest", email="guest@example.com")
    stranger.goto(address)
    expect(stranger.locator(".comment.reply .prose")).to_have_text(["好答案！", "多谢。"])
    guest.goto(stop)
    journey.press(guest, "Unsubscribe from this conversation")
    journey.expect_said(guest, "You have been unsubscribed.")


def reset_password(journey: Journey, ben: Page) -> None:
    journey.sign_out(ben)
    ben.goto(f"{journey.url}/login")
    journey.go(ben, "Forgot your password?")
    journey.fill(ben, email="ben@example.com")
    journey.press(ben, "Send link")
    journey.expect_said(ben, "If there is an account with %(email)s, a link has been sent.", email="ben@example.com")
    ben.goto(journey.link_to("ben@example.com"))
    if journey.script:
        journey.press(ben, "Show password")
        expect(ben.locator("main [name=password]")).to_have_attribute("type", "text")
    journey.fill(ben, password=NEW, password_confirm=NEW)
    journey.press(ben, "Save")
    journey.sign_in(ben, "ben", BEN)
    journey.expect_said(ben, "Wrong username or password.")
    journey.sign_in(ben, "ben", NEW)
    journey.expect_signed_in(ben)


def use_two_steps(journey: Journey, ben: Page) -> pyotp.TOTP:
    ben.goto(f"{journey.url}/account/two-step")
    journey.press(ben, "Set up authenticator app")
    app = pyotp.TOTP(ben.locator("code.key").inner_text().replace("-", ""))
    expect(ben.locator("img.qr")).to_be_visible()
    fill_in_code(journey, ben, app)
    journey.press(ben, "Enable")
    expect(ben.locator("main .rows")).to_contain_text(journey.say("On"))
    journey.sign_out(ben)
    journey.sign_in(ben, "ben", NEW)
    fill_in_code(journey, ben, app)
    journey.press(ben, "Sign in")
    journey.expect_signed_in(ben)
    return app


def fill_in_code(journey: Journey, page: Page, app: pyotp.TOTP) -> None:
    """Fill in the present code, even if it was used before: the blog is made to forget that."""
    with closing(sqlite3.connect(DataFolder(journey.home).database)) as database, database:
        database.execute("UPDATE users SET totp_counter = NULL")
    journey.fill(page, code=app.now())


def use_passkey(journey: Journey, ben: Page) -> None:
    devtools = ben.context.new_cdp_session(ben)
    devtools.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = device | {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    ben.goto(f"{journey.url}/account/passkeys")
    journey.fill(ben, name="phone")
    journey.press(ben, "Add a passkey")
    expect(ben.locator("main .rows")).to_contain_text("phone")
    journey.sign_out(ben)
    ben.goto(f"{journey.url}/login")
    journey.go(ben, "Sign in with a passkey")
    journey.press(ben, "Use a passkey")
    journey.expect_signed_in(ben)


def sign_out_everywhere(journey: Journey, ben: Page, app: pyotp.TOTP) -> None:
    elsewhere = journey.window()
    elsewhere.goto(f"{journey.url}/login")
    journey.fill(elsewhere, name="ben", password=NEW)
    elsewhere.get_by_label(journey.say("Keep me signed in")).check()
    journey.press(elsewhere, "Sign in")
    fill_in_code(journey, elsewhere, app)
    journey.press(elsewhere, "Sign in")
    journey.expect_signed_in(elsewhere)
    ben.goto(f"{journey.url}/account/security")
    journey.press(ben, "Sign out of all devices")
    for page in (ben, elsewhere):
        page.goto(f"{journey.url}/")
        journey.expect_in_menu(page, "Sign in")
