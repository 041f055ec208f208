"""A blog below a path, such as https://example.com/blog: the setting `address` names it.

Texts, settings and redirects have addresses of the blog without that path, such as /media/… and /posts/…, so that they
stay right when the blog moves. The path is added when something is sent. `url_for` adds it by itself.
"""

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from qingbo.rendering.absolute import with_changed_addresses

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LOADED = re.compile(r"""(url\(\s*["']?|@import\s+["'])(/[^\s"')]*)""")
"""An address in a stylesheet that begins with a slash."""


def below(path: str, address: str) -> str:
    """Return an address of the blog with the blog's path in front. Other addresses stay as they are.

    Args:
        path: such as ``/blog``, or empty.
        address: as texts and settings have it. One that begins with the path already stays as it is, too.
    """
    if not address.startswith("/") or address.startswith(("//", "/\\")):
        return address
    is_below = address == path or address.startswith(tuple(f"{path}{end}" for end in "/?#"))
    return address if is_below else f"{path}{address}"


def html_below(path: str, html: str) -> str:
    """Return HTML with the blog's path in front of the blog's own addresses."""
    return with_changed_addresses(html, lambda address: below(path, address)) if path else html


class SubPath:
    """Takes requests for a path, and for nothing else: the outer one of two layers around the app.

    It works behind a proxy that passes addresses on as they are, and behind one that removes the path and says so in
    X-Forwarded-Prefix (which `ProxyFix` has turned into SCRIPT_NAME).
    """

    def __init__(self, wsgi_app: "WSGIApplication", path: str, everywhere: Collection[str]) -> None:
        self._wsgi_app = wsgi_app
        self._path = path
        self._everywhere = everywhere
        """Paths for machines that ask this server directly: health and metrics."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass a request on, with the path in SCRIPT_NAME; redirect from / to the path; answer 404 to anything else."""
        asked = environ.get("PATH_INFO", "")
        if environ.get("SCRIPT_NAME") == self._path or asked in self._everywhere:
            return self._passed(environ, asked, start_response)
        if asked.startswith(f"{self._path}/"):
            return self._passed(environ, asked.removeprefix(self._path), start_response)
        if asked in {"", "/", self._path}:
            answer: Any = redirect(f"{self._path}/", 308)
        else:
            answer = Response(f"This blog is at {self._path}/\n", 404, mimetype="text/plain")
        return answer(environ, start_response)  # type: ignore[no-any-return]

    def _passed(self, environ: "WSGIEnvironment", path: str, start_response: "StartResponse") -> Iterable[bytes]:
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = self._path, path or "/"
        return self._wsgi_app(environ, start_response)


class AddressesBelow:
    """Adds the path to addresses in what the app sends: the inner layer, so that stored pages have it already."""

    def __init__(self, wsgi_app: "WSGIApplication", path: str) -> None:
        self._wsgi_app = wsgi_app
        self._path = path

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass a request on, and change redirects, HTML and stylesheets of the answer."""
        said: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            said[:] = [status, headers]
            return start_response(status, headers, error) if error else None

        answer = self._wsgi_app(environ, start)
        status, headers = said
        headers = [(name, below(self._path, value) if name.lower() == "location" else value) for name, value in headers]
        change = self._change_for({name.lower(): value for name, value in headers})
        if change is None:
            start_response(status, headers)
            return answer
        headers = [each for each in headers if each[0].lower() != "content-length"]
        body = b"".join(answer)
        if close := getattr(answer, "close", None):
            close()
        body = change(body.decode()).encode()
        if environ["REQUEST_METHOD"] != "HEAD" and not status.startswith("304"):
            headers.append(("Content-Length", str(len(body))))
        start_response(status, headers)
        return [body]

    def _change_for(self, headers: dict[str, str]) -> Any:
        if "content-encoding" in headers:
            return None
        match headers.get("content-type", "").partition(";")[0]:
            case "text/html":
                return lambda text: html_below(self._path, text)
            case "text/css":
                return lambda text: _LOADED.sub(lambda found: found[1] + below(self._path, found[2]), text)
        return None
