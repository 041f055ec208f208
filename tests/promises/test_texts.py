"""Everything a reader sees is translated: no text in a template or form is outside the catalogue."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask_security.core import _default_messages as their_messages
from qingbo.accounts.messages import MESSAGES

SOURCE = Path(__file__).parents[2] / "packages/qingbo/src/qingbo"
TEMPLATES = sorted(SOURCE.glob("templates/**/*.html"))
SPOKEN = {"alt", "aria-label", "placeholder", "title"}
"""Attributes that are read out or shown."""

CODE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")

NEVER_SAID = {
    # Of doors that are shut: sign-in by mail or code, other providers, SMS, tokens, names and addresses their way.
    "CHANGE_EMAIL_CONFIRMED", "CHANGE_EMAIL_EXPIRED", "CHANGE_EMAIL_SENT", "CODE_HAS_BEEN_SENT", "CONFIRM_REGISTRATION",
    "EMAIL_ALREADY_ASSOCIATED", "EMAIL_NOT_PROVIDED", "FAILED_TO_SEND_CODE", "GENERIC_RECOVERY", "GENERIC_US_SIGNIN",
    "IDENTITY_ALREADY_ASSOCIATED", "IDENTITY_NOT_REGISTERED", "INVALID_CODE", "INVALID_EMAIL_ADDRESS",
    "INVALID_INPUT_LENGTH", "INVALID_LOGIN_TOKEN", "INVALID_PASSWORD_CODE", "LOGIN", "LOGIN_EMAIL_SENT",
    "LOGIN_EXPIRED", "OAUTH_HANDSHAKE_ERROR", "PASSWORDLESS_LOGIN_SUCCESSFUL", "PASSWORD_BREACHED",
    "PASSWORD_BREACHED_SITE_ERROR", "PASSWORD_INVALID_LENGTH", "PASSWORD_MISMATCH", "PASSWORD_RESET",
    "PASSWORD_TOO_SIMPLE",
    "PHONE_INVALID", "REFRESH", "REFRESH_TOKEN_INVALID", "USERNAME_ALREADY_ASSOCIATED", "USERNAME_CHANGE",
    "USERNAME_DISALLOWED_CHARACTERS", "USERNAME_INVALID_LENGTH", "USERNAME_NOT_PROVIDED", "USERNAME_RECOVERY_REQUEST",
    "USER_DOES_NOT_EXIST", "USE_CODE", "US_CURRENT_METHODS", "US_METHOD_NOT_AVAILABLE", "US_SETUP_EXPIRED",
    "US_SETUP_SUCCESSFUL", "US_SPECIFY_IDENTITY",
}  # fmt: skip


class Texts(HTMLParser):
    """Gathers what a page says by itself, once the parts that templates fill in are gone."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in SPOKEN and value and WORD.search(value)]

    def handle_data(self, data: str) -> None:
        if WORD.search(data):
            self.found.append(data.strip())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(SOURCE / "templates")))
def test_a_template_says_nothing_outside_the_catalogue(template: Path) -> None:
    texts = Texts()
    texts.feed(CODE.sub("", template.read_text()))
    assert texts.found == []


def test_forms_and_messages_say_nothing_outside_the_catalogue() -> None:
    """Words given to fields, to `flash` and to refusals go through `_`."""
    said_to = {"flash", "InputRefused", "NameTaken", "NotFound"}
    for path in SOURCE.glob("**/*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            first = node.args[0]
            if name in said_to or name.endswith("Field"):
                assert not isinstance(first, ast.Constant | ast.JoinedStr), f"{path.name}:{node.lineno}"


def test_every_message_of_flask_security_is_ours_or_never_said() -> None:
    assert set(their_messages) - set(MESSAGES) == NEVER_SAID
    assert not NEVER_SAID & set(MESSAGES)
