"""A mail server for tests that receives the blog's mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from awaiting import awaited
from database_servers import free_port


class Inbox:
    """Keeps the mails that arrive; refuses those to `refused@example.com` for now."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mails: list[EmailMessage] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Take a recipient, as aiosmtpd asks."""
        if address == "refused@example.com":
            return "451 Not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail, as aiosmtpd asks."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a blog that sends its mail here."""
        mail = {"HOST": "127.0.0.1", "PORT": str(self.port), "ENCRYPTION": "none", "FROM": "blog@example.com"}
        return {f"QINGBO_MAIL_{name}": value for name, value in mail.items()}

    def take(self, recipient: str) -> str:
        """Return the text of the next mail to somebody, waiting for it, and take it out."""

        def first() -> EmailMessage | None:
            return next((mail for mail in self.mails if mail["To"] == recipient), None)

        mail = awaited(first, said=lambda: f"no mail to {recipient}; there are {[mail['To'] for mail in self.mails]}")
        self.mails.remove(mail)
        return str(mail.get_content()).replace("\r\n", "\n")


@contextmanager
def mail_server(**options: Any) -> Iterator[Inbox]:
    """Run a mail server for the block."""
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=inbox.port, **options)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()
