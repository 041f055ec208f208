"""An HTTP client that reads pages of a served blog and sends their forms."""

import http.client
import re
from urllib.parse import urlencode, urlsplit

from served_blog import ServedBlog


class Client:
    """Cookies, and a new connection for each request: any worker may answer it."""

    def __init__(self, blog: ServedBlog, address: str = "192.0.2.1") -> None:
        self.netloc = urlsplit(blog.url).netloc
        self.headers = {"X-Forwarded-For": address, "Accept-Language": "en"}
        self.cookies: dict[str, str] = {}
        self.token = ""

    def get(self, path: str) -> str:
        """Return a page, keeping its cookies and the token of its form."""
        _status, page = self.ask("GET", path)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        self.token = found[1] if found else ""
        return page

    def send(self, path: str, **fields: str) -> int:
        """Send a form and return the status."""
        return self.ask("POST", path, urlencode(fields | {"csrf_token": self.token}))[0]

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self.netloc, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = self.headers | {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, page
