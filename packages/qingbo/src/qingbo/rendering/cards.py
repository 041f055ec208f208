"""Marks addresses that are alone in a paragraph; pages show them as cards."""

import re

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from qingbo.rendering.card_links import MOST
from qingbo.rendering.links import normalised

_WEB = re.compile(r"https?://", re.IGNORECASE)


def mark_cards(state: StateCore) -> None:
    """Mark each top-level paragraph that consists of one address."""
    found: set[str] = set()
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if (
            opening.type == "paragraph_open"
            and opening.level == 0
            and (address := _only_address(inline.children or []))
        ):
            found.add(address)
            if len(found) > MOST:
                return
            opening.attrSet("class", "card-link")


def _only_address(tokens: list[Token]) -> str:
    shown = [token for token in tokens if token.type != "text" or token.content]
    if len(shown) != 3 or [token.type for token in shown] != ["link_open", "text", "link_close"]:
        return ""
    address, text = str(shown[0].attrs["href"]), shown[1].content
    is_its_own = address in {normalised(text), normalised(f"http://{text}")} and not shown[0].attrs.get("title")
    return address if is_its_own and _WEB.match(address) else ""
