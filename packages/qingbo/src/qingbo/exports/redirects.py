"""Redirects in the language of nginx. Pure."""

from urllib.parse import quote


def location_of(path: str, target: str) -> str:
    """Return the lines that redirect a path permanently.

    nginx compares the decoded path with the first text. A `$` in the second would name a variable, so the target is
    percent-encoded (https://nginx.org/en/docs/http/ngx_http_core_module.html#location).
    """
    return f'location = "{_escaped(path)}" {{ return 301 "{quote(target, safe="/:?&=#%@!,;~+-._")}"; }}\n'


def _escaped(text: str) -> str:
    cleaned = "".join(letter for letter in text if letter.isprintable())
    return cleaned.replace("\\", "\\\\").replace('"', '\\"')
