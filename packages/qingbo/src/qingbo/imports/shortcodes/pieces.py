"""Writes the Markdown that shortcodes become. Pure functions."""

import re
from collections.abc import Sequence

ALERTS = {
    "note": "NOTE", "info": "NOTE", "primary": "NOTE", "default": "NOTE", "abstract": "NOTE", "question": "NOTE",
    "tip": "TIP", "success": "TIP", "hint": "TIP", "example": "TIP", "quote": "NOTE",
    "important": "IMPORTANT", "warning": "WARNING", "warn": "WARNING", "attention": "WARNING",
    "danger": "CAUTION", "error": "CAUTION", "caution": "CAUTION", "failure": "CAUTION", "bug": "CAUTION",
}  # fmt: skip
"""Kinds of notes in themes, and the alerts that they become."""


def code_block(code: str, language: str = "", title: str = "") -> str:
    """Return a fenced block whose fence is longer than any in the code."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    name = f' title="{title}"' if title and '"' not in title else ""
    language = re.sub(r"[^\w+#.-]", "", language)
    inside = code.strip("\n")
    return f"{fence}{language or ('text' if name else '')}{name}\n{inside}\n{fence}"


def picture(address: str, alt: str = "", title: str = "") -> str:
    """Return a picture; its title becomes its caption."""
    name = ' "' + title.replace('"', "'") + '"' if title else ""
    target = f"<{address}>" if re.search(r"[\s()]", address) else address
    return f"![{escaped(alt)}]({target}{name})"


def link(text: str, address: str) -> str:
    """Return a link."""
    target = f"<{address}>" if re.search(r"[\s()]", address) else address
    return f"[{escaped(text)}]({target})"


def quote(text: str, source: str = "") -> str:
    """Return a quotation with its source."""
    lines = text.strip("\n").split("\n")
    lines += ["", f"— {source}"] if source else []
    return "\n".join(f"> {line}".rstrip() for line in lines)


def alert(kind: str, text: str, title: str = "") -> str:
    """Return a note in a box."""
    name = ALERTS.get(kind.lower(), "NOTE")
    return quote(f"[!{name}]\n" + (f"**{title}**\n\n" if title else "") + text.strip("\n"))


def video(site: str, name: str) -> str:
    """Return the address of a video, which is shown as a player if it is alone in its paragraph."""
    if not re.fullmatch(r"[\w-]{1,40}", name):
        return ""
    if site == "bilibili":
        return f"https://www.bilibili.com/video/{name if name[:2].lower() in {'bv', 'av'} else f'av{name}'}"
    return {"youtube": f"https://www.youtube.com/watch?v={name}", "vimeo": f"https://vimeo.com/{name}"}.get(site, "")


def gist(words: Sequence[str]) -> str:
    """Return the address of a gist: its number, or user and number."""
    parts = [part for word in words[:2] for part in word.split("/") if part]
    number = next((part for part in parts if re.fullmatch(r"[0-9a-f]{5,40}", part)), "")
    if not number:
        return ""
    user = parts[0] if parts[0] != number and re.fullmatch(r"[\w-]+", parts[0]) else ""
    return f"https://gist.github.com/{user + '/' if user else ''}{number}"


def escaped(text: str) -> str:
    """Return a text that cannot end a link's text."""
    return re.sub(r"([\\\[\]])", r"\\\1", text)
