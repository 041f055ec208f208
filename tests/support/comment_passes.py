"""The pass of a guest's comment; the blog accepts it two seconds after issuing it."""

import re
import secrets
from datetime import timedelta
from pathlib import Path

import time_machine
from flask import Flask
from playwright.sync_api import Page, expect
from qingbo.clock import now
from qingbo.comments import passes
from qingbo.home import DataFolder

PASS = "form [name=started]"


def expect_pass(page: Page) -> None:
    """Wait until the form has its pass: a script fetches it, or it comes with the page that asks once more."""
    expect(page.locator(PASS)).to_have_value(re.compile("."))


def use_old_pass(page: Page, home: Path) -> None:
    """Wait until the form has its pass, and replace it by one of a minute ago: the guest has taken their time."""
    expect_pass(page)
    page.locator(PASS).evaluate("(field, old) => { field.value = old; }", _pass_of_a_minute_ago(home))


def wait_as_guests_do(page: Page) -> None:
    """Wait until the form has its pass, and then for as long as the blog asks for."""
    expect_pass(page)
    page.wait_for_timeout(1000 * passes.LEAST_SECONDS + 100)


def _pass_of_a_minute_ago(home: Path) -> str:
    app = Flask("passes")
    app.secret_key = DataFolder(home).secret_key()
    with app.app_context(), time_machine.travel(now() - timedelta(minutes=1), tick=False):
        return str(passes._serializer().dumps(secrets.token_hex(8)))
