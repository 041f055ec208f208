"""What machines ask every site for at fixed addresses: robots.txt, the manifest, the icon, how to search here."""

import json
from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from qingbo.addresses import absolute_url, with_whole_addresses
from qingbo.appearance.pictures import site_picture
from qingbo.languages import TAGS
from qingbo.rendering.characters import valid_in_xml
from qingbo.site.crawlers import AI_CRAWLERS
from qingbo.site.head import MARK, MARK_PIXELS
from qingbo.site_settings import current_settings, given_settings

NOT_FOR_ROBOTS = (
    "/account$", "/account/", "/comments/", "/confirm$", "/confirm/", "/login$", "/login/", "/logout$", "/register$",
    "/register/", "/reset$", "/reset/", "/search?", "/studio/",
)  # fmt: skip
"""Pages that nobody looks for. The $ is the end of an address: a page may be called /account-of-a-journey."""

SHORT_NAME = 16
"""Characters of the name of a search engine, and of what a phone shows below an icon (OpenSearch 1.1)."""

bp = Blueprint("machines", __name__)


@bp.get("/robots.txt")
def show_robots() -> Response:
    """Tell robots what is not for them, and where they find the rest."""
    groups = [["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]]
    if current_settings().ai_crawlers == "refuse":
        groups.append([*(f"User-agent: {name}" for name in AI_CRAWLERS), "Disallow: /"])
    if given_settings().address:
        groups.append([f"Sitemap: {absolute_url('sitemap.show_sitemap')}"])
    text = "\n\n".join("\n".join(group) for group in groups)
    return with_whole_addresses(Response(f"{text}\n", mimetype="text/plain"))


@bp.get("/site.webmanifest")
def show_manifest() -> Response:
    """Say what a phone shows of the blog among its programs (W3C Web Application Manifest)."""
    settings = current_settings()
    said: dict[str, Any] = {
        "name": settings.title,
        "short_name": settings.title[:SHORT_NAME],
        "lang": TAGS[settings.language],
        "start_url": url_for("site.show_home"),
        "scope": url_for("site.show_home"),
        "display": "minimal-ui",
        "icons": _icons(),
    }
    if settings.description:
        said["description"] = settings.description
    written = json.dumps(said, ensure_ascii=False)
    return with_whole_addresses(Response(written, mimetype="application/manifest+json"))


@bp.get("/favicon.ico")
def show_icon() -> AnyResponse:
    """Send programs that look here, such as feed readers, to the icon."""
    return redirect(_icons()[0]["src"])


@bp.get("/opensearch.xml")
def show_search() -> Response:
    """Say how browsers can search here (OpenSearch 1.1)."""
    settings = current_settings()
    body = render_template(
        "site/opensearch.xml",
        name=settings.title[:SHORT_NAME],
        description=settings.description or settings.title,
        search=f"{absolute_url('site.show_home')}search?q={{searchTerms}}",
        icons=_icons(),
    )
    return with_whole_addresses(Response(valid_in_xml(body), mimetype="application/opensearchdescription+xml"))


def _icons() -> list[dict[str, str]]:
    picture = site_picture(current_settings().favicon)
    if picture:
        return [{"src": picture.address, "sizes": f"{picture.width}x{picture.height}", "type": picture.mimetype}]
    mark, sizes = url_for("static", filename="mark.svg"), f"{MARK_PIXELS}x{MARK_PIXELS}"
    return [
        {"src": url_for("static", filename=MARK), "sizes": sizes, "type": "image/png"},
        {"src": mark, "sizes": "any", "type": "image/svg+xml"},
    ]
