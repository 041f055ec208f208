"""Which stored page a request may get, by address and language only: nothing that clients can vary freely."""

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header, parse_cookie

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Key = tuple[str, str, str, str]
"""Scheme, path, query and language."""

KNOWN = ("after", "author", "kind", "newer", "older", "order", "part", "q", "reply", "tag", "v", "year")
"""The query fields that public pages read, in the views of `site` and `feeds`."""
FOLLOWING = ("fbclid", "gclid", "mc_cid", "mc_eid", "msclkid", "spm", "utm_")
"""Prefixes of tracking fields that other sites add to links, and that no page reads."""
LONGEST_QUERY = 500
LONGEST_REMEMBERED = 800
"""Longer headers are parsed each time."""
READ_METHODS = {"GET", "HEAD"}
UNSTORED = {"/healthz", "/healthz/live", "/healthz/ready", "/metrics"}
"""Paths that have to work even if the database does not answer."""


class Requests:
    """Derives the keys of stored pages from requests."""

    def __init__(
        self, languages: tuple[str, ...], language_cookie: str, private_cookies: tuple[str, ...], path: str = ""
    ) -> None:
        self._languages = languages
        self._language_cookie = language_cookie
        self._private_cookies = private_cookies
        self._path = path
        self._chosen = lru_cache(maxsize=1024)(self._read_cookies)
        self._spoken = lru_cache(maxsize=1024)(self._read_languages)

    def key_of(self, environ: "WSGIEnvironment") -> Key | None:
        """Return the key of the requested page, or None if the answer may be for one reader only."""
        if environ["REQUEST_METHOD"] not in READ_METHODS or environ.get("SCRIPT_NAME", "") != self._path:
            return None
        if environ["PATH_INFO"] in UNSTORED:
            return None
        query = environ.get("QUERY_STRING", "")
        language = self._language_of(environ)
        if language is None or (query and (query := known_query(query)) is None):
            return None
        return environ["wsgi.url_scheme"], environ["PATH_INFO"], query, language

    def _language_of(self, environ: "WSGIEnvironment") -> str | None:
        """Return the requested language, empty for the blog's default; None if a cookie identifies the reader."""
        if cookies := environ.get("HTTP_COOKIE"):
            chosen = self._chosen(cookies) if len(cookies) <= LONGEST_REMEMBERED else self._read_cookies(cookies)
            if chosen is None or chosen:
                return chosen
        spoken: str = environ.get("HTTP_ACCEPT_LANGUAGE", "")
        if not spoken:
            return ""
        return self._spoken(spoken) if len(spoken) <= LONGEST_REMEMBERED else self._read_languages(spoken)

    def _read_cookies(self, header: str) -> str | None:
        """Return the chosen language, empty if none is chosen; None if a cookie identifies the reader."""
        cookies = parse_cookie(header)
        if any(name in cookies for name in self._private_cookies):
            return None
        chosen = cookies.get(self._language_cookie, "")
        return chosen if chosen in self._languages else ""

    def _read_languages(self, header: str) -> str:
        return parse_accept_header(header, LanguageAccept).best_match(self._languages) or ""


def known_query(query: str) -> str | None:
    """Return a query sorted, without tracking fields; None if it is too long, or has an unknown or repeated field."""
    return _sorted(query) if len(query) <= LONGEST_QUERY else None


@lru_cache(maxsize=1024)
def _sorted(query: str) -> str | None:
    try:  # PEP 3333: each character is a byte
        fields = parse_qsl(query.encode("latin-1").decode(), keep_blank_values=True, errors="strict")
    except UnicodeError:
        return None
    fields = [(name, value) for name, value in fields if not name.startswith(FOLLOWING)]
    if any(name not in KNOWN for name, _value in fields) or len({name for name, _value in fields}) < len(fields):
        return None
    return urlencode(sorted(fields))
