"""Files that programs request from every site: robots.txt, the manifest, the icon, OpenSearch."""

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
from qingbo.sub_path import below

NOT_FOR_ROBOTS = (
    "/account$", "/account/", "/comments/", "/confirm$", "/confirm/", "/login$", "/login/", "/logout$", "/register$",
    "/register/", "/reset$", "/reset/", "/search?", "/studio/",
)  # fmt: skip
"""Pages that are of no use in search results. $ is the end of an address: a page may be /account-of-a-journey."""

SHORT_NAME = 16
"""Maximum characters of a search engine's name (OpenSearch 1.1), also used for the name below an icon on a phone."""

bp = Blueprint("machines", __name__)


@bp.get("/robots.txt")
def show_robots() -> Response:
    """Tell crawlers which pages to leave out, and where the sitemap is."""
    groups = [["User-agent: *", *(f"Disallow: {given_settings().path}{path}" for path in NOT_FOR_ROBOTS)]]
    if current_settings().ai_crawlers == "refuse":
        groups.append([*(f"User-agent: {name}" for name in AI_CRAWLERS), f"Disallow: {given_settings().path}/"])
    if given_settings().address:
        groups.append([f"Sitemap: {absolute_url('sitemap.show_sitemap')}"])
    text = "\n\n".join("\n".join(group) for group in groups)
    return with_whole_addresses(Response(f"{text}\n", mimetype="text/plain"))


@bp.get("/site.webmanifest")
def show_manifest() -> Response:
    """Describe the blog as an app for phones (W3C Web Application Manifest)."""
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
    """Redirect programs that request this address, such as feed readers, to the icon."""
    return redirect(_icons()[0]["src"])


@bp.get("/opensearch.xml")
def show_search() -> Response:
    """Describe the search to browsers (OpenSearch 1.1)."""
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
        return [
            {
                "src": below(given_settings().path, picture.address),
                "sizes": f"{picture.width}x{picture.height}",
                "type": picture.mimetype,
            }
        ]
    mark, sizes = url_for("static", filename="mark.svg"), f"{MARK_PIXELS}x{MARK_PIXELS}"
    return [
        {"src": url_for("static", filename=MARK), "sizes": sizes, "type": "image/png"},
        {"src": mark, "sizes": "any", "type": "image/svg+xml"},
    ]
